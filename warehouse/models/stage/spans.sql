-- One row an indicator, unit (NULL = the whole city) and month: the span that ends with the month.
WITH scopes AS (
    SELECT unit FROM core.units
    UNION ALL
    SELECT NULL
),
spans AS (
    SELECT
        indicators.indicator,
        scopes.unit,
        months.month,
        CASE indicators.horizon
            WHEN 'annual' THEN CAST(date_trunc('year', months.month) AS DATE)
            ELSE programme.first_month
        END AS from_month
    FROM core.indicators
    CROSS JOIN scopes
    CROSS JOIN core.months
    CROSS JOIN catalog.programme
)
SELECT
    *,
    row_number() OVER (horizon ORDER BY month) AS months_elapsed,
    count(*) OVER horizon AS months_total
FROM spans
WINDOW horizon AS (PARTITION BY indicator, unit, from_month)
