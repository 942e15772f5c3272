-- Units, chains, clusters and months of counted rows stand in their code lists.
SELECT ledger, return_id, sheet, "row", unit, chain, cluster, month
FROM stage.events
WHERE unit NOT IN (SELECT unit FROM core.units)
    OR chain NOT IN (SELECT chain FROM core.chains)
    OR cluster NOT IN (SELECT cluster FROM core.clusters)
    OR month NOT IN (SELECT month FROM core.months)
