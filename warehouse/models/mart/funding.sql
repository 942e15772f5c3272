-- One row an indicator of money, unit (NULL = the whole city) and year: what the targets of the year cost at the
-- programme's rates, against what was paid through the last month with data, in yuan.
WITH latest AS (
    SELECT coalesce(max(period), min(months.month)) AS month
    FROM core.months
    LEFT JOIN core.ledger_reports ON ledger_reports.period = months.month
),
-- Of a year that is over its last month, of one to come its first.
through AS (
    SELECT DISTINCT
        year(months.month) AS year,
        least(
            greatest(latest.month, make_date(year(months.month), 1, 1)), make_date(year(months.month), 12, 1)
        ) AS month
    FROM core.months
    CROSS JOIN latest
),
-- The target that holds at the end of the year; of a unit its own share.
planned AS (
    SELECT
        costs.indicator,
        progress.unit,
        year(progress.month) AS year,
        CAST(CASE WHEN count(progress.target) = count(*) THEN sum(progress.target * costs.rate) END AS DECIMAL(18, 2))
            AS planned
    FROM catalog.planned_costs AS costs
    JOIN mart.indicator_progress AS progress ON progress.indicator = costs.counted_indicator
    WHERE month(progress.month) = 12
    GROUP BY costs.indicator, progress.unit, year(progress.month)
)
SELECT
    indicators.measure,
    progress.indicator,
    progress.unit,
    CAST(through.year AS INTEGER) AS year,
    progress.month AS through,
    planned.planned,
    CAST(progress.value AS DECIMAL(18, 2)) AS paid,
    stage.quotient(progress.value, planned.planned) AS paid_share,
    CASE
        WHEN indicators.unplanned_zh IS NOT NULL THEN indicators.unplanned_zh
        WHEN planned.planned IS NULL THEN '目标没有全部分解到本单位'
    END AS unplanned_zh,
    CASE
        WHEN indicators.unplanned_en IS NOT NULL THEN indicators.unplanned_en
        WHEN planned.planned IS NULL THEN 'not every target that the money depends on is handed down to the unit'
    END AS unplanned_en,
    progress.expected_units,
    progress.reported_units,
    progress.late_units
FROM mart.indicator_progress AS progress
JOIN through ON through.month = progress.month
JOIN catalog.indicators AS indicators ON indicators.code = progress.indicator AND indicators.unit = '元'
LEFT JOIN planned
    ON planned.indicator = progress.indicator
    AND planned.unit IS NOT DISTINCT FROM progress.unit
    AND planned.year = through.year
ORDER BY indicators.position, year, progress.unit NULLS FIRST
