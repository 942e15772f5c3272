-- One row a month that was due before $today or of which something came: who owed a return, who gave it, who did not.
SELECT
    strftime(period, '%Y-%m') AS month,
    strftime(due_on, '%Y-%m-%d') AS due_on,
    count(*) FILTER (expected) AS expected,
    count(*) FILTER (expected AND return_id IS NOT NULL) AS reported,
    count(*) FILTER (expected AND late) AS late,
    coalesce(string_agg(name_zh, '、' ORDER BY position) FILTER (expected AND return_id IS NULL), '') AS missing
FROM mart.reporting_status
JOIN core.units USING (unit)
GROUP BY period, due_on
HAVING due_on < $today OR count(return_id) > 0
ORDER BY period DESC
