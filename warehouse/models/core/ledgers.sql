-- One row a ledger that units report; its counted rows stand in the table core.LEDGER of the same name.
SELECT name AS ledger, position, title, description
FROM catalog.ledgers
ORDER BY position
