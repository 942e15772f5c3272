-- Every accepted row in force either counts or is listed as a duplicate, never both and never twice: of each sheet the
-- same rows, told by how many there are and by two sums over their numbers, which no other rows have.
WITH accounted AS (
    SELECT ledger, return_id, sheet, "row" FROM stage.events
    UNION ALL
    SELECT ledger, return_id, sheet, "row" FROM core.duplicates
),
of_events AS (
    SELECT ledger, return_id, sheet, count(*) AS rows_accounted, sum("row") AS row_sum, sum(hash("row")) AS row_hashes
    FROM accounted
    GROUP BY ledger, return_id, sheet
),
of_sheets AS (
    SELECT sheet_number, count(*) AS rows_in_force, sum("row") AS row_sum, sum(hash("row")) AS row_hashes
    FROM lake.rows
    GROUP BY sheet_number
),
of_lake AS (
    SELECT ledger, return_id, sheet, rows_in_force, row_sum, row_hashes
    FROM of_sheets
    JOIN lake.sheets USING (sheet_number)
    JOIN core.return_ledgers AS reports USING (return_id, ledger)
    WHERE reports.in_force
)
SELECT ledger, return_id, sheet, coalesce(rows_in_force, 0) AS rows_in_force, coalesce(rows_accounted, 0) AS rows_accounted
FROM of_lake
FULL JOIN of_events USING (ledger, return_id, sheet)
WHERE rows_in_force IS DISTINCT FROM rows_accounted
    OR of_lake.row_sum <> of_events.row_sum
    OR of_lake.row_hashes <> of_events.row_hashes
