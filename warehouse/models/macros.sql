-- DuckDB divides decimals as doubles; here the division is done in whole millionths.
CREATE MACRO stage.millionths(amount) AS CAST(CAST(amount AS DECIMAL(38, 6)) * 1000000 AS HUGEINT);

-- dividend ÷ divisor to 6 decimals, rounded half up; NULL where the divisor is 0. Neither may be negative.
CREATE MACRO stage.quotient(dividend, divisor) AS CAST(
    (2000000 * stage.millionths(dividend) + stage.millionths(divisor))
    // nullif(2 * stage.millionths(divisor), 0) AS DECIMAL(38, 0)
) * 0.000001;

-- Why a value is what it is; only REPORTED and ZERO have one.
CREATE MACRO stage.value_state(has_report, is_ratio, numerator, denominator, expected_units) AS CASE
    WHEN has_report AND is_ratio AND denominator = 0 THEN 'NOT_APPLICABLE'
    WHEN has_report AND numerator = 0 THEN 'ZERO'
    WHEN has_report THEN 'REPORTED'
    WHEN expected_units = 0 THEN 'NOT_APPLICABLE'
    ELSE 'NOT_REPORTED'
END;

-- A number as people write it: 12, 2.5.
CREATE MACRO stage.plain(amount) AS rtrim(rtrim(CAST(CAST(amount AS DECIMAL(38, 2)) AS VARCHAR), '0'), '.');
