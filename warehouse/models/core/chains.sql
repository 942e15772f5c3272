-- One row a key industry chain of the 7510 field.
SELECT chain, position, name_zh, name_en, confirmed
FROM catalog.chains
ORDER BY position
