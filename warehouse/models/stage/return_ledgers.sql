-- One row a return and ledger. The return reports the ledger when it was accepted and has rows of it or declares that
-- there are none; of all that report a ledger of a unit and month, the last received is in force.
WITH ledgers AS (
    SELECT
        return_id,
        ledger,
        arg_min(state, list_position(['rows', 'nil', 'refused', 'empty'], state)) AS state,
        CAST(sum(rows_accepted) AS BIGINT) AS rows_accepted,
        CAST(sum(rows_held_out) AS BIGINT) AS rows_held_out
    FROM lake.sheets
    GROUP BY return_id, ledger
),
reporting AS (
    SELECT
        ledgers.*,
        returns.unit,
        returns.period,
        returns.sequence,
        returns.received_at,
        returns.late,
        returns.accepted AND ledgers.state IN ('rows', 'nil') AS reports
    FROM ledgers
    JOIN stage.returns USING (return_id)
)
SELECT
    *,
    reports AND sequence = max(sequence) OVER (PARTITION BY unit, period, ledger, reports) AS in_force
FROM reporting
