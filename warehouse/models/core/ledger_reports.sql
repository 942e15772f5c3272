-- One row a unit, month and ledger that is reported: the return in force, and when the ledger was first received.
-- A correction does not make a ledger late.
WITH first_received AS (
    SELECT
        unit,
        period,
        ledger,
        arg_min(received_at, sequence) AS received_at,
        arg_min(late, sequence) AS late
    FROM stage.return_ledgers
    WHERE reports
    GROUP BY unit, period, ledger
)
SELECT
    in_force.unit,
    in_force.period,
    in_force.ledger,
    in_force.state,
    in_force.return_id,
    first_received.received_at,
    first_received.late
FROM stage.return_ledgers AS in_force
JOIN first_received USING (unit, period, ledger)
WHERE in_force.in_force
ORDER BY in_force.period, in_force.unit, in_force.ledger
