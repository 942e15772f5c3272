-- One row a place, of a chain and a cluster, that no figure by one dimension tells: with another chain and another cluster
-- one unit of measure could go round the four corners, and each chain, each cluster and 7510 would keep what it has.
SELECT DISTINCT here.indicator, here.place, here.month
FROM stage.sensitive_places AS here
JOIN stage.sensitive_places AS across
    ON across.indicator = here.indicator
    AND across.kind = here.kind
    AND across.month = here.month
    AND across.chain IS DISTINCT FROM here.chain
    AND across.cluster IS DISTINCT FROM here.cluster
WHERE
    coalesce(here.chain, here.cluster) IS NOT NULL
    AND coalesce(across.chain, across.cluster) IS NOT NULL
    AND coalesce(here.chain, across.cluster) IS NOT NULL
    AND coalesce(across.chain, here.cluster) IS NOT NULL
