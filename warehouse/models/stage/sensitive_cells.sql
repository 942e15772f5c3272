-- One row a sensitive indicator, dimension below the city, member of it (NULL = outside its code list) and month with a
-- value: what it adds up to, alone, in its year, and in its year so far. Every figure that the public may ask for by one
-- dimension is a sum of these. crossed: two dimensions together would give a small number away. In 7510 without a chain,
-- without a cluster, or with both are what the figures outside 7510, without a chain and without a cluster differ by.
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
),
ways_into_7510 AS (
    SELECT
        indicator,
        month,
        sum(CASE WHEN in_7510 = 'false' THEN numerator ELSE 0 END) AS none,
        sum(CASE WHEN chain IS NULL AND cluster IS NOT NULL THEN numerator ELSE 0 END) AS by_cluster,
        sum(CASE WHEN chain IS NOT NULL AND cluster IS NULL THEN numerator ELSE 0 END) AS by_chain,
        sum(CASE WHEN chain IS NOT NULL AND cluster IS NOT NULL THEN numerator ELSE 0 END) AS by_both
    FROM sensitive
    GROUP BY indicator, month
),
small_ways AS (
    SELECT
        indicator,
        month,
        none,
        by_cluster,
        by_cluster > 0 AND by_cluster <= small_number_maximum AS small_by_cluster,
        by_chain > 0 AND by_chain <= small_number_maximum AS small_by_chain,
        by_both > 0 AND by_both <= small_number_maximum AS small_by_both
    FROM ways_into_7510
    CROSS JOIN catalog.programme
)
SELECT
    cells.*,
    CASE
        WHEN dimension = 'in_7510' THEN member = 'false' AND (small_by_cluster OR small_by_chain OR small_by_both)
        WHEN member IS NOT NULL THEN FALSE
        -- Nothing outside 7510 is shown as zero, so that one of the other two has to be hidden.
        WHEN dimension = 'chain' THEN none = 0 AND (small_by_cluster OR small_by_both)
        ELSE none = 0 AND (small_by_chain OR (small_by_both AND by_cluster = 0))
    END AS crossed,
    CAST(sum(value) OVER of_year AS DECIMAL(38, 2)) AS year_total,
    CAST(sum(value) OVER (of_year ORDER BY month) AS DECIMAL(38, 2)) AS year_to_date
FROM cells
JOIN small_ways USING (indicator, month)
WHERE value > 0
WINDOW of_year AS (PARTITION BY indicator, dimension, member, year(month))
