-- The changed figures of one kind, the city's before those of its units, each with the returns behind it, those with
-- the largest part first.
WITH figures AS (
    SELECT
        compared_figures.*,
        row_number() OVER (
            ORDER BY places.unit_position, places.position, last_month
        ) AS place
    FROM compared_figures
    JOIN (
        SELECT indicators.indicator, indicators.position, units.unit, units.position AS unit_position
        FROM indicators
        CROSS JOIN (SELECT unit, position FROM units UNION ALL SELECT NULL, 0) AS units
    ) AS places
        ON places.indicator = compared_figures.indicator
        AND coalesce(places.unit, '') = coalesce(compared_figures.unit, '')
    WHERE is_total = $is_total
        AND ($indicator::VARCHAR IS NULL OR compared_figures.indicator = $indicator)
        AND ($unit::VARCHAR IS NULL OR compared_figures.unit = $unit)
),
shown AS (
    FROM figures
    WHERE $limit::BIGINT IS NULL OR place <= $limit
),
parts AS (
    SELECT
        shown.place,
        causes.return_id,
        sum(causes.rows_before) AS rows_before,
        sum(causes.rows_after) AS rows_after,
        sum(causes.before) AS before,
        sum(causes.after) AS after
    FROM shown
    JOIN causes
        ON causes.indicator = shown.indicator
        AND causes.month BETWEEN shown.first_month AND shown.last_month
        AND (shown.unit IS NULL OR causes.unit = shown.unit)
    GROUP BY shown.place, causes.return_id
),
returns AS (
    SELECT
        place,
        count(*) AS return_count,
        list({
            'return_id': return_id,
            'change': coalesce(change, 'same'),
            'rechecked': coalesce(rechecked, FALSE),
            'rows_before': CAST(rows_before AS BIGINT),
            'rows_after': CAST(rows_after AS BIGINT),
            'before': before,
            'after': after
        } ORDER BY abs(after - before) DESC, return_id)[1:$returns] AS returns
    FROM parts
    LEFT JOIN compared_returns USING (return_id)
    GROUP BY place
)
SELECT
    (SELECT count(*) FROM figures) AS total,
    shown.* EXCLUDE (is_total, place),
    coalesce(return_count, 0) AS return_count,
    coalesce(returns, []) AS returns
FROM shown
LEFT JOIN returns USING (place)
ORDER BY place
