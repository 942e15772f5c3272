-- One row a sheet as it was read, with the number of its layout: sheets whose columns stand alike share it.
SELECT
    *,
    CAST(
        CASE WHEN column_letters IS NOT NULL THEN dense_rank() OVER (ORDER BY CAST(column_letters AS VARCHAR)) END
        AS INTEGER
    ) AS layout
FROM lake.sheets
