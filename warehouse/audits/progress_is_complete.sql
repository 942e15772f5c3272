-- mart.indicator_progress has exactly one row for each indicator, the city or a unit, and month.
WITH wanted AS (
    SELECT indicator, scopes.unit, months.month
    FROM core.indicators
    CROSS JOIN (SELECT unit FROM core.units UNION ALL SELECT NULL) AS scopes
    CROSS JOIN core.months
)
SELECT indicator, unit, month, 'missing' AS problem
FROM (SELECT indicator, unit, month FROM wanted EXCEPT SELECT indicator, unit, month FROM mart.indicator_progress)
UNION ALL
SELECT indicator, unit, month, 'not wanted, or twice' AS problem
FROM (SELECT indicator, unit, month FROM mart.indicator_progress EXCEPT ALL SELECT indicator, unit, month FROM wanted)
