-- One row a sensitive indicator, month and place with a value. Places are the finest that the public could tell apart: a
-- unit; or a chain with a cluster (NULL = outside its code list), which make out what lies in 7510.
WITH sensitive AS (
    SELECT indicator, unit, chain, cluster, month, numerator
    FROM mart.indicator_monthly
    JOIN core.indicators USING (indicator)
    WHERE sensitive
),
places AS (
    SELECT
        indicator,
        'unit' AS kind,
        unit AS place,
        CAST(NULL AS VARCHAR) AS chain,
        CAST(NULL AS VARCHAR) AS cluster,
        month,
        numerator
    FROM sensitive
    UNION ALL
    SELECT
        indicator,
        'chain and cluster',
        coalesce(chain, '') || '/' || coalesce(cluster, ''),
        chain,
        cluster,
        month,
        numerator
    FROM sensitive
)
SELECT indicator, kind, place, chain, cluster, month, CAST(sum(numerator) AS DECIMAL(38, 2)) AS value
FROM places
GROUP BY indicator, kind, place, chain, cluster, month
HAVING sum(numerator) > 0
