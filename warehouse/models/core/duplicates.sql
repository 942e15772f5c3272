-- One row a row in force that does not count, because the same event counts elsewhere: earlier by the same unit
-- (R311), or by another unit (R312).
SELECT
    ledger,
    return_id,
    sheet,
    "row",
    unit,
    CASE WHEN unit = counted_unit THEN 'R311' ELSE 'R312' END AS rule,
    counted_return_id,
    counted_unit,
    counted_sheet,
    counted_row
FROM stage.repeated_events
WHERE NOT counts
ORDER BY ledger, return_id, sheet, "row"
