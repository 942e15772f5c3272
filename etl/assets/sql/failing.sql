-- One row a thing that is wrong now and that somebody can mend: a month that lacks returns, a refused return with
-- nothing in its place, a ledger of a return in force of which too much is held out.
WITH refused AS (
    SELECT returns.*
    FROM core.returns
    WHERE status = 'REJECTED'
        AND NOT EXISTS (
            FROM core.returns AS other
            WHERE other.unit = returns.unit
                AND other.period = returns.period
                AND other.sequence > returns.sequence
                AND other.status <> 'REJECTED'
        )
),
failing AS (
    SELECT
        period,
        string_agg(name_zh, '、' ORDER BY position) AS units,
        'no return, due ' || strftime(due_on, '%Y-%m-%d') AS what
    FROM mart.reporting_status
    JOIN core.units USING (unit)
    WHERE expected AND return_id IS NULL AND due_on < $today
    GROUP BY period, due_on
    UNION ALL
    SELECT
        period,
        coalesce(name_zh, '?'),
        'return ' || return_id || ' is refused, and nothing came in its place: ' || file_name
    FROM refused
    LEFT JOIN core.units USING (unit)
    UNION ALL
    SELECT
        period,
        name_zh,
        concat(
            'return ', return_id, ', ', ledger, ': ', rows_held_out, ' of ', rows_accepted + rows_held_out,
            ' rows are held out'
        )
    FROM core.return_ledgers
    JOIN core.units USING (unit)
    WHERE in_force AND rows_held_out * 100.0 > $most_percent * (rows_accepted + rows_held_out)
)
SELECT coalesce(strftime(period, '%Y-%m'), '?') AS month, units, what
FROM failing
ORDER BY period DESC NULLS FIRST, what, units
