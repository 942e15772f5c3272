-- One row an indicator: which measure it belongs to, over which span it runs and how it is judged.
SELECT
    code AS indicator,
    position,
    measure,
    name_zh,
    name_en,
    unit AS unit_of_measure,
    unit_en AS unit_of_measure_en,
    horizon,
    comparison,
    scope,
    sensitive,
    is_ratio,
    definition_zh,
    definition_en,
    formula_zh,
    formula_en
FROM catalog.indicators
ORDER BY position
