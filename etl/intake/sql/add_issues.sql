-- One ledger's broken rules put into words, from what LedgerStatements.issues selects. Of many alike on one
-- sheet the first are told one by one, and then how many more there are.
INSERT INTO issues BY NAME
WITH broken AS (
    SELECT
        broken.*,
        row_number() OVER alike AS number,
        count(*) OVER (PARTITION BY sheet_id, text_key) AS alike_count
    FROM ({issues}) AS broken
    JOIN settled USING (sheet_id)
    WHERE settled.state = 'rows'
    WINDOW alike AS (PARTITION BY sheet_id, text_key ORDER BY row)
    QUALIFY number <= $most_issues + 1
),
placed AS (
    SELECT
        broken.* EXCLUDE (found, rule),
        number > $most_issues AS stands_for_more,
        -- A row rule quotes cells that it is not about, and an event's name may be a number's.
        CASE WHEN is_personal(broken.found) THEN NULL ELSE left(broken.found, $quote_length) END AS found,
        sheets.return_id, sheets.ledger, sheets.sheet,
        sheets.column_letters[broken.column_name] || broken.row AS cell,
        waivers.decision
    FROM broken
    JOIN sheets USING (sheet_id)
    LEFT JOIN waivers
        ON waivers.sheet_id = broken.sheet_id
        AND waivers.rule = broken.rule
        AND coalesce(waivers.row, broken.row) = broken.row
),
worded AS (
    SELECT
        placed.*,
        issue_texts.* EXCLUDE (text_key, severity),
        CASE WHEN decision IS NULL THEN severity ELSE 'warning' END AS severity,
        replace(meaning_zh, '{{detail}}', coalesce(detail, '')) AS problem_zh,
        replace(meaning_en, '{{detail}}', coalesce(detail, '')) AS problem_en
    FROM placed JOIN issue_texts USING (text_key)
)
SELECT
    return_id, sheet_id AS sheet_position, row, position, rule, severity, ledger, sheet, column_name, label,
    CASE WHEN NOT stands_for_more THEN cell END AS cell,
    CASE WHEN NOT stands_for_more THEN found END AS found,
    expected_zh || ' / ' || expected_en AS expected,
    CASE
        WHEN stands_for_more THEN concat(
            sheet, '：', problem_zh, '，从第 ', row, ' 行起还有 ', alike_count - number + 1, ' 处，不再逐一列出。应为：', expected_zh, '。'
        )
        ELSE concat(
            sheet, ' ', coalesce(cell, '第 ' || row || ' 行'), '：', problem_zh,
            '，填的是“' || found || '”', '。应为：', expected_zh, '。',
            '已按决定 ' || decision || ' 采纳。'
        )
    END AS message_zh,
    CASE
        WHEN stands_for_more THEN concat(
            sheet, ': ', problem_en, '; from row ', row, ' on there are ', alike_count - number + 1,
            ' more, not listed one by one. What passes: ', expected_en, '.'
        )
        ELSE concat(
            sheet, ' ', coalesce(cell, 'row ' || row), ': ', problem_en,
            '; found “' || found || '”', '. What passes: ', expected_en, '.',
            ' Counts by decision ' || decision || '.'
        )
    END AS message_en
FROM worded
