-- The city's figure is the sum of its units' figures, for every additive indicator and month.
SELECT
    indicator,
    month,
    sum(value) FILTER (unit IS NULL) AS city,
    sum(value) FILTER (unit IS NOT NULL) AS sum_of_units
FROM mart.indicator_progress
JOIN core.indicators USING (indicator)
WHERE NOT is_ratio
GROUP BY indicator, month
HAVING city IS DISTINCT FROM sum_of_units
