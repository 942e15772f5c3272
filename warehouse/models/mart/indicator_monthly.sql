-- One row an indicator, unit, chain, cluster and month in which at least one row counts; add up numerators and
-- denominators, never ratios.
SELECT
    indicator,
    unit,
    chain,
    cluster,
    month,
    CAST(sum(numerator) AS DECIMAL(38, 2)) AS numerator,
    CAST(sum(denominator) AS DECIMAL(38, 2)) AS denominator
FROM mart.indicator_contributions
GROUP BY indicator, unit, chain, cluster, month
ORDER BY indicator, unit, chain, cluster, month
