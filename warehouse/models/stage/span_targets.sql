-- One row a span that has a target. A unit's own target goes before the one of each unit; only units that file returns
-- have one. The city's row of a county-scope indicator shows the target of each unit.
SELECT indicator, CAST(NULL AS VARCHAR) AS unit, month, target, weight_to_date, weight_total
FROM core.target_months
JOIN core.indicators USING (indicator)
WHERE level = CASE scope WHEN 'county' THEN 'each_unit' ELSE 'city' END
UNION ALL
SELECT indicator, units.unit, month, target, weight_to_date, weight_total
FROM core.target_months
JOIN core.units
    ON (level = 'each_unit' AND units.files)
    OR (level = 'unit' AND units.unit = target_months.unit)
QUALIFY row_number() OVER (PARTITION BY indicator, units.unit, month ORDER BY level = 'each_unit') = 1
