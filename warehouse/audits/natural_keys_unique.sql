-- An event counts once in the whole city: no natural key stands twice among the counted rows of a ledger.
SELECT ledger, natural_key, count(*) AS times, min(return_id) AS first_return, max(return_id) AS last_return
FROM stage.events
JOIN lake.rows USING (ledger, return_id, sheet, "row")
GROUP BY ledger, natural_key
HAVING count(*) > 1
