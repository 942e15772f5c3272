-- One row an indicator and a ledger from which it is computed.
SELECT indicator, ledger
FROM catalog.indicator_ledgers
ORDER BY indicator, ledger
