-- What became of each correction on each sheet that it concerns.
SELECT return_id, decision, corrected_cells.state, ledger, sheet, row, column_name, found
FROM corrected_cells JOIN sheets USING (sheet_id)
ORDER BY sheet_id, decision, row
