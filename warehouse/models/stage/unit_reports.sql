-- One row an indicator, unit and month: whether the unit owes a return, and which of the indicator's ledgers are in force.
SELECT
    indicator_ledgers.indicator,
    units.unit,
    months.month,
    bool_or(expected_reports.unit IS NOT NULL) AS is_expected,
    bool_or(ledger_reports.unit IS NOT NULL) AS any_ledger,
    bool_and(ledger_reports.unit IS NOT NULL) AS all_ledgers,
    bool_and(coalesce(ledger_reports.state = 'nil', FALSE)) AS all_nil,
    coalesce(bool_or(ledger_reports.late), FALSE) AS is_late
FROM core.indicator_ledgers
CROSS JOIN core.units
CROSS JOIN core.months
LEFT JOIN core.expected_reports
    ON expected_reports.unit = units.unit AND expected_reports.period = months.month
LEFT JOIN core.ledger_reports
    ON ledger_reports.unit = units.unit
    AND ledger_reports.period = months.month
    AND ledger_reports.ledger = indicator_ledgers.ledger
GROUP BY indicator_ledgers.indicator, units.unit, months.month
