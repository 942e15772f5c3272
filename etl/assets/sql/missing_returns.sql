-- One row a unit that owes a return of the month and has not given one that counts; how many were refused.
SELECT
    status.unit,
    name_zh,
    name_en,
    strftime(due_on, '%Y-%m-%d') AS due_on,
    count(returns.return_id) AS refused_returns
FROM mart.reporting_status AS status
JOIN core.units USING (unit)
LEFT JOIN core.returns ON returns.unit = status.unit AND returns.period = status.period AND returns.status = 'REJECTED'
WHERE status.period = $month AND expected AND status.return_id IS NULL
GROUP BY status.unit, name_zh, name_en, due_on, position
ORDER BY position
