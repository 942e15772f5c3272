-- One row a decision that only one publication was built with, or that stands in one and not in the other.
SELECT
    decision,
    coalesce(later.kind, earlier.kind) AS kind,
    CASE
        WHEN earlier.decision IS NULL THEN 'added'
        WHEN later.decision IS NULL THEN 'removed'
        WHEN earlier.in_force THEN 'ended'
        ELSE 'in force again'
    END AS change,
    coalesce(later.decided_by, earlier.decided_by) AS decided_by,
    coalesce(later.decided_at, earlier.decided_at) AS decided_at,
    coalesce(later.note, earlier.note) AS note
FROM decisions_before AS earlier
FULL JOIN decisions_after AS later USING (decision)
WHERE later.in_force IS DISTINCT FROM earlier.in_force
ORDER BY decision
