-- An event counts once in the whole city: among the rows in force that are no duplicates no natural key of a ledger
-- stands twice. That these are the counted rows is asked by rows_accounted_for.
WITH repeated AS (
    SELECT rows.event, count(*) AS times, min(rows.sheet_number) AS first_sheet, max(rows.sheet_number) AS last_sheet
    FROM lake.rows AS rows
    JOIN lake.sheets AS sheets USING (sheet_number)
    JOIN core.return_ledgers AS reports USING (return_id, ledger)
    ANTI JOIN core.duplicates AS duplicates
        ON duplicates.ledger = sheets.ledger
        AND duplicates.return_id = sheets.return_id
        AND duplicates.sheet = sheets.sheet
        AND duplicates."row" = rows."row"
    WHERE reports.in_force
    GROUP BY rows.event
    HAVING count(*) > 1
)
SELECT first.ledger, repeated.times, first.return_id AS first_return, last.return_id AS last_return
FROM repeated
JOIN lake.sheets AS first ON first.sheet_number = repeated.first_sheet
JOIN lake.sheets AS last ON last.sheet_number = repeated.last_sheet
