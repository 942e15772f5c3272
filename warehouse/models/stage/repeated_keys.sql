-- One row an event that rows in force report more than once, by the number of its natural key, and how often they do.
SELECT rows.event, count(*) AS times
FROM lake.rows AS rows
JOIN lake.sheets AS sheets USING (sheet_number)
JOIN stage.return_ledgers AS reports USING (return_id, ledger)
WHERE reports.in_force
GROUP BY rows.event
HAVING count(*) > 1
