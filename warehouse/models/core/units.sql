-- One row a unit of the code list: counties, districts, zones and the city's own level, those that file no returns too.
SELECT unit, position, name_zh, short_zh, name_en, short_en, kind, host, files, valid_from, valid_to
FROM catalog.units
ORDER BY position
