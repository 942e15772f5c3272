-- One row an indicator, unit, month and return that has to do with the difference: its part of the figure before and
-- after, of a ratio the numerator's. A return without a part has displaced rows of another (the same event), or says
-- that there is nothing to report.
CREATE TEMP TABLE causes AS
WITH changed AS (
    SELECT indicator, unit, first_month AS month
    FROM compared_figures
    WHERE NOT is_total AND unit IS NOT NULL
),
rows_before AS (
    SELECT indicator, unit, month, ledger, return_id, sheet, "row", numerator, denominator
    FROM earlier.mart.indicator_contributions
    SEMI JOIN changed USING (indicator, unit, month)
),
rows_after AS (
    SELECT indicator, unit, month, ledger, return_id, sheet, "row", numerator, denominator
    FROM later.mart.indicator_contributions
    SEMI JOIN changed USING (indicator, unit, month)
),
compared_rows AS (
    SELECT
        indicator,
        unit,
        month,
        ledger,
        return_id,
        sheet,
        "row",
        earlier.return_id IS NOT NULL AS is_before,
        later.return_id IS NOT NULL AS is_after,
        coalesce(earlier.numerator, 0) AS before,
        coalesce(later.numerator, 0) AS after
    FROM rows_before AS earlier
    FULL JOIN rows_after AS later USING (indicator, unit, month, ledger, return_id, sheet, "row")
),
parts AS (
    SELECT
        indicator,
        unit,
        month,
        return_id,
        count(*) FILTER (is_before) AS rows_before,
        count(*) FILTER (is_after) AS rows_after,
        sum(before) AS before,
        sum(after) AS after
    FROM compared_rows
    GROUP BY indicator, unit, month, return_id
    HAVING bool_or(is_before <> is_after) OR bool_or(before <> after)
),
displacing AS (
    SELECT indicator, compared_rows.unit, month, duplicates.counted_return_id AS return_id
    FROM compared_rows
    JOIN later.core.duplicates AS duplicates USING (ledger, return_id, sheet, "row")
    WHERE NOT is_after
    UNION
    SELECT indicator, compared_rows.unit, month, duplicates.counted_return_id AS return_id
    FROM compared_rows
    JOIN earlier.core.duplicates AS duplicates USING (ledger, return_id, sheet, "row")
    WHERE NOT is_before
),
reports AS (
    SELECT
        changed.indicator,
        changed.unit,
        changed.month,
        earlier.return_id AS return_before,
        later.return_id AS return_after
    FROM changed
    JOIN (
        SELECT indicator, ledger FROM earlier.core.indicator_ledgers
        UNION
        SELECT indicator, ledger FROM later.core.indicator_ledgers
    ) AS ledgers USING (indicator)
    LEFT JOIN earlier.core.ledger_reports AS earlier
        ON earlier.unit = changed.unit AND earlier.period = changed.month AND earlier.ledger = ledgers.ledger
    LEFT JOIN later.core.ledger_reports AS later
        ON later.unit = changed.unit AND later.period = changed.month AND later.ledger = ledgers.ledger
    WHERE earlier.return_id IS DISTINCT FROM later.return_id
),
without_parts AS (
    SELECT indicator, unit, month, return_id FROM displacing
    UNION
    SELECT indicator, unit, month, unnest([return_before, return_after]) AS return_id FROM reports
)
SELECT * FROM parts
UNION ALL BY NAME
SELECT indicator, unit, month, return_id, 0 AS rows_before, 0 AS rows_after, 0 AS before, 0 AS after
FROM without_parts
ANTI JOIN parts USING (indicator, unit, month, return_id)
WHERE return_id IS NOT NULL
