-- At most one return has the last word on a ledger of a unit and month.
SELECT unit, period, ledger, min(return_id) AS first_return, max(return_id) AS last_return
FROM core.return_ledgers
WHERE in_force
GROUP BY unit, period, ledger
HAVING count(*) > 1
