-- One row a sheet of a return that was read as a ledger, or a ledger that the return declares to be nil. The layout says
-- where the columns stand: the cell of a row is its column's letter and the row's number.
SELECT return_id, ledger, sheet, state, header_row, layout, rows_accepted, rows_held_out
FROM stage.sheets
ORDER BY return_id, ledger, sheet
