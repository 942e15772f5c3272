-- One row an event that counts, as the unit reported it that is credited with it.
SELECT
    events.return_id,
    events.sheet,
    events."row",
    event_rows.unit,
    event_rows.period,
    CAST(date_trunc('month', events.happened_on) AS DATE) AS month,
    events.happened_on,
    events.in_7510,
    events.* EXCLUDE (ledger, return_id, sheet, "row", natural_key, happened_on, in_7510)
FROM lake.each_ledger AS events
JOIN stage.event_rows USING (ledger, return_id, sheet, "row")
WHERE event_rows.counts
ORDER BY events.return_id, events.sheet, events."row"
