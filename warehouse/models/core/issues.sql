-- One row an issue of a return: what the check found, and then the events that are counted elsewhere (R311, R312).
WITH found_by_check AS (
    SELECT
        return_id, issue_number, rule, severity, ledger, sheet, cell, "row",
        column_name, label, found, expected, message_zh, message_en
    FROM lake.issues
),
-- Where the row stands, and where the row stands that counts in its place.
placed AS (
    SELECT
        duplicates.*,
        ledgers.key_column AS column_name,
        ledgers.key_label AS label,
        sheets.column_letters[ledgers.key_column] || duplicates."row" AS cell,
        concat_ws(
            ' ', units.name_zh, counted_return_id, counted_sheet, '第 ' || counted_row || ' 行'
        ) AS detail_zh,
        concat_ws(', ', units.name_en, counted_return_id, counted_sheet, 'row ' || counted_row) AS detail_en
    FROM core.duplicates
    JOIN core.units ON units.unit = duplicates.counted_unit
    JOIN catalog.ledgers ON ledgers.name = duplicates.ledger
    LEFT JOIN lake.sheets USING (return_id, ledger, sheet)
),
numbered AS (
    SELECT
        placed.*,
        coalesce(last_number, 0)
            + row_number() OVER (PARTITION BY return_id ORDER BY ledger, sheet, "row") AS issue_number,
        sheet || ' ' || coalesce(cell, '第 ' || "row" || ' 行') AS place_zh,
        sheet || ' ' || coalesce(cell, 'row ' || "row") AS place_en
    FROM placed
    LEFT JOIN (SELECT return_id, max(issue_number) AS last_number FROM lake.issues GROUP BY return_id)
        USING (return_id)
),
found_by_comparison AS (
    SELECT
        return_id,
        CAST(issue_number AS INTEGER) AS issue_number,
        numbered.rule,
        rules.severity,
        ledger,
        sheet,
        cell,
        "row",
        column_name,
        label,
        CAST(NULL AS VARCHAR) AS found,
        rules.expected_zh || ' / ' || rules.expected_en AS expected,
        place_zh || '：' || replace(rules.meaning_zh, '{detail}', detail_zh)
            || '。应为：' || rules.expected_zh || '。' AS message_zh,
        place_en || ': ' || replace(rules.meaning_en, '{detail}', detail_en)
            || '. What passes: ' || rules.expected_en || '.' AS message_en
    FROM numbered
    JOIN catalog.rules USING (rule)
)
FROM found_by_check
UNION ALL
FROM found_by_comparison
ORDER BY return_id, issue_number
