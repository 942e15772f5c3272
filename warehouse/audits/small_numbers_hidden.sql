-- Below the city level every small number of a sensitive indicator has a swap that hides it, where the city's figures
-- and the zeros leave it open at all, and every swap could have happened.
WITH cells AS (
    SELECT
        *,
        -- What could take or give one in the same month.
        count(*) OVER of_month - 1 AS others
    FROM stage.sensitive_cells
    WINDOW of_month AS (PARTITION BY indicator, dimension, month)
),
unhidden AS (
    SELECT indicator, dimension, member, month, 'not hidden' AS problem
    FROM cells
    CROSS JOIN catalog.programme
    WHERE (value <= programme.small_number_maximum OR crossed)
        AND others > 0
        AND NOT EXISTS (
            SELECT 1
            FROM mart.small_number_swaps AS swaps
            WHERE swaps.indicator = cells.indicator
                AND swaps.dimension = cells.dimension
                AND swaps.member IS NOT DISTINCT FROM cells.member
                AND swaps.month = cells.month
        )
),
corners AS (
    SELECT
        swaps.*,
        here.value,
        partner.value AS partner_value,
        back.value AS value_back,
        partner_back.value AS partner_value_back,
        (
            SELECT sum(between_them.value)
            FROM stage.sensitive_cells AS between_them
            WHERE between_them.indicator = swaps.indicator
                AND between_them.dimension = swaps.dimension
                AND between_them.member IS NOT DISTINCT FROM swaps.member
                AND between_them.month BETWEEN least(swaps.month, swaps.partner_month)
                    AND greatest(swaps.month, swaps.partner_month)
        ) AS value_between
    FROM mart.small_number_swaps AS swaps
    LEFT JOIN stage.sensitive_cells AS here
        ON here.indicator = swaps.indicator AND here.dimension = swaps.dimension
        AND here.member IS NOT DISTINCT FROM swaps.member AND here.month = swaps.month
    LEFT JOIN stage.sensitive_cells AS partner
        ON partner.indicator = swaps.indicator AND partner.dimension = swaps.dimension
        AND partner.member IS NOT DISTINCT FROM swaps.partner AND partner.month = swaps.month
    LEFT JOIN stage.sensitive_cells AS back
        ON back.indicator = swaps.indicator AND back.dimension = swaps.dimension
        AND back.member IS NOT DISTINCT FROM swaps.member AND back.month = swaps.partner_month
    LEFT JOIN stage.sensitive_cells AS partner_back
        ON partner_back.indicator = swaps.indicator AND partner_back.dimension = swaps.dimension
        AND partner_back.member IS NOT DISTINCT FROM swaps.partner AND partner_back.month = swaps.partner_month
),
impossible AS (
    SELECT indicator, dimension, member, month, 'a swap that cannot be' AS problem
    FROM corners
    CROSS JOIN catalog.programme
    WHERE member IS NOT DISTINCT FROM partner
        OR NOT coalesce(
            CASE WHEN partner_month IS NULL
                THEN value >= 1 AND partner_value >= 1
                ELSE ((partner_value >= 2 AND value_back >= 2 AND value >= 1 AND partner_value_back >= 1)
                    OR (value >= 2 AND partner_value_back >= 2 AND partner_value >= 1 AND value_back >= 1))
                    AND value_between > programme.small_number_maximum
            END,
            FALSE
        )
)
FROM unhidden
UNION ALL
FROM impossible
