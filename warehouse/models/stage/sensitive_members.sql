-- One row a place of a month and dimension: the member of the dimension that the place belongs to. Figures by a public
-- dimension can be asked for. The others follow from their differences: what has no chain, less what lies outside 7510,
-- is in 7510 by a cluster alone.
WITH dimensions AS (
    FROM (VALUES
        ('unit', 'unit', TRUE),
        ('chain and cluster', 'chain', TRUE),
        ('chain and cluster', 'cluster', TRUE),
        ('chain and cluster', 'in_7510', TRUE),
        ('chain and cluster', 'way into 7510', FALSE),
        ('chain and cluster', 'chain and cluster', FALSE)
    ) AS declared (kind, dimension, public)
)
SELECT
    indicator,
    kind,
    place,
    month,
    value,
    dimension,
    public,
    CASE dimension
        WHEN 'chain' THEN chain
        WHEN 'cluster' THEN cluster
        WHEN 'in_7510' THEN CASE WHEN chain IS NULL AND cluster IS NULL THEN 'false' ELSE 'true' END
        WHEN 'way into 7510' THEN CASE
            WHEN chain IS NULL AND cluster IS NULL THEN 'none'
            WHEN chain IS NULL THEN 'cluster'
            WHEN cluster IS NULL THEN 'chain'
            ELSE 'both'
        END
        ELSE place
    END AS member
FROM stage.sensitive_places
JOIN dimensions USING (kind)
