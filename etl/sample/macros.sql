-- Helpers of the profile's expressions. Every draw hashes the event and the name of the draw: no state, the same
-- value wherever and in whatever order it is asked for, and from every version of DuckDB.

-- A number in [0, 1).
CREATE TEMP MACRO draw(event, what) AS
    ('0x' || substr(md5(event || '/' || what), 1, 8))::BIGINT / 4294967296.0;

-- A whole number from low to high, both included.
CREATE TEMP MACRO whole(event, low, high, what) AS
    low + floor(draw(event, what) * (high - low + 1))::BIGINT;

-- True in a share of the events.
CREATE TEMP MACRO chance(event, share, what) AS draw(event, what) < share;

-- One of a list.
CREATE TEMP MACRO pick(event, options, what) AS
    options[1 + floor(draw(event, what) * len(options))::BIGINT];

-- One of a word list of the profile.
CREATE TEMP MACRO word(event, list_name, what) AS pick(event, getvariable('words')[list_name], what);

-- One of a list, in proportion to the weights.
CREATE TEMP MACRO weighted(event, options, weights, what) AS
    options[1 + len(list_filter(
        list_transform(range(1, len(weights) + 1), lambda last: list_sum(weights[1:last])),
        lambda reached: reached <= draw(event, what) * list_sum(weights)
    ))];

-- A day of the month, from its day low to its day high.
CREATE TEMP MACRO day(event, first_day, low, high, what) AS
    first_day + (whole(event, low, high, what) - 1)::INTEGER;

-- An invented name that shows that it is one.
CREATE TEMP MACRO person(event, what) AS
    word(event, 'surname', what || ' surname') || word(event, 'given', what || ' given 1')
    || word(event, 'given', what || ' given 2') || '（示例）';

-- A sum or percentage that the programme fixes, from the catalog.
CREATE TEMP MACRO rate(rate_name) AS getvariable('rates')[rate_name];

-- A name for an enterprise's number, unique among the enterprises of a unit: the multiplier is prime, so the
-- pairs of words come in a scattered order, each once; a number follows when they are used up.
CREATE TEMP MACRO brand(words, number, shift) AS
    words[1 + ((number * 1009 + shift) % (len(words) * len(words))) // len(words)]
    || words[1 + (number * 1009 + shift) % len(words)]
    || CASE WHEN number < len(words) * len(words) THEN '' ELSE (number // (len(words) * len(words)))::VARCHAR END;

-- GB 32100: registration authority and kind, district, organisation code, check character.
CREATE TEMP MACRO code_sum(alphabet, code, weights) AS
    list_sum(list_transform(
        weights, lambda weight, place: weight * (strpos(alphabet, substr(code, place, 1)) - 1)
    ))::BIGINT;

-- Six characters of that alphabet from a hash.
CREATE TEMP MACRO letters(hash) AS
    array_to_string(list_transform(range(6), lambda place:
        substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + (('0x' || substr(hash, 1 + 2 * place, 2))::BIGINT % 31), 1)
    ), '');

-- GB 11714: the ninth character of an organisation code.
CREATE TEMP MACRO organisation_check(code) AS
    substr('0123456789X', 1 + (11 - code_sum(
        '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', code, [3, 7, 9, 10, 5, 8, 4, 2]
    ) % 11) % 11, 1);

CREATE TEMP MACRO credit_check(code) AS
    substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + (31 - code_sum(
        '0123456789ABCDEFGHJKLMNPQRTUWXY', code, [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    ) % 31) % 31, 1);
