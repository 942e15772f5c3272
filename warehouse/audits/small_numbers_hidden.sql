-- Below the city level every small number of a sensitive indicator has a swap that hides it, where the figures by one
-- dimension do not leave it open anyway; every swap could have happened, and all that it would change is told.
WITH changes AS (
    SELECT
        swaps.*,
        here.dimension,
        here.public,
        here.member,
        there.member AS partner_member,
        here.cell AS here,
        there.cell AS there,
        here_back.cell AS here_back,
        there_back.cell AS there_back
    FROM stage.place_swaps AS swaps
    LEFT JOIN stage.sensitive_figures AS here
        ON here.indicator = swaps.indicator AND here.place = swaps.place AND here.month = swaps.month
    LEFT JOIN stage.sensitive_figures AS there
        ON there.indicator = swaps.indicator AND there.place = swaps.partner AND there.month = swaps.month
        AND there.dimension = here.dimension
    LEFT JOIN stage.sensitive_figures AS here_back
        ON here_back.indicator = swaps.indicator AND here_back.place = swaps.place
        AND here_back.month = swaps.partner_month
        AND here_back.dimension = here.dimension
    LEFT JOIN stage.sensitive_figures AS there_back
        ON there_back.indicator = swaps.indicator AND there_back.place = swaps.partner
        AND there_back.month = swaps.partner_month
        AND there_back.dimension = here.dimension
    WHERE here.member IS DISTINCT FROM there.member OR here.place IS NULL OR there.place IS NULL
),
-- A figure of a month is hidden by a swap of that month, and by one that goes back where both months have more than few.
hidden AS (
    SELECT DISTINCT changes.indicator, changes.dimension, changes.member, changes.month
    FROM changes
    CROSS JOIN catalog.programme
    LEFT JOIN stage.sensitive_cells AS between_them
        ON between_them.indicator = changes.indicator
        AND between_them.dimension = changes.dimension
        AND between_them.member IS NOT DISTINCT FROM changes.member
        AND between_them.month BETWEEN least(changes.month, changes.partner_month)
            AND greatest(changes.month, changes.partner_month)
    GROUP BY changes.indicator, changes.dimension, changes.member, changes.month, changes.partner_month
    HAVING changes.partner_month IS NULL OR sum(between_them.value) > max(programme.small_number_maximum)
),
unhidden AS (
    SELECT indicator, dimension, member, month, 'not hidden' AS problem
    FROM stage.sensitive_cells AS cells
    WHERE exposed
        AND NOT EXISTS (
            SELECT 1
            FROM hidden
            WHERE hidden.indicator = cells.indicator
                AND hidden.dimension = cells.dimension
                AND hidden.member IS NOT DISTINCT FROM cells.member
                AND hidden.month = cells.month
        )
),
impossible AS (
    SELECT indicator, 'place' AS dimension, place AS member, month, 'a swap that cannot be' AS problem
    FROM changes
    WHERE public
    GROUP BY indicator, place, month, partner, partner_month
    HAVING NOT coalesce(
        CASE WHEN partner_month IS NULL
            THEN min(here) >= 1 AND min(there) >= 1
            ELSE min(least(here, there_back)) >= 2 AND min(least(there, here_back)) >= 1
                OR min(least(there, here_back)) >= 2 AND min(least(here, there_back)) >= 1
        END,
        FALSE
    )
),
untold AS (
    SELECT indicator, dimension, member, month, 'not told' AS problem
    FROM (
        SELECT indicator, dimension, member, month, partner_member, partner_month FROM changes WHERE public
        EXCEPT
        SELECT indicator, dimension, member, month, partner, partner_month FROM mart.small_number_swaps
    )
)
FROM unhidden
UNION ALL
FROM impossible
UNION ALL
FROM untold
