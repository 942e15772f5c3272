-- One row an accepted row in force, beside the row that counts for the same event in the whole city: a county's before
-- the city's own, then the first received.
SELECT
    rows.ledger,
    rows.return_id,
    rows.sheet,
    rows."row",
    reports.unit,
    reports.period,
    row_number() OVER same_event = 1 AS counts,
    first_value(rows.return_id) OVER same_event AS counted_return_id,
    first_value(reports.unit) OVER same_event AS counted_unit,
    first_value(rows.sheet) OVER same_event AS counted_sheet,
    first_value(rows."row") OVER same_event AS counted_row
FROM lake.rows AS rows
JOIN stage.return_ledgers AS reports USING (return_id, ledger)
JOIN core.units USING (unit)
WHERE reports.in_force
WINDOW same_event AS (
    PARTITION BY rows.ledger, rows.natural_key
    ORDER BY units.kind = 'municipal', reports.sequence, rows.sheet, rows."row"
)
-- Each ledger then finds its rows side by side.
ORDER BY rows.ledger, rows.return_id
