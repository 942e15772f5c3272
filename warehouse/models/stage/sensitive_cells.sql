-- One row a sensitive indicator, dimension below the city, member of it (NULL = outside its code list) and month with a
-- value: what it adds up to, alone, in its year, and in its year so far. Every figure that the public may ask for by one
-- dimension is a sum of these.
WITH sensitive AS (
    SELECT
        indicator,
        unit,
        chain,
        cluster,
        CASE WHEN chain IS NOT NULL OR cluster IS NOT NULL THEN 'true' ELSE 'false' END AS in_7510,
        month,
        numerator
    FROM mart.indicator_monthly
    JOIN core.indicators USING (indicator)
    WHERE sensitive
),
members AS (
    SELECT indicator, 'unit' AS dimension, unit AS member, month, numerator FROM sensitive
    UNION ALL
    SELECT indicator, 'chain' AS dimension, chain AS member, month, numerator FROM sensitive
    UNION ALL
    SELECT indicator, 'cluster' AS dimension, cluster AS member, month, numerator FROM sensitive
    UNION ALL
    SELECT indicator, 'in_7510' AS dimension, in_7510 AS member, month, numerator FROM sensitive
),
cells AS (
    SELECT indicator, dimension, member, month, CAST(sum(numerator) AS DECIMAL(38, 2)) AS value
    FROM members
    GROUP BY indicator, dimension, member, month
)
SELECT
    *,
    CAST(sum(value) OVER of_year AS DECIMAL(38, 2)) AS year_total,
    CAST(sum(value) OVER (of_year ORDER BY month) AS DECIMAL(38, 2)) AS year_to_date
FROM cells
WHERE value > 0
WINDOW of_year AS (PARTITION BY indicator, dimension, member, year(month))
