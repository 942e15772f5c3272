-- One row an indicator, unit (NULL = the whole city) and month: the value from from_month through the month, against the
-- target. The city's row of a county-scope indicator is the sum of the units' values, and judged by the units that have
-- reached their target.
WITH judged AS (
    SELECT
        judgements.*,
        county.units_done,
        county.units_judged,
        county.slowest_pace,
        county.indicator IS NOT NULL AS by_counties
    FROM stage.judgements
    LEFT JOIN stage.county_judgements AS county
        ON county.indicator = judgements.indicator
        AND county.month = judgements.month
        AND judgements.unit IS NULL
)
SELECT
    indicator,
    unit,
    month,
    from_month,
    CASE WHEN has_value THEN stage.quotient(dividend, divisor) END AS value,
    state,
    CAST(
        CASE
            WHEN by_counties AND has_value THEN units_done
            WHEN is_ratio AND has_report THEN numerator
        END AS DECIMAL(38, 2)
    ) AS numerator,
    CAST(
        CASE
            WHEN by_counties AND has_value THEN units_judged
            WHEN is_ratio AND has_report THEN denominator
        END AS DECIMAL(38, 2)
    ) AS denominator,
    target,
    stage.quotient(expected_dividend, expected_divisor) AS expected_to_date,
    CASE
        WHEN NOT has_value THEN NULL
        WHEN by_counties THEN stage.quotient(units_done, units_judged)
        ELSE stage.quotient(dividend, target * divisor)
    END AS attainment,
    CASE WHEN has_value AND NOT by_counties THEN target - stage.quotient(dividend, divisor) END AS gap,
    CASE
        WHEN NOT by_counties OR pace IN ('NO_TARGET', 'NOT_REPORTED') THEN pace
        WHEN units_done = units_judged THEN 'DONE'
        ELSE slowest_pace
    END AS pace,
    CASE
        WHEN NOT has_value THEN NULL
        WHEN is_ratio THEN stage.quotient(dividend, divisor)
        ELSE stage.quotient(dividend * weight_total, weight_to_date)
    END AS forecast,
    expected_units,
    reported_units,
    late_units
FROM judged
ORDER BY indicator, month, unit NULLS FIRST
