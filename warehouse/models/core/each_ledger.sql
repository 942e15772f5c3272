-- One row an event that counts, as the unit reported it that is credited with it.
WITH in_force AS (
    SELECT return_id, unit, period
    FROM stage.return_ledgers
    WHERE ledger = 'each_ledger' AND in_force
),
of_others AS (
    SELECT return_id, sheet, "row"
    FROM core.duplicates
    WHERE ledger = 'each_ledger'
)
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
JOIN in_force AS reports USING (return_id)
ANTI JOIN of_others USING (return_id, sheet, "row")
