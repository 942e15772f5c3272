-- One row a return and a ledger that it contains, and whether the return has the last word on it for its unit and month.
SELECT return_id, unit, period, ledger, state, rows_accepted, rows_held_out, in_force
FROM stage.return_ledgers
JOIN core.ledgers USING (ledger)
ORDER BY sequence, position
