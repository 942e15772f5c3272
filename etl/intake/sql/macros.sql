-- How the text of a cell becomes a value. A text that means no value of the kind becomes NULL.
-- nfkc(t) is a function of the connection (etl.intake.connection).

-- Blanks of any script, and what takes no room at all: pasted from a page, it stands where nobody sees it.
CREATE TEMP MACRO without_blanks(t) AS regexp_replace(
    t, '[\s\x{0B}\x{85}\x{AD}\x{1680}\x{200B}-\x{200D}\x{2028}\x{2029}\x{2060}\x{FEFF}]', '', 'g'
);

-- The form in which names are compared.
CREATE TEMP MACRO folded(t) AS lower(without_blanks(nfkc(t)));

CREATE TEMP MACRO trimmed(t) AS trim(t, concat(' ', chr(9), chr(10), chr(13), chr(160), chr(12288), chr(65279)));

-- What is typed, as it is typed or after NFKC; NULL for a word that means "no value".
CREATE TEMP MACRO present_text(t, absent) AS
    CASE WHEN list_contains(absent, folded(t)) THEN NULL ELSE nullif(trimmed(t), '') END;

-- NFKC would make 12 and its footnote one number of 12① or 12²; m² is a unit of area.
CREATE TEMP MACRO with_notes_apart(t) AS regexp_replace(
    t, '(^|[^mM])([²³¹\x{2070}-\x{2079}\x{2080}-\x{2089}\x{2460}-\x{2473}\x{24EA}\x{3251}-\x{325F}\x{32B1}-\x{32BF}])', '\1〔\2〕', 'g'
);

CREATE TEMP MACRO present_value(t, absent) AS
    CASE WHEN list_contains(absent, folded(t)) THEN NULL ELSE nullif(trimmed(nfkc(with_notes_apart(t))), '') END;

-- A text is taken apart once (number_parts, date_parts); the values are made from its parts.

-- A blank between digits separates thousands (1 200); any other (1 2) may stand for anything. Twice: matches may not overlap.
CREATE TEMP MACRO with_commas(t) AS
    regexp_replace(regexp_replace(t, '([0-9])\s+([0-9])', '\1,\2', 'g'), '([0-9])\s+([0-9])', '\1,\2', 'g');

-- 12, 1,200, 1.5万, 12人: a number with thousands separators, a scale and a unit of the catalog behind it.
CREATE TEMP MACRO number_parts(t, units) AS
    regexp_extract(
        without_blanks(with_commas(t)),
        '^([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)([百千万亿]?)(' || units || ')?$',
        ['digits', 'scale', 'unit']
    );

CREATE TEMP MACRO number_value(parts) AS
    TRY_CAST(replace(parts.digits, ',', '') AS DECIMAL(30, 6))
    * CASE parts.scale WHEN '百' THEN 100 WHEN '千' THEN 1000 WHEN '万' THEN 10000 WHEN '亿' THEN 100000000 ELSE 1 END;

CREATE TEMP MACRO integer_value(parts) AS
    CASE WHEN number_value(parts) = trunc(number_value(parts)) THEN TRY_CAST(number_value(parts) AS BIGINT) END;

-- Where header and cell both name a unit of money, the cell is meant.
CREATE TEMP MACRO yuan_value(parts, factor) AS
    TRY_CAST(
        number_value(parts) * CASE WHEN parts.scale = '' AND parts.unit = '' THEN factor ELSE 1 END AS DECIMAL(18, 2)
    );

-- 50, 50%, and 0.5 as a spreadsheet stores 50 %.
CREATE TEMP MACRO percent_value(parts) AS
    TRY_CAST(
        CASE WHEN parts.unit = '' AND number_value(parts) BETWEEN 0 AND 1 THEN number_value(parts) * 100
             ELSE number_value(parts) END
        AS DECIMAL(9, 4)
    );

CREATE TEMP MACRO date_parts(t) AS
    regexp_extract(
        t,
        '^([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?(?:[\sT]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?$',
        ['y', 'm', 'd']
    );

CREATE TEMP MACRO calendar_day(y, m, d) AS TRY_CAST(y || '-' || lpad(m, 2, '0') || '-' || lpad(d, 2, '0') AS DATE);

-- A number is a spreadsheet's serial day when it is one of the decades around the programme; 2024.1 is no date.
CREATE TEMP MACRO date_value(t, parts, stored_as, date1904) AS
    CASE WHEN stored_as IS DISTINCT FROM 'number' THEN calendar_day(parts.y, parts.m, parts.d)
         WHEN regexp_full_match(t, '[34][0-9]{4}|5[0-4][0-9]{3}')
         THEN CASE WHEN date1904 THEN DATE '1904-01-01' ELSE DATE '1899-12-30' END + TRY_CAST(t AS INTEGER)
    END;

-- 2024.3.5—3.6, 2024年3月5日至7日, 2024-03-05 ~ 2024-04-01: what the second date leaves out is the first's.
CREATE TEMP MACRO date_range_parts(t) AS
    regexp_extract(
        without_blanks(t),
        '^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:--?|[—–―~～〜至到])+(?:(?:([0-9]{4})[-/.年])?([0-9]{1,2})[-/.月])?([0-9]{1,2})日?$',
        ['y', 'm', 'd', 'y2', 'm2', 'd2']
    );

CREATE TEMP MACRO begins_range(t) AS
    regexp_matches(without_blanks(t), '^[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[-—–―~～〜至到]');

CREATE TEMP MACRO range_end(r) AS calendar_day(coalesce(nullif(r.y2, ''), r.y), coalesce(nullif(r.m2, ''), r.m), nullif(r.d2, ''));

CREATE TEMP MACRO range_start(r) AS CASE WHEN range_end(r) IS NOT NULL THEN calendar_day(r.y, r.m, r.d) END;
