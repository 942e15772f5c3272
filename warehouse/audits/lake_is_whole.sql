-- The lake holds as many rows of each sheet as its check accepted.
WITH held AS (
    SELECT sheet_number, count(*) AS rows_held
    FROM lake.rows
    GROUP BY sheet_number
)
SELECT return_id, ledger, sheet, coalesce(rows_accepted, 0) AS rows_accepted, coalesce(rows_held, 0) AS rows_held
FROM lake.sheets
FULL JOIN held USING (sheet_number)
WHERE coalesce(rows_accepted, 0) <> coalesce(rows_held, 0)
