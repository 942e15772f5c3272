-- One row a measure, indicator of money, unit and year: what was paid, in yuan.
SELECT
    indicators.measure,
    indicator,
    monthly.unit,
    CAST(year(monthly.month) AS INTEGER) AS year,
    CAST(sum(monthly.numerator) AS DECIMAL(18, 2)) AS paid
FROM mart.indicator_monthly AS monthly
JOIN core.indicators USING (indicator)
WHERE indicators.unit_of_measure = '元'
GROUP BY indicators.measure, indicator, monthly.unit, year(monthly.month)
ORDER BY indicator, monthly.unit, year
