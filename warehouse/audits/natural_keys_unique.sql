-- An event counts once in the whole city: of the rows in force that report it all but one are listed as duplicates. That
-- the one is counted is asked by rows_accounted_for.
WITH not_counted AS (
    SELECT rows.event, count(*) AS duplicates, min(sheets.ledger) AS ledger, min(sheets.return_id) AS first_return
    FROM core.duplicates AS duplicates
    JOIN lake.sheets AS sheets USING (ledger, return_id, sheet)
    JOIN lake.rows AS rows ON rows.sheet_number = sheets.sheet_number AND rows."row" = duplicates."row"
    GROUP BY rows.event
)
SELECT event, times, coalesce(duplicates, 0) AS duplicates, ledger, first_return
FROM stage.repeated_keys
FULL JOIN not_counted USING (event)
WHERE times - coalesce(duplicates, 0) IS DISTINCT FROM 1
