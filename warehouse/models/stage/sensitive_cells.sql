-- One row a sensitive indicator, dimension, member of it and month with a value: what it adds up to, alone, in its year,
-- and in its year so far. small: the public must not be able to compute it, and the city's figure of the month, which is
-- shown, leaves it open.
WITH cells AS (
    SELECT indicator, kind, dimension, member, month, CAST(sum(value) AS DECIMAL(38, 2)) AS value
    FROM stage.sensitive_members
    GROUP BY indicator, kind, dimension, member, month
)
SELECT
    cells.*,
    CAST(sum(value) OVER of_year AS DECIMAL(38, 2)) AS year_total,
    CAST(sum(value) OVER (of_year ORDER BY month) AS DECIMAL(38, 2)) AS year_to_date,
    value <= small_number_maximum AND value < sum(value) OVER (PARTITION BY indicator, dimension, month) AS small
FROM cells
CROSS JOIN catalog.programme
WINDOW of_year AS (PARTITION BY indicator, dimension, member, year(month))
