-- The city's figure at the end of a span is what the counted rows of the span add up to.
WITH months AS (
    SELECT indicator, month, sum(numerator) AS numerator
    FROM mart.indicator_contributions
    GROUP BY indicator, month
),
behind AS (
    SELECT progress.indicator, progress.month, sum(months.numerator) AS numerator
    FROM mart.indicator_progress AS progress
    JOIN months
        ON months.indicator = progress.indicator
        AND months.month BETWEEN progress.from_month AND progress.month
    WHERE progress.unit IS NULL
    GROUP BY progress.indicator, progress.month
)
SELECT progress.indicator, progress.month, progress.value, behind.numerator
FROM mart.indicator_progress AS progress
JOIN core.indicators USING (indicator)
LEFT JOIN behind ON behind.indicator = progress.indicator AND behind.month = progress.month
WHERE progress.unit IS NULL
    AND NOT is_ratio
    AND coalesce(progress.value, 0) <> coalesce(behind.numerator, 0)
