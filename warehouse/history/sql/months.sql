-- What each month alone comes to where a publication has no mart.indicator_status: months with rows, without states.
SELECT
    indicator,
    unit,
    month,
    CASE
        WHEN NOT is_ratio THEN CAST(sum(numerator) AS DECIMAL(38, 6))
        ELSE CAST(100 * sum(numerator) / nullif(sum(denominator), 0) AS DECIMAL(38, 6))
    END AS value,
    CAST(NULL AS VARCHAR) AS state,
    CASE WHEN is_ratio THEN sum(numerator) END AS numerator,
    CASE WHEN is_ratio THEN sum(denominator) END AS denominator
FROM {database}.mart.indicator_monthly
JOIN {database}.core.indicators USING (indicator)
GROUP BY GROUPING SETS ((indicator, is_ratio, month, unit), (indicator, is_ratio, month))
