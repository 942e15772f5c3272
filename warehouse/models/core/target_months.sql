-- One row a target and month of its horizon in which it holds: by the end of the month the share weight_to_date ÷
-- weight_total of the target is expected. A quarter's weight is spread evenly over its three months.
WITH numbered AS (
    SELECT
        targets.*,
        months.month,
        row_number() OVER horizon AS number
    FROM catalog.targets AS targets
    JOIN core.months ON targets.year IS NULL OR targets.year = year(months.month)
    WINDOW horizon AS (PARTITION BY indicator, level, unit, targets.year, valid_from ORDER BY months.month)
),
weighted AS (
    SELECT
        *,
        CASE phasing
            WHEN 'even' THEN 1
            WHEN 'monthly' THEN weights[number]
            WHEN 'quarterly' THEN weights[(number + 2) // 3]
        END AS weight
    FROM numbered
),
-- The weights of a target run over its whole horizon, whenever it began to hold.
summed AS (
    SELECT
        *,
        CAST(sum(weight) OVER (horizon ORDER BY month) AS BIGINT) AS weight_to_date,
        CAST(sum(weight) OVER horizon AS BIGINT) AS weight_total
    FROM weighted
    WINDOW horizon AS (PARTITION BY indicator, level, unit, year, valid_from)
)
SELECT
    indicator,
    level,
    unit,
    month,
    year,
    target,
    CAST(weight AS BIGINT) AS weight,
    weight_to_date,
    weight_total
FROM summed
WHERE valid_from <= month
QUALIFY row_number() OVER (PARTITION BY indicator, level, unit, year, month ORDER BY valid_from DESC) = 1
ORDER BY indicator, level, unit, month
