-- One row a sensitive indicator, dimension, member of it and month with a value: what it adds up to, alone, in its year,
-- and in its year so far. exposed: small, less than the city's month, and told by other figures unless some are hidden.
WITH cells AS (
    SELECT indicator, kind, dimension, member, month, CAST(sum(value) AS DECIMAL(38, 2)) AS value
    FROM stage.sensitive_members
    GROUP BY indicator, kind, dimension, member, month
)
SELECT
    cells.*,
    CAST(sum(value) OVER of_year AS DECIMAL(38, 2)) AS year_total,
    CAST(sum(value) OVER (of_year ORDER BY cells.month) AS DECIMAL(38, 2)) AS year_to_date,
    value <= small_number_maximum
        AND value < sum(value) OVER (PARTITION BY cells.indicator, dimension, cells.month)
        AND open_places.place IS NULL AS exposed
FROM cells
CROSS JOIN catalog.programme
LEFT JOIN stage.open_places AS open_places
    ON open_places.indicator = cells.indicator
    AND cells.dimension = 'chain and cluster'
    AND open_places.place = cells.member
    AND open_places.month = cells.month
WINDOW of_year AS (PARTITION BY cells.indicator, dimension, member, year(cells.month))
