-- Every accepted row in force either counts or is listed as a duplicate, never both and never twice.
WITH accounted AS (
    SELECT ledger, return_id, sheet, "row" FROM stage.events
    UNION ALL
    SELECT ledger, return_id, sheet, "row" FROM core.duplicates
),
in_force AS (
    SELECT rows.ledger, rows.return_id, rows.sheet, rows."row"
    FROM lake.rows AS rows
    JOIN core.return_ledgers USING (return_id, ledger)
    WHERE in_force
)
SELECT ledger, return_id, sheet, "row", times_in_force, times_accounted
FROM (
    SELECT
        ledger, return_id, sheet, "row",
        count(*) FILTER (source = 'in force') AS times_in_force,
        count(*) FILTER (source = 'accounted') AS times_accounted
    FROM (
        SELECT *, 'in force' AS source FROM in_force
        UNION ALL
        SELECT *, 'accounted' AS source FROM accounted
    )
    GROUP BY ledger, return_id, sheet, "row"
)
WHERE times_in_force <> 1 OR times_accounted <> 1
