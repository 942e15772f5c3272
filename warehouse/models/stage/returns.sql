-- One row a checked return: what the check found, what was decided about it, when it was received, and whether that was
-- after the due day.
WITH standing AS (
    SELECT kind, return_id, period, last_sequence FROM core.decisions WHERE in_force
),
of_returns AS (
    SELECT
        return_id,
        bool_or(kind = 'withdraw') AS withdrawn,
        CAST(count(*) FILTER (kind = 'accept') AS INTEGER) AS waivers
    FROM standing
    WHERE return_id IS NOT NULL
    GROUP BY return_id
),
locks AS (
    SELECT period, min(last_sequence) AS last_sequence FROM standing WHERE kind = 'lock' GROUP BY period
)
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
    coalesce(of_returns.withdrawn, FALSE) AS withdrawn,
    checked.status <> 'REJECTED' AND NOT coalesce(of_returns.withdrawn, FALSE) AS accepted,
    coalesce(locks.last_sequence < landed.sequence, FALSE) AS locked_out,
    coalesce(of_returns.waivers, 0) AS waivers,
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
LEFT JOIN of_returns ON of_returns.return_id = checked.return_id
LEFT JOIN locks ON locks.period = checked.period
