-- One row a unit and month: whether a return is owed, whether and when one came, and how far it covers the ledgers.
WITH received AS (
    SELECT
        unit,
        period,
        arg_max(return_id, sequence) AS return_id,
        arg_min(received_at, sequence) AS received_at,
        arg_min(late, sequence) AS late
    FROM stage.returns
    WHERE accepted
    GROUP BY unit, period
),
ledgers AS (
    SELECT
        unit,
        period,
        count(*) FILTER (state = 'rows') AS ledgers_reported,
        count(*) FILTER (state = 'nil') AS ledgers_nil
    FROM core.ledger_reports
    GROUP BY unit, period
)
SELECT
    units.unit,
    months.month AS period,
    months.due_on,
    expected_reports.unit IS NOT NULL AS expected,
    received.return_id,
    received.received_at,
    received.late,
    ledgers_nil > 0 AND ledgers_reported = 0 AS nil,
    CAST(coalesce(ledgers_reported, 0) AS INTEGER) AS ledgers_reported,
    CAST(coalesce(ledgers_nil, 0) AS INTEGER) AS ledgers_nil,
    CAST(
        (SELECT count(*) FROM core.ledgers) - coalesce(ledgers_reported, 0) - coalesce(ledgers_nil, 0) AS INTEGER
    ) AS ledgers_missing
FROM core.units
CROSS JOIN core.months
LEFT JOIN core.expected_reports ON expected_reports.unit = units.unit AND expected_reports.period = months.month
LEFT JOIN received ON received.unit = units.unit AND received.period = months.month
LEFT JOIN ledgers ON ledgers.unit = units.unit AND ledgers.period = months.month
ORDER BY months.month, units.position
