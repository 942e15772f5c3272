-- One row a move of events between chains or clusters: how many events that count in both publications stand in another
-- one now. `events_before` and `events_after` are made from the ledgers that both have.
WITH moved AS (
    SELECT
        return_id,
        unnest([
            {'dimension': 'chain', 'before': earlier.chain, 'after': later.chain},
            {'dimension': 'cluster', 'before': earlier.cluster, 'after': later.cluster}
        ]) AS move
    FROM events_before AS earlier
    JOIN events_after AS later USING (ledger, return_id, sheet, "row")
    WHERE earlier.chain IS DISTINCT FROM later.chain OR earlier.cluster IS DISTINCT FROM later.cluster
)
SELECT
    move.dimension AS dimension,
    move.before AS before,
    move.after AS after,
    count(*) AS "rows",
    count(DISTINCT return_id) AS "returns"
FROM moved
WHERE move.before IS DISTINCT FROM move.after
GROUP BY ALL
ORDER BY "rows" DESC, dimension, before, after
