-- A percentage lies within 0 and 100, and its numerator within its denominator.
SELECT indicator, unit, month, value, numerator, denominator
FROM mart.indicator_progress
JOIN core.indicators USING (indicator)
WHERE is_ratio
    AND (value NOT BETWEEN 0 AND 100 OR numerator NOT BETWEEN 0 AND denominator)
