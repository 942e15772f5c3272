-- An event counts once in the whole city: of the rows in force that report it all but one are listed as duplicates. That
-- the one is counted is asked by rows_accounted_for.
WITH listed AS (
    SELECT sheets.sheet_number, duplicates."row"
    FROM core.duplicates AS duplicates
    JOIN lake.sheets AS sheets USING (ledger, return_id, sheet)
),
not_counted AS (
    SELECT rows.event, count(*) AS duplicates, min(rows.sheet_number) AS first_sheet
    FROM lake.rows AS rows
    SEMI JOIN listed USING (sheet_number, "row")
    GROUP BY rows.event
)
SELECT event, times, coalesce(duplicates, 0) AS duplicates, sheets.ledger, sheets.return_id AS first_return
FROM stage.repeated_keys
FULL JOIN not_counted USING (event)
LEFT JOIN lake.sheets AS sheets ON sheets.sheet_number = not_counted.first_sheet
WHERE times - coalesce(duplicates, 0) IS DISTINCT FROM 1
