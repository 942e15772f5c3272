-- One row an accepted row in force whose event is reported more than once, beside the row that counts for the event in
-- the whole city: a county's before the city's own, then the first received.
WITH in_force AS (
    SELECT rows.event, rows."row", sheets.ledger, sheets.return_id, sheets.sheet, reports.unit, reports.sequence
    FROM lake.rows AS rows
    SEMI JOIN stage.repeated_keys USING (event)
    JOIN lake.sheets AS sheets USING (sheet_number)
    JOIN stage.return_ledgers AS reports USING (return_id, ledger)
    WHERE reports.in_force
)
SELECT
    in_force.ledger,
    in_force.return_id,
    in_force.sheet,
    in_force."row",
    in_force.unit,
    row_number() OVER same_event = 1 AS counts,
    first_value(in_force.return_id) OVER same_event AS counted_return_id,
    first_value(in_force.unit) OVER same_event AS counted_unit,
    first_value(in_force.sheet) OVER same_event AS counted_sheet,
    first_value(in_force."row") OVER same_event AS counted_row
FROM in_force
LEFT JOIN core.units USING (unit)
WINDOW same_event AS (
    PARTITION BY in_force.event
    ORDER BY units.kind = 'municipal', in_force.sequence, in_force.sheet, in_force."row"
)
