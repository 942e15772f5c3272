-- One row a cell that is small, or crossed, and another member of its month with which it could change one unit of measure so that the city's
-- figure of the month stays: the smallest others of the year come first. keeps_both: afterwards both have something, as
-- everybody may know of them; of two ones it is not so.
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY indicator, dimension, month ORDER BY year_total, member) AS place,
        row_number() OVER (
            PARTITION BY indicator, dimension, month, value >= 2 ORDER BY year_total, member
        ) AS place_among_alike
    FROM stage.sensitive_cells
),
-- The smallest of all, and the smallest of those that can give something: a few are enough to choose from.
eligible AS (
    SELECT * FROM ranked WHERE place <= 4 OR (value >= 2 AND place_among_alike <= 8)
)
SELECT
    small.indicator,
    small.dimension,
    small.member,
    small.month,
    small.value,
    small.year_total,
    small.year_to_date,
    small.crossed,
    partner.member AS partner,
    partner.value AS partner_value,
    partner.year_total AS partner_year_total,
    small.value >= 2 OR partner.value >= 2 AS keeps_both
FROM stage.sensitive_cells AS small
CROSS JOIN catalog.programme
JOIN eligible AS partner
    ON partner.indicator = small.indicator
    AND partner.dimension = small.dimension
    AND partner.month = small.month
    AND partner.member IS DISTINCT FROM small.member
WHERE small.value <= programme.small_number_maximum OR small.crossed
