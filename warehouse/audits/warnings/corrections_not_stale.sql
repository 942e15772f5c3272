-- Every correction in force changes a cell of a return in force: no source was mended without it, or shows something else.
SELECT DISTINCT decision, unit, period, ledger, column_name, expected_text, corrected_text
FROM core.corrections
WHERE is_stale
ORDER BY decision
