-- The issues of each return, numbered in the order of its sheets and rows.
SELECT
    return_id,
    row_number() OVER (PARTITION BY return_id ORDER BY sheet_position, row, position, rule, cell) AS issue_number,
    rule, severity, ledger, sheet, cell, nullif(row, 0) AS row, column_name, label, found, expected, message_zh, message_en
FROM issues
ORDER BY return_id, issue_number
