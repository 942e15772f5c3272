-- One row a county-scope indicator and month: how many of the expected units have reached their target, and the pace of
-- the slowest; a unit that has not reported counts as behind.
WITH paces AS (
    SELECT
        *,
        CASE pace WHEN 'DONE' THEN 4 WHEN 'AHEAD' THEN 3 WHEN 'ON_TRACK' THEN 2 ELSE 1 END AS speed
    FROM stage.judgements
    WHERE scope = 'county' AND unit IS NOT NULL AND expected_units = 1 AND target IS NOT NULL
)
SELECT
    indicator,
    month,
    count(*) FILTER (has_value AND is_done) AS units_done,
    count(*) AS units_judged,
    CASE min(speed) WHEN 4 THEN 'DONE' WHEN 3 THEN 'AHEAD' WHEN 2 THEN 'ON_TRACK' ELSE 'BEHIND' END AS slowest_pace
FROM paces
GROUP BY indicator, month
