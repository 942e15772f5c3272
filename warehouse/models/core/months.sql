-- One row a month of the programme, with the day on which its return is due.
WITH months AS (
    SELECT CAST(unnest(generate_series(first_month, last_month, INTERVAL 1 MONTH)) AS DATE) AS month, due_day
    FROM catalog.programme
)
SELECT month, CAST(month + INTERVAL 1 MONTH + to_days(due_day - 1) AS DATE) AS due_on
FROM months
ORDER BY month
