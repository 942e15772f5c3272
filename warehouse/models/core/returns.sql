-- One row a return that was received and checked, the rejected ones too.
WITH replaced AS (
    SELECT return_id, NOT bool_or(in_force) AS replaced
    FROM stage.return_ledgers
    WHERE reports
    GROUP BY return_id
)
SELECT
    returns.return_id,
    returns.sequence,
    returns.unit,
    returns.period,
    returns.revision,
    CASE
        WHEN returns.check_status = 'REJECTED' THEN 'REJECTED'
        WHEN returns.withdrawn OR replaced.replaced THEN 'REPLACED'
        ELSE returns.check_status
    END AS status,
    returns.received_at,
    returns.file_name,
    returns.sha256,
    returns.rows_accepted,
    returns.rows_held_out,
    returns.late,
    returns.withdrawn,
    returns.locked_out,
    returns.waivers
FROM stage.returns
LEFT JOIN replaced USING (return_id)
ORDER BY returns.sequence
