-- One row a county-scope indicator and month: how many of the expected units have reached their target, and the pace of
-- the slowest; a unit that has not reported counts as behind.
WITH paces AS (
    SELECT ['BEHIND', 'ON_TRACK', 'AHEAD', 'DONE'] AS from_the_slowest
)
SELECT
    indicator,
    month,
    count(*) FILTER (has_value AND is_done) AS units_done,
    count(*) AS units_judged,
    from_the_slowest[min(coalesce(list_position(from_the_slowest, pace), 1))] AS slowest_pace
FROM stage.judgements
CROSS JOIN paces
WHERE scope = 'county' AND unit IS NOT NULL AND expected_units = 1 AND target IS NOT NULL
GROUP BY indicator, month, from_the_slowest
