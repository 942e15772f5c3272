-- DuckDB divides decimals as doubles; here the division is done in whole millionths.
CREATE MACRO stage.millionths(amount) AS CAST(CAST(amount AS DECIMAL(38, 6)) * 1000000 AS HUGEINT);

-- dividend ÷ divisor to 6 decimals, rounded half up; NULL where the divisor is 0. Neither may be negative.
CREATE MACRO stage.quotient(dividend, divisor) AS CAST(
    (2000000 * stage.millionths(dividend) + stage.millionths(divisor))
    // nullif(2 * stage.millionths(divisor), 0) AS DECIMAL(38, 0)
) * 0.000001;
