-- One row a layout of sheets and a column of the ledger: the letter of the sheet's column in which it stands.
WITH layouts AS (
    SELECT layout, any_value(column_letters) AS column_letters
    FROM stage.sheets
    WHERE layout IS NOT NULL
    GROUP BY layout
)
SELECT layout, entry.key AS column_name, entry.value AS letter
FROM (SELECT layout, unnest(map_entries(column_letters)) AS entry FROM layouts)
ORDER BY layout, column_name
