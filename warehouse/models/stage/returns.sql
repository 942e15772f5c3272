-- One row a checked return: what the check decided, when it was received, and whether that was after the due day.
SELECT
    landed.return_id,
    landed.sequence,
    checked.unit,
    checked.period,
    CAST(
        CASE
            WHEN checked.unit IS NULL OR checked.period IS NULL THEN 1
            ELSE row_number() OVER (PARTITION BY checked.unit, checked.period ORDER BY landed.sequence)
        END AS INTEGER
    ) AS revision,
    checked.status AS check_status,
    checked.status <> 'REJECTED' AS accepted,
    landed.received_at,
    landed.received_at >= timezone(programme.time_zone, months.due_on + INTERVAL 1 DAY) AS late,
    landed.file_name,
    landed.sha256,
    checked.rows_accepted,
    checked.rows_held_out,
    checked.batch_number
FROM lake.returns AS checked
JOIN landing.returns AS landed USING (return_id)
CROSS JOIN catalog.programme
LEFT JOIN core.months ON months.month = checked.period
