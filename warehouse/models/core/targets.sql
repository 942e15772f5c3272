-- One row a target: of one year or of the whole programme, for the city, for each unit or for one unit.
SELECT indicator, year, level, unit, target, phasing
FROM catalog.targets
ORDER BY indicator, year, level, unit
