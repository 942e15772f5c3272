-- One row an indicator, unit (NULL = the whole city) and month: the value of this month alone, why it is what it is, and
-- who owed, gave, gave late or declared nil the indicator's ledgers of the month.
WITH reports AS (
    SELECT
        unit_reports.*,
        is_expected AND all_ledgers AS is_reported
    FROM stage.unit_reports
),
coverage AS (
    SELECT
        indicator,
        unit,
        month,
        CAST(count(*) FILTER (is_expected) AS INTEGER) AS expected_units,
        CAST(count(*) FILTER (is_reported) AS INTEGER) AS reported_units,
        CAST(count(*) FILTER (is_reported AND is_late) AS INTEGER) AS late_units,
        CAST(count(*) FILTER (is_reported AND all_nil) AS INTEGER) AS nil_units,
        bool_or(any_ledger) AS anything_reported
    FROM reports
    GROUP BY GROUPING SETS ((indicator, month, unit), (indicator, month))
),
totals AS (
    SELECT indicator, unit, month, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM mart.indicator_monthly
    GROUP BY GROUPING SETS ((indicator, month, unit), (indicator, month))
),
figures AS (
    SELECT
        coverage.*,
        indicators.is_ratio,
        coalesce(totals.numerator, 0) AS numerator,
        coalesce(totals.denominator, 0) AS denominator,
        totals.indicator IS NOT NULL OR coverage.anything_reported AS has_report
    FROM coverage
    JOIN core.indicators USING (indicator)
    LEFT JOIN totals
        ON totals.indicator = coverage.indicator
        AND totals.month = coverage.month
        AND totals.unit IS NOT DISTINCT FROM coverage.unit
),
stated AS (
    SELECT
        *,
        stage.value_state(has_report, is_ratio, numerator, denominator, expected_units) AS state
    FROM figures
)
SELECT
    indicator,
    unit,
    month,
    CASE
        WHEN state NOT IN ('REPORTED', 'ZERO') THEN NULL
        WHEN is_ratio THEN stage.quotient(100 * numerator, denominator)
        ELSE stage.quotient(numerator, 1)
    END AS value,
    state,
    CAST(CASE WHEN is_ratio AND has_report THEN numerator END AS DECIMAL(38, 2)) AS numerator,
    CAST(CASE WHEN is_ratio AND has_report THEN denominator END AS DECIMAL(38, 2)) AS denominator,
    expected_units,
    reported_units,
    late_units,
    nil_units
FROM stated
ORDER BY indicator, month, unit NULLS FIRST
