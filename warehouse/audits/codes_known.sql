-- Units, chains, clusters and months of counted rows stand in their code lists.
WITH codes AS (
    SELECT ledger, unit, chain, cluster, month, count(*) AS counted_rows
    FROM stage.events
    GROUP BY ledger, unit, chain, cluster, month
)
SELECT ledger, unit, chain, cluster, month, counted_rows
FROM codes
WHERE unit NOT IN (SELECT unit FROM core.units)
    OR chain NOT IN (SELECT chain FROM core.chains)
    OR cluster NOT IN (SELECT cluster FROM core.clusters)
    OR month NOT IN (SELECT month FROM core.months)
