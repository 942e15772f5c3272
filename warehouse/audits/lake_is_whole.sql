-- The lake holds as many rows of each sheet as its check accepted.
WITH held AS (
    SELECT return_id, ledger, sheet, count(*) AS rows_held
    FROM lake.rows
    GROUP BY return_id, ledger, sheet
)
SELECT return_id, ledger, sheet, coalesce(rows_accepted, 0) AS rows_accepted, coalesce(rows_held, 0) AS rows_held
FROM lake.sheets
FULL JOIN held USING (return_id, ledger, sheet)
WHERE coalesce(rows_accepted, 0) <> coalesce(rows_held, 0)
