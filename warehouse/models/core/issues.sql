-- One row an issue of a return: what the check found, and then what only all returns together show: events that are
-- counted elsewhere (R311, R312), and figures far from the unit's own history (R401).
WITH found_by_check AS (
    SELECT
        return_id, issue_number, rule, severity, ledger, sheet, cell, "row",
        column_name, label, found, expected, message_zh, message_en
    FROM lake.issues
),
-- Of many alike on one sheet the first are told one by one, and then how many more there are; the check does the same.
counted_elsewhere AS (
    SELECT
        duplicates.*,
        row_number() OVER (alike ORDER BY "row") AS number,
        count(*) OVER alike AS alike_count,
        number > 10000 AS stands_for_more
    FROM core.duplicates
    WINDOW alike AS (PARTITION BY return_id, ledger, sheet, rule)
    QUALIFY number <= 10001
),
-- Where the row stands, and where the row stands that counts in its place.
placed AS (
    SELECT
        counted_elsewhere.return_id,
        counted_elsewhere.rule,
        counted_elsewhere.ledger,
        counted_elsewhere.sheet,
        counted_elsewhere."row",
        ledgers.key_column AS column_name,
        ledgers.key_label AS label,
        CASE WHEN NOT stands_for_more THEN sheets.column_letters[ledgers.key_column] || "row" END AS cell,
        concat_ws(
            ' ', units.name_zh, counted_return_id, counted_sheet, '第 ' || counted_row || ' 行'
        ) AS detail_zh,
        concat_ws(', ', units.name_en, counted_return_id, counted_sheet, 'row ' || counted_row) AS detail_en,
        CASE WHEN stands_for_more THEN sheet ELSE sheet || ' ' || coalesce(cell, '第 ' || "row" || ' 行') END
            AS place_zh,
        CASE WHEN stands_for_more THEN sheet ELSE sheet || ' ' || coalesce(cell, 'row ' || "row") END AS place_en,
        CASE WHEN stands_for_more
            THEN concat('，从第 ', "row", ' 行起还有 ', alike_count - number + 1, ' 处，不再逐一列出')
        END AS more_zh,
        CASE WHEN stands_for_more
            THEN concat('; from row ', "row", ' on there are ', alike_count - number + 1, ' more, not listed one by one')
        END AS more_en
    FROM counted_elsewhere
    JOIN core.units ON units.unit = counted_elsewhere.counted_unit
    JOIN catalog.ledgers ON ledgers.name = counted_elsewhere.ledger
    LEFT JOIN lake.sheets USING (return_id, ledger, sheet)
),
-- A ledger may stand on several sheets; its rows and sums are those of all.
ledger_sheets AS (
    SELECT return_id, ledger, min(sheet) AS sheet, string_agg(sheet, '、' ORDER BY sheet) AS sheets
    FROM lake.sheets
    WHERE rows_accepted > 0
    GROUP BY return_id, ledger
),
far_from_history AS (
    SELECT
        return_id,
        'R401' AS rule,
        ledger,
        any_value(ledger_sheets.sheet) AS sheet,
        CAST(NULL AS INTEGER) AS "row",
        CASE WHEN count(*) = 1 THEN any_value(column_name) END AS column_name,
        string_agg(label_zh, '、' ORDER BY place) AS label,
        CAST(NULL AS VARCHAR) AS cell,
        concat(
            string_agg(
                concat(label_zh, ' ', stage.plain(figure), '，中位数 ', stage.plain(usual)), '；' ORDER BY place
            ),
            '；对比 ', strftime(any_value(first_month), '%Y-%m'), ' 至 ', strftime(any_value(last_month), '%Y-%m'),
            ' 有数据的 ', any_value(months), ' 个月'
        ) AS detail_zh,
        concat(
            string_agg(
                concat(label_en, ': ', stage.plain(figure), ' against a median of ', stage.plain(usual)), '; '
                ORDER BY place
            ),
            '; compared with ', any_value(months), ' months with rows, ',
            strftime(any_value(first_month), '%Y-%m'), ' to ', strftime(any_value(last_month), '%Y-%m')
        ) AS detail_en,
        any_value(ledger_sheets.sheets) AS place_zh,
        any_value(ledger_sheets.sheets) AS place_en,
        CAST(NULL AS VARCHAR) AS more_zh,
        CAST(NULL AS VARCHAR) AS more_en
    FROM stage.outliers
    JOIN ledger_sheets USING (return_id, ledger)
    GROUP BY return_id, ledger
),
numbered AS (
    SELECT
        compared.*,
        coalesce(last_number, 0)
            + row_number() OVER (PARTITION BY return_id ORDER BY ledger, sheet, "row" NULLS FIRST) AS issue_number
    FROM (FROM placed UNION ALL BY NAME FROM far_from_history) AS compared
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
        concat(
            place_zh, '：', replace(rules.meaning_zh, '{detail}', detail_zh), more_zh, '。应为：', rules.expected_zh, '。'
        ) AS message_zh,
        concat(
            place_en, ': ', replace(rules.meaning_en, '{detail}', detail_en), more_en,
            '. What passes: ', rules.expected_en, '.'
        ) AS message_en
    FROM numbered
    JOIN catalog.rules USING (rule)
)
FROM found_by_check
UNION ALL
FROM found_by_comparison
ORDER BY return_id, issue_number
