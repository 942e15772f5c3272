-- One row a target and the months in which it holds: of one year or of the whole programme, for the city, for each unit or
-- for one unit. A target that was changed keeps its row, with the last day before the next one holds.
SELECT
    indicator,
    year,
    level,
    unit,
    valid_from,
    CAST(
        lead(valid_from) OVER (PARTITION BY indicator, year, level, unit ORDER BY valid_from) - INTERVAL 1 DAY AS DATE
    ) AS valid_to,
    target,
    phasing
FROM catalog.targets
ORDER BY indicator, year, level, unit, valid_from
