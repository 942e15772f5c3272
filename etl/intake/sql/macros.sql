-- How the text of a cell becomes a value. Texts come after NFKC and without outer blanks; a text that means no
-- value of the kind becomes NULL.

-- A text is taken apart once (number_parts, date_parts); the values are made from its parts.

-- 12, 1,200, 1.5万, 12人: a number with thousands separators, a scale and a unit of the catalog behind it.
CREATE TEMP MACRO number_parts(t, units) AS
    regexp_extract(
        regexp_replace(t, '\s', '', 'g'),
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

-- A number is a spreadsheet's serial day when it is one of the decades around the programme; 2024.1 is no date.
CREATE TEMP MACRO date_value(t, parts, stored_as) AS
    CASE WHEN stored_as <> 'number'
         THEN TRY_CAST(parts.y || '-' || lpad(parts.m, 2, '0') || '-' || lpad(parts.d, 2, '0') AS DATE)
         WHEN regexp_full_match(t, '[34][0-9]{4}|5[0-4][0-9]{3}') THEN DATE '1899-12-30' + TRY_CAST(t AS INTEGER)
    END;

CREATE TEMP MACRO boolean_value(t, true_values, false_values) AS
    CASE WHEN lower(t) IN true_values THEN true WHEN lower(t) IN false_values THEN false END;

CREATE TEMP MACRO without_blanks(t) AS regexp_replace(t, '\s', '', 'g');

-- GB 32100-2015: weights 3^(i-1) modulo 31 over an alphabet without I, O, S, V and Z.
CREATE TEMP MACRO credit_code_digit(t, i) AS strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(t, i, 1)) - 1;

CREATE TEMP MACRO credit_code_sum(t) AS
    list_sum(list_transform(
        [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28],
        lambda weight, i: weight * credit_code_digit(t, i)
    ));

-- The code is given in capitals and without blanks.
CREATE TEMP MACRO credit_code_value(code, stored_as) AS
    CASE WHEN stored_as <> 'number'
          AND regexp_full_match(code, '[0-9A-HJ-NPQRTUWXY]{18}')
          AND credit_code_digit(code, 18) = (31 - credit_code_sum(code) % 31) % 31
         THEN code END;
