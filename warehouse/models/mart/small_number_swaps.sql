-- One row a small number below the city level, or a number that would tell one together with another dimension: the
-- change of one unit of measure between two members, and back in partner_month where there is one, that it could have
-- undergone without changing any figure that the public sees. A figure that a swap would change is hidden from the
-- public. Where all of a month have one, zero shows that there was no swap; the figures that one would change are hidden
-- even so, as the differences of longer spans tell who has the one.
WITH within_month AS (
    SELECT
        indicator,
        dimension,
        member,
        month,
        partner,
        CAST(NULL AS DATE) AS partner_month,
        CAST(NULL AS BIGINT) AS others_hidden,
        CAST(NULL AS BIGINT) AS months_apart,
        partner_year_total AS amount,
        keeps_both
    FROM stage.swap_partners
),
-- Back in another month of the year, the figures of the year stay. From the one month to the other the member must have
-- more than a small number in all: else a sum over both, which the swap does not change, were small itself.
across_months AS (
    SELECT
        pair.indicator,
        pair.dimension,
        pair.member,
        pair.month,
        pair.partner,
        back.month AS partner_month,
        CAST(pair.partner_value > programme.small_number_maximum AS BIGINT)
            + CAST(back.value > programme.small_number_maximum AS BIGINT)
            + CAST(partner_back.value > programme.small_number_maximum AS BIGINT) AS others_hidden,
        abs(date_diff('month', pair.month, back.month)) AS months_apart,
        pair.partner_value + back.value + partner_back.value AS amount,
        pair.keeps_both
    FROM stage.swap_partners AS pair
    CROSS JOIN catalog.programme
    JOIN stage.sensitive_cells AS back
        ON back.indicator = pair.indicator
        AND back.dimension = pair.dimension
        AND back.member IS NOT DISTINCT FROM pair.member
        AND back.month <> pair.month
        AND year(back.month) = year(pair.month)
    JOIN stage.sensitive_cells AS partner_back
        ON partner_back.indicator = pair.indicator
        AND partner_back.dimension = pair.dimension
        AND partner_back.member IS NOT DISTINCT FROM pair.partner
        AND partner_back.month = back.month
    WHERE
        -- What crosses two dimensions may stay small over both months, whatever each of them adds up to.
        NOT pair.crossed
        AND CASE WHEN back.month > pair.month
            THEN back.year_to_date - pair.year_to_date + pair.value
            ELSE pair.year_to_date - back.year_to_date + back.value
        END > programme.small_number_maximum
        AND (
            (pair.partner_value >= 2 AND back.value >= 2)
            OR (pair.value >= 2 AND partner_back.value >= 2)
        )
)
SELECT indicator, dimension, member, month, partner, partner_month
FROM (SELECT * FROM across_months UNION ALL SELECT * FROM within_month)
QUALIFY row_number() OVER (
    PARTITION BY indicator, dimension, member, month
    ORDER BY
        keeps_both DESC,
        others_hidden NULLS LAST,
        months_apart NULLS LAST,
        amount,
        partner NULLS LAST,
        partner_month NULLS LAST
) = 1
ORDER BY indicator, dimension, month, member, partner
