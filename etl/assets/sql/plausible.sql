-- One row a ledger and month that is reported: how many units reported it, how many late, the rows held out of its
-- returns in force, and how many figures are far from the unit's own history (R401). `recent`: of the last months.
WITH in_force AS (
    SELECT
        ledger,
        period,
        sum(rows_accepted) AS rows_accepted,
        sum(rows_held_out) AS rows_held_out,
        dense_rank() OVER (PARTITION BY ledger ORDER BY period DESC) <= $judged AS recent
    FROM core.return_ledgers
    WHERE in_force AND period IS NOT NULL
    GROUP BY ledger, period
),
reports AS (
    SELECT ledger, period, count(*) AS units, count(*) FILTER (late) AS late_units
    FROM core.ledger_reports
    GROUP BY ledger, period
),
outliers AS (
    SELECT ledger, period, count(*) AS outliers
    FROM core.issues
    JOIN core.return_ledgers USING (return_id, ledger)
    WHERE rule = 'R401' AND in_force
    GROUP BY ledger, period
)
SELECT
    ledger,
    strftime(period, '%Y-%m') AS month,
    CAST(coalesce(units, 0) AS INTEGER) AS units,
    CAST(coalesce(late_units, 0) AS INTEGER) AS late_units,
    CAST(rows_accepted AS BIGINT) AS rows_accepted,
    CAST(rows_held_out AS BIGINT) AS rows_held_out,
    round(100.0 * rows_held_out / nullif(rows_accepted + rows_held_out, 0), 1) AS held_out_percent,
    CAST(coalesce(outliers, 0) AS INTEGER) AS outliers,
    recent
FROM in_force
LEFT JOIN reports USING (ledger, period)
LEFT JOIN outliers USING (ledger, period)
ORDER BY ledger, period DESC
