-- One row a place, another one and a month in which both have something: what one unit of measure less in the one and more
-- in the other would change, and the other way round as well. dimensions: how many public ones; large: how many of their
-- figures are not small; amount: what they add up to; year_amount: what the other place's have in the year. gives, takes:
-- each member that has something still has when the place gives one, or takes one, as everybody may know of it.
WITH ranked AS (
    SELECT
        indicator,
        kind,
        place,
        year(month) AS in_year,
        month,
        value,
        sum(value) OVER (PARTITION BY indicator, kind, place, year(month)) AS year_total
    FROM stage.sensitive_places
),
numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY indicator, kind, month ORDER BY year_total, place) AS number,
        row_number() OVER (
            PARTITION BY indicator, kind, month, value >= 2 ORDER BY year_total, place
        ) AS number_among_alike
    FROM ranked
),
-- Of units the smallest of all, and the smallest of those that can give something: a few are enough to choose from.
partners AS (
    SELECT DISTINCT indicator, place, in_year
    FROM numbered
    WHERE kind <> 'unit' OR number <= 2 OR (value >= 2 AND number_among_alike <= 4)
),
exposed_places AS (
    SELECT DISTINCT indicator, place, year(month) AS in_year
    FROM stage.sensitive_figures
    WHERE exposed
)
SELECT
    here.indicator,
    here.place,
    there.place AS partner,
    here.month,
    count(*) AS dimensions,
    min(here.cell) >= 2 AS gives,
    min(there.cell) >= 2 AS takes,
    sum(CAST(here.cell > small_number_maximum AS BIGINT) + CAST(there.cell > small_number_maximum AS BIGINT)) AS large,
    sum(here.cell + there.cell) AS amount,
    sum(there.year_total) AS year_amount
FROM stage.sensitive_figures AS here
CROSS JOIN catalog.programme
JOIN exposed_places
    ON exposed_places.indicator = here.indicator
    AND exposed_places.place = here.place
    AND exposed_places.in_year = year(here.month)
JOIN stage.sensitive_figures AS there
    ON there.indicator = here.indicator
    AND there.dimension = here.dimension
    AND there.month = here.month
    AND there.member IS DISTINCT FROM here.member
JOIN partners
    ON partners.indicator = there.indicator
    AND partners.place = there.place
    AND partners.in_year = year(there.month)
WHERE here.public
GROUP BY here.indicator, here.place, there.place, here.month
