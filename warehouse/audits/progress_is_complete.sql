-- mart.indicator_progress has exactly one row for each indicator, the city or a unit, and month.
WITH wanted AS (
    SELECT indicator, scopes.unit, months.month
    FROM core.indicators
    CROSS JOIN (SELECT unit FROM core.units UNION ALL SELECT NULL) AS scopes
    CROSS JOIN core.months
),
found AS (
    SELECT indicator, unit, month, count(*) AS times
    FROM mart.indicator_progress
    GROUP BY indicator, unit, month
)
SELECT
    coalesce(wanted.indicator, found.indicator) AS indicator,
    coalesce(wanted.unit, found.unit) AS unit,
    coalesce(wanted.month, found.month) AS month,
    coalesce(times, 0) AS times
FROM wanted
FULL JOIN found
    ON found.indicator = wanted.indicator
    AND coalesce(found.unit, '') = coalesce(wanted.unit, '')
    AND found.month = wanted.month
WHERE times IS DISTINCT FROM 1 OR wanted.indicator IS NULL
