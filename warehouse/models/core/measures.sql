-- One row a measure of the programme.
SELECT measure, name_zh, name_en
FROM catalog.measures
ORDER BY measure
