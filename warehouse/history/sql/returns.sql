-- One row a return that is not the same in both publications, or was checked again in between. A return that both have
-- is `replaced` where it has lost the last word on a ledger, and `restored` where it has got it back. One that was
-- `withdrawn` counts no more by a decision, or is there no more.
CREATE TEMP TABLE compared_returns AS
WITH ledgers AS (
    SELECT
        return_id,
        bool_or(earlier.in_force AND NOT later.in_force) AS lost,
        bool_or(later.in_force AND NOT earlier.in_force) AS gained
    FROM earlier.core.return_ledgers AS earlier
    JOIN later.core.return_ledgers AS later USING (return_id, ledger)
    GROUP BY return_id
),
sources AS (
    SELECT return_id, earlier.batch IS DISTINCT FROM later.batch AS rechecked
    FROM earlier.meta.sources AS earlier
    JOIN later.meta.sources AS later USING (return_id)
),
compared AS (
    SELECT
        return_id,
        coalesce(later.unit, earlier.unit) AS unit,
        coalesce(later.period, earlier.period) AS period,
        coalesce(later.file_name, earlier.file_name) AS file_name,
        coalesce(later.sha256, earlier.sha256) AS sha256,
        earlier.status AS status_before,
        later.status AS status_after,
        earlier.rows_accepted AS accepted_before,
        later.rows_accepted AS accepted_after,
        coalesce(sources.rechecked, FALSE) AS rechecked,
        CASE
            WHEN earlier.return_id IS NULL THEN 'added'
            WHEN later.return_id IS NULL THEN 'withdrawn'
            WHEN later.withdrawn AND NOT earlier.withdrawn THEN 'withdrawn'
            WHEN later.status = 'REPLACED' AND earlier.status <> 'REPLACED' OR ledgers.lost THEN 'replaced'
            WHEN ledgers.gained OR earlier.withdrawn AND NOT later.withdrawn THEN 'restored'
            WHEN sources.rechecked THEN 'rechecked'
            ELSE 'same'
        END AS change
    FROM returns_before AS earlier
    FULL JOIN returns_after AS later USING (return_id)
    LEFT JOIN ledgers USING (return_id)
    LEFT JOIN sources USING (return_id)
)
FROM compared
WHERE change <> 'same'
    OR status_before IS DISTINCT FROM status_after
    OR accepted_before IS DISTINCT FROM accepted_after
