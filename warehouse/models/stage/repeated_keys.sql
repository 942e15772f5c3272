-- One row an event that rows in force report more than once, by the number of its natural key, and how often they do.
WITH in_force AS (
    SELECT sheets.sheet_number
    FROM lake.sheets AS sheets
    JOIN stage.return_ledgers AS reports USING (return_id, ledger)
    WHERE reports.in_force
)
SELECT rows.event, count(*) AS times
FROM lake.rows AS rows
SEMI JOIN in_force USING (sheet_number)
GROUP BY rows.event
HAVING count(*) > 1
