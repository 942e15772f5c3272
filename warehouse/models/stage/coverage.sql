-- One row a span: of how many units reports are expected, how many of these have reported each month that they owe, and
-- how many of these were late with one.
WITH reports AS (
    SELECT spans.from_month, unit_reports.*
    FROM stage.spans
    JOIN stage.unit_reports USING (indicator, unit, month)
),
-- From a month on a unit owes something, has missed something, was late, or has given anything.
first_months AS (
    SELECT
        indicator,
        unit,
        from_month,
        min(month) FILTER (is_expected) AS expected_from,
        min(month) FILTER (is_expected AND NOT all_ledgers) AS incomplete_from,
        min(month) FILTER (is_expected AND is_late) AS late_from,
        min(month) FILTER (any_ledger) AS reported_from
    FROM reports
    GROUP BY indicator, unit, from_month
),
units AS (
    SELECT
        indicator,
        unit,
        month,
        coalesce(expected_from <= month, FALSE) AS expected,
        coalesce(incomplete_from > month, TRUE) AS complete,
        coalesce(late_from <= month, FALSE) AS late,
        coalesce(reported_from <= month, FALSE) AS anything_reported
    FROM reports
    JOIN first_months USING (indicator, unit, from_month)
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
