-- One row a span, judged by itself: all comparisons multiply out the fractions, so that no rounding decides a pace.
WITH compared AS (
    SELECT
        *,
        10 * dividend * expected_divisor AS tenfold_value,
        expected_dividend * divisor AS expected_value,
        CASE comparison
            WHEN 'at_most' THEN months_elapsed = months_total AND dividend <= target * divisor
            ELSE dividend >= target * divisor
        END AS is_done
    FROM stage.figures
)
SELECT
    *,
    CASE
        WHEN target IS NULL THEN 'NO_TARGET'
        WHEN NOT has_value THEN 'NOT_REPORTED'
        WHEN is_done THEN 'DONE'
        WHEN comparison = 'at_most' THEN CASE
            WHEN tenfold_value <= 9 * expected_value THEN 'AHEAD'
            WHEN tenfold_value <= 11 * expected_value THEN 'ON_TRACK'
            ELSE 'BEHIND'
        END
        WHEN tenfold_value >= 11 * expected_value THEN 'AHEAD'
        WHEN tenfold_value >= 9 * expected_value THEN 'ON_TRACK'
        ELSE 'BEHIND'
    END AS pace
FROM compared
