-- What became of each sheet. Of a rejected return and of a refused sheet every row is held out.
SELECT
    return_id, ledger, sheet, state, header_row, column_letters,
    CASE WHEN rejected OR state <> 'rows' THEN 0 ELSE coalesce(rows_accepted, 0) END AS rows_accepted,
    CASE WHEN rejected OR state <> 'rows' THEN row_count ELSE coalesce(rows_held_out, 0) END AS rows_held_out
FROM sheets JOIN settled USING (sheet_id) LEFT JOIN counts USING (sheet_id)
ORDER BY sheet_id
