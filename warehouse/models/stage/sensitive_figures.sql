-- One row a place of a month and dimension: the member that it belongs to, with what that adds up to (cell), in its year,
-- and in its year so far, and whether that is exposed.
SELECT members.*, cells.value AS cell, cells.year_total, cells.year_to_date, cells.exposed
FROM stage.sensitive_members AS members
JOIN stage.sensitive_cells AS cells
    ON cells.indicator = members.indicator
    AND cells.dimension = members.dimension
    AND cells.member IS NOT DISTINCT FROM members.member
    AND cells.month = members.month
