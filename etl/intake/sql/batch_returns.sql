-- What became of each return: rejected by a fatal issue, accepted with issues by an error, else accepted.
WITH totals AS (
    SELECT return_id, sum(rows_accepted) AS rows_accepted, sum(rows_held_out) AS rows_held_out
    FROM batch_sheets GROUP BY return_id
),
erroneous AS (SELECT DISTINCT return_id FROM issues WHERE severity IN ('fatal', 'error'))
SELECT
    return_id, unit, period,
    CASE
        WHEN rejected THEN 'REJECTED'
        WHEN erroneous.return_id IS NOT NULL THEN 'ACCEPTED_WITH_ISSUES'
        ELSE 'ACCEPTED'
    END AS status,
    coalesce(rows_accepted, 0) AS rows_accepted,
    coalesce(rows_held_out, 0) AS rows_held_out,
    check_version
FROM returns LEFT JOIN totals USING (return_id) LEFT JOIN erroneous USING (return_id)
ORDER BY return_position
