-- One row a span: its numerator and denominator so far, and whether any row stands behind them.
WITH monthly AS (
    SELECT indicator, unit, month, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM mart.indicator_monthly
    GROUP BY GROUPING SETS ((indicator, month, unit), (indicator, month))
)
SELECT
    spans.indicator,
    spans.unit,
    spans.month,
    coalesce(sum(monthly.numerator) OVER so_far, 0) AS numerator,
    coalesce(sum(monthly.denominator) OVER so_far, 0) AS denominator,
    count(monthly.indicator) OVER so_far > 0 AS has_rows
FROM stage.spans
LEFT JOIN monthly
    ON monthly.indicator = spans.indicator
    AND monthly.month = spans.month
    AND monthly.unit IS NOT DISTINCT FROM spans.unit
WINDOW so_far AS (PARTITION BY spans.indicator, spans.unit, spans.from_month ORDER BY spans.month)
