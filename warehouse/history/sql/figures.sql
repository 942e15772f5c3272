-- One row an indicator, unit (NULL = the whole city) and span of which value or state are not the same: each month
-- alone (`is_total` false), and each horizon through its last month (`is_total` true).
CREATE TEMP TABLE compared_figures AS
WITH totals_before AS (
    FROM earlier.mart.indicator_progress
    QUALIFY month = max(month) OVER (PARTITION BY indicator, from_month)
),
totals_after AS (
    FROM later.mart.indicator_progress
    QUALIFY month = max(month) OVER (PARTITION BY indicator, from_month)
),
figures_before AS (
    SELECT indicator, unit, month AS first_month, month, value, state, numerator, denominator, FALSE AS is_total
    FROM months_before
    UNION ALL BY NAME
    SELECT indicator, unit, from_month AS first_month, month, value, state, numerator, denominator, TRUE AS is_total
    FROM totals_before
),
figures_after AS (
    SELECT indicator, unit, month AS first_month, month, value, state, numerator, denominator, FALSE AS is_total
    FROM months_after
    UNION ALL BY NAME
    SELECT indicator, unit, from_month AS first_month, month, value, state, numerator, denominator, TRUE AS is_total
    FROM totals_after
)
SELECT
    coalesce(later.is_total, earlier.is_total) AS is_total,
    coalesce(later.indicator, earlier.indicator) AS indicator,
    coalesce(later.unit, earlier.unit) AS unit,
    coalesce(later.first_month, earlier.first_month) AS first_month,
    coalesce(later.month, earlier.month) AS last_month,
    earlier.value AS value_before,
    earlier.state AS state_before,
    earlier.numerator AS numerator_before,
    earlier.denominator AS denominator_before,
    later.value AS value_after,
    later.state AS state_after,
    later.numerator AS numerator_after,
    later.denominator AS denominator_after
FROM figures_before AS earlier
FULL JOIN figures_after AS later
    ON later.is_total = earlier.is_total
    AND later.indicator = earlier.indicator
    AND later.month = earlier.month
    AND coalesce(later.unit, '') = coalesce(earlier.unit, '')
-- A state that is not told on one side is no difference: of an indicator or unit that its catalog does not know, or of
-- single months in old publications.
WHERE earlier.value IS DISTINCT FROM later.value
    OR coalesce(earlier.state <> later.state, FALSE)
    OR earlier.numerator IS DISTINCT FROM later.numerator
    OR earlier.denominator IS DISTINCT FROM later.denominator
