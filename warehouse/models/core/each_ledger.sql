-- One row an event that counts, as the unit reported it that is credited with it.
SELECT
    events.return_id,
    events.sheet,
    events."row",
    reports.unit,
    reports.period,
    CAST(date_trunc('month', events.happened_on) AS DATE) AS month,
    events.happened_on,
    events.in_7510,
    events.* EXCLUDE (ledger, return_id, sheet, "row", natural_key, happened_on, in_7510)
FROM lake.each_ledger AS events
JOIN stage.return_ledgers AS reports USING (return_id, ledger)
ANTI JOIN core.duplicates AS duplicates
    ON duplicates.ledger = events.ledger
    AND duplicates.return_id = events.return_id
    AND duplicates.sheet = events.sheet
    AND duplicates."row" = events."row"
WHERE reports.in_force
