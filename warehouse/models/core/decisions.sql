-- One row a decision about returns, in force or not; what undid a decision is a row of its own. Locks, withdrawals and
-- waivers bear on returns, corrections on cells.
SELECT
    decision,
    kind,
    in_force,
    ends,
    ended_by,
    decided_by,
    CAST(decided_at AS TIMESTAMPTZ) AS decided_at,
    note,
    last_sequence,
    return_id,
    rule,
    sheet,
    "row",
    CAST(until AS DATE) AS valid_until,
    unit,
    CAST(period || '-01' AS DATE) AS period,
    ledger,
    "column" AS column_name,
    "where" AS conditions,
    "expect" AS expected_text,
    "value" AS corrected_text
FROM decisions.log
ORDER BY decision
