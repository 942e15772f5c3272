-- One ledger's broken rules put into words: {issues} is what LedgerStatements.issues selects.
INSERT INTO issues BY NAME
WITH placed AS (
    SELECT
        broken.* EXCLUDE (found),
        left(broken.found, $quote_length) AS found,
        sheets.return_id, sheets.ledger, sheets.sheet,
        sheets.column_letters[broken.column_name] || broken.row AS cell
    FROM ({issues}) AS broken JOIN sheets USING (sheet_id)
)
SELECT
    return_id, sheet_id AS sheet_position, row, position, rule, severity, ledger, sheet, cell, column_name, label, found,
    expected_zh || ' / ' || expected_en AS expected,
    concat(
        sheet, ' ', coalesce(cell, '第 ' || row || ' 行'), '：',
        replace(meaning_zh, '{{detail}}', coalesce(detail, '')),
        '，填的是“' || found || '”', '。应为：', expected_zh, '。'
    ) AS message_zh,
    concat(
        sheet, ' ', coalesce(cell, 'row ' || row), ': ',
        replace(meaning_en, '{{detail}}', coalesce(detail, '')),
        '; found “' || found || '”', '. What passes: ', expected_en, '.'
    ) AS message_en
FROM placed JOIN issue_texts USING (text_key)
