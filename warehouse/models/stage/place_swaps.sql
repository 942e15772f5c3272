-- One row a swap that hides a small number: one unit of measure less in a place and more in its partner in a month, and
-- the other way round in partner_month where there is one. Where everything of a month is a one, zero shows that there was
-- no swap; what one would change is hidden even so, as the differences of longer spans tell who has the one.
WITH within_month AS (
    SELECT
        here.indicator,
        here.dimension,
        here.member,
        here.month,
        here.cell,
        here.year_to_date,
        pair.place,
        pair.partner,
        pair.dimensions,
        pair.gives,
        pair.takes,
        pair.large,
        pair.amount,
        pair.year_amount
    FROM stage.sensitive_figures AS here
    JOIN stage.swap_partners AS pair
        ON pair.indicator = here.indicator
        AND pair.place = here.place
        AND pair.month = here.month
    JOIN stage.sensitive_members AS there
        ON there.indicator = pair.indicator
        AND there.dimension = here.dimension
        AND there.place = pair.partner
        AND there.month = pair.month
        AND there.member IS DISTINCT FROM here.member
    WHERE here.exposed
),
-- Back in another month of the year, the figures of the year stay. From the one month to the other the member must have
-- more than a small number in all: else a sum over both, which the swap does not change, were small itself.
across_months AS (
    SELECT
        pair.*,
        back.month AS partner_month,
        pair.large + back.large AS large_of_both,
        abs(date_diff('month', pair.month, back.month)) AS months_apart,
        pair.amount + back.amount AS amount_of_both
    FROM within_month AS pair
    CROSS JOIN catalog.programme
    JOIN stage.swap_partners AS back
        ON back.indicator = pair.indicator
        AND back.place = pair.place
        AND back.partner = pair.partner
        AND back.month <> pair.month
        AND year(back.month) = year(pair.month)
    JOIN stage.sensitive_cells AS cell_back
        ON cell_back.indicator = pair.indicator
        AND cell_back.dimension = pair.dimension
        AND cell_back.member IS NOT DISTINCT FROM pair.member
        AND cell_back.month = back.month
    WHERE
        ((pair.gives AND back.takes) OR (pair.takes AND back.gives))
        AND CASE WHEN back.month > pair.month
            THEN cell_back.year_to_date - pair.year_to_date + pair.cell
            ELSE pair.year_to_date - cell_back.year_to_date + cell_back.value
        END > programme.small_number_maximum
),
possible AS (
    SELECT * FROM across_months
    UNION ALL
    SELECT *, NULL, NULL, NULL, year_amount FROM within_month
)
SELECT DISTINCT indicator, place, month, partner, partner_month
FROM (
    SELECT indicator, place, month, partner, partner_month
    FROM possible
    QUALIFY row_number() OVER (
        PARTITION BY indicator, dimension, member, month
        ORDER BY
            gives OR takes DESC,
            dimensions,
            large_of_both NULLS LAST,
            months_apart NULLS LAST,
            amount_of_both,
            partner,
            partner_month NULLS LAST,
            place
    ) = 1
)
