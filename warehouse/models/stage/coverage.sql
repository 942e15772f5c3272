-- One row a span: of how many units reports are expected, how many of these have reported each month that they owe, and
-- how many of these were late with one.
WITH units AS (
    SELECT
        spans.indicator,
        spans.unit,
        spans.month,
        bool_or(is_expected) OVER so_far AS expected,
        bool_and(all_ledgers OR NOT is_expected) OVER so_far AS complete,
        bool_or(is_late AND is_expected) OVER so_far AS late,
        bool_or(any_ledger) OVER so_far AS anything_reported
    FROM stage.spans
    JOIN stage.unit_reports USING (indicator, unit, month)
    WINDOW so_far AS (PARTITION BY spans.indicator, spans.unit, spans.from_month ORDER BY spans.month)
)
SELECT
    indicator,
    unit,
    month,
    CAST(count(*) FILTER (expected) AS INTEGER) AS expected_units,
    CAST(count(*) FILTER (expected AND complete) AS INTEGER) AS reported_units,
    CAST(count(*) FILTER (expected AND complete AND late) AS INTEGER) AS late_units,
    bool_or(anything_reported) AS anything_reported
FROM units
GROUP BY GROUPING SETS ((indicator, month, unit), (indicator, month))
