-- No total falls without a reason: what the publication before counted for an indicator, unit and month counts still,
-- unless its return was replaced or withdrawn, was checked anew after a decision, or the event counts elsewhere now. Of
-- what another catalog or other code had counted it is not asked.
WITH totals_before AS (
    SELECT indicator, unit, month, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM before.indicator_monthly
    GROUP BY indicator, unit, month
),
totals_now AS (
    SELECT indicator, unit, month, sum(numerator) AS numerator, sum(denominator) AS denominator
    FROM mart.indicator_monthly
    GROUP BY indicator, unit, month
),
fallen AS (
    SELECT
        indicator,
        unit,
        month,
        totals_before.numerator AS total_before,
        coalesce(totals_now.numerator, 0) AS total_now
    FROM totals_before
    LEFT JOIN totals_now USING (indicator, unit, month)
    WHERE coalesce(totals_now.numerator, 0) < totals_before.numerator
        OR coalesce(totals_now.denominator, 0) < totals_before.denominator
),
-- Returns that have the last word as they had it, by the same check.
unchanged AS (
    SELECT reports.ledger, reports.return_id
    FROM core.return_ledgers AS reports
    JOIN meta.sources AS sources USING (return_id)
    JOIN before.sources AS sources_before USING (return_id)
    WHERE reports.in_force AND sources.check_version = sources_before.check_version
),
lost AS (
    SELECT indicator, unit, month, ledger, return_id, sheet, "row", numerator, denominator
    FROM before.indicator_contributions
    SEMI JOIN fallen USING (indicator, unit, month)
    SEMI JOIN unchanged USING (ledger, return_id)
    EXCEPT ALL
    SELECT indicator, unit, month, ledger, return_id, sheet, "row", numerator, denominator
    FROM mart.indicator_contributions
    SEMI JOIN fallen USING (indicator, unit, month)
)
SELECT
    indicator,
    unit,
    month,
    any_value(total_before) AS total_before,
    any_value(total_now) AS total_now,
    return_id,
    count(*) AS rows_lost
FROM lost
JOIN fallen USING (indicator, unit, month)
ANTI JOIN core.duplicates USING (ledger, return_id, sheet, "row")
GROUP BY indicator, unit, month, return_id
