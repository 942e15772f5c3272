-- One row a figure of a ledger in force (its rows, or a column's sum) that is far above what the unit has reported of it
-- in its earlier months with rows.
WITH reported AS (
    SELECT return_id, ledger, unit, period, rows_accepted
    FROM stage.return_ledgers
    WHERE in_force AND rows_accepted > 0
),
figures AS (
    SELECT
        return_id, ledger, unit, period, 0 AS place, CAST(NULL AS VARCHAR) AS column_name, '行数' AS label_zh,
        'rows' AS label_en, CAST(rows_accepted AS DECIMAL(38, 2)) AS figure
    FROM reported
    UNION ALL
    SELECT
        return_id, ledger, unit, period, sums.place, sums.column_name, sums.label_zh, sums.label_en, sums.total
    FROM reported
    JOIN stage.return_sums AS sums USING (return_id, ledger)
),
with_history AS (
    SELECT
        figures.*,
        count(*) OVER earlier AS months,
        min(period) OVER earlier AS first_month,
        max(period) OVER earlier AS last_month,
        median(figure) OVER earlier AS usual
    FROM figures
    WINDOW earlier AS (
        PARTITION BY unit, ledger, column_name ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)
SELECT with_history.*
FROM with_history
CROSS JOIN catalog.programme
WHERE months >= programme.outlier_months AND usual >= 1 AND figure > programme.outlier_factor * usual
