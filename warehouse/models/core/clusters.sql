-- One row an advanced-manufacturing cluster of the 7510 field.
SELECT cluster, position, name_zh, name_en, confirmed
FROM catalog.clusters
ORDER BY position
