-- One row a span: its value as the exact fraction dividend ÷ divisor, what is expected by now as another, and the state.
-- A sum is its own dividend; a ratio is a percentage and expects its target at every date.
WITH spans AS (
    SELECT
        spans.*,
        indicators.scope,
        indicators.comparison,
        indicators.is_ratio,
        totals.numerator,
        totals.denominator,
        coverage.expected_units,
        coverage.reported_units,
        coverage.late_units,
        totals.has_rows OR coverage.anything_reported AS has_report,
        span_targets.target,
        coalesce(span_targets.weight_to_date, spans.months_elapsed) AS weight_to_date,
        coalesce(span_targets.weight_total, spans.months_total) AS weight_total
    FROM stage.spans
    JOIN core.indicators USING (indicator)
    JOIN stage.totals
        ON totals.indicator = spans.indicator
        AND totals.month = spans.month
        AND coalesce(totals.unit, '') = coalesce(spans.unit, '')
    JOIN stage.coverage
        ON coverage.indicator = spans.indicator
        AND coverage.month = spans.month
        AND coalesce(coverage.unit, '') = coalesce(spans.unit, '')
    LEFT JOIN stage.span_targets
        ON span_targets.indicator = spans.indicator
        AND span_targets.month = spans.month
        AND coalesce(span_targets.unit, '') = coalesce(spans.unit, '')
),
stated AS (
    SELECT
        *,
        stage.value_state(has_report, is_ratio, numerator, denominator, expected_units) AS state
    FROM spans
)
SELECT
    *,
    state IN ('REPORTED', 'ZERO') AS has_value,
    CASE WHEN is_ratio THEN 100 * numerator ELSE numerator END AS dividend,
    CASE WHEN is_ratio THEN denominator ELSE 1 END AS divisor,
    CASE WHEN is_ratio THEN target ELSE target * weight_to_date END AS expected_dividend,
    CASE WHEN is_ratio THEN 1 ELSE weight_total END AS expected_divisor
FROM stated
