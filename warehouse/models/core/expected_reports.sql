-- One row a unit and month for which it owes a return: it files returns and is valid in the month.
SELECT units.unit, months.month AS period
FROM core.units
JOIN core.months
    ON units.valid_from <= last_day(months.month)
    AND (units.valid_to IS NULL OR units.valid_to >= months.month)
WHERE units.files
ORDER BY months.month, units.position
