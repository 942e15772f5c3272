-- One row a correction in force, return of its unit, month and ledger, and cell that it changes there; without a cell
-- where it changes none, without a return where there is none.
WITH corrections AS (
    SELECT decision, unit, period, ledger, column_name, expected_text, corrected_text
    FROM core.decisions
    WHERE kind = 'correct' AND in_force
),
-- What the check of each return made of each correction, once it knew of it.
outcomes AS (
    SELECT return_id, decision, ledger, sheet, "row", found, state = 'applied' AS is_applied
    FROM lake.corrections
    QUALIFY is_applied OR NOT bool_or(is_applied) OVER (PARTITION BY return_id, decision)
),
cells AS (
    SELECT
        corrections.*,
        returns.return_id,
        outcomes.sheet,
        outcomes."row",
        sheets.column_letters[corrections.column_name] || outcomes."row" AS cell,
        outcomes.found,
        CASE
            WHEN outcomes.is_applied THEN 'applied'
            WHEN outcomes.decision IS NULL AND returns.state = 'rows' THEN 'pending'
            ELSE 'stale'
        END AS state,
        coalesce(returns.in_force, FALSE) AS in_force
    FROM corrections
    LEFT JOIN stage.return_ledgers AS returns USING (unit, period, ledger)
    LEFT JOIN outcomes
        ON outcomes.decision = corrections.decision
        AND outcomes.return_id = returns.return_id
        AND outcomes.ledger = returns.ledger
    LEFT JOIN lake.sheets
        ON sheets.return_id = outcomes.return_id
        AND sheets.ledger = outcomes.ledger
        AND sheets.sheet = outcomes.sheet
)
SELECT DISTINCT
    decision,
    unit,
    period,
    ledger,
    column_name,
    expected_text,
    corrected_text,
    return_id,
    CASE WHEN state = 'applied' THEN sheet END AS sheet,
    "row",
    cell,
    found,
    state,
    in_force,
    NOT bool_or(in_force AND state <> 'stale') OVER (PARTITION BY decision) AS is_stale
FROM cells
ORDER BY decision, return_id, sheet, "row"
