-- One row for each event that a unit has in a ledger and month, before its columns are drawn.
-- $rows: so many rows in every ledger; NULL: as many as the profile's rates and seasons give.
CREATE OR REPLACE TEMP TABLE slots AS
WITH reporting AS (
    SELECT
        ledger, units.*, months.*,
        -- The year's rate is laid along its seasons, and each whole number passed is an event: no month depends
        -- on which others are asked for, and the year's sum is within one of the rate. The golden ratio spreads
        -- the units' first events evenly.
        rates.rate * CASE WHEN kind = 'municipal' THEN 1
            ELSE 1 + getvariable('unit_variation') * (2 * draw(getvariable('seed') || unit || ledger, 'rate') - 1)
        END AS year_rate,
        (0.6180339887498949 * units.position + draw(getvariable('seed') || calendar_year || ledger, 'phase')) % 1 AS phase,
        seasons.share_before, seasons.share_through
    FROM generated
    JOIN units USING (unit)
    JOIN months USING (first_day)
    JOIN rates USING (kind)
    JOIN seasons USING (ledger, calendar_month)
),
counted AS (
    SELECT *, coalesce(
        $rows, floor(year_rate * share_through + phase) - floor(year_rate * share_before + phase)
    )::BIGINT AS row_count
    FROM reporting
),
numbered AS (
    SELECT * EXCLUDE (year_rate, phase, share_before, share_through, row_count),
        unnest(range(1, row_count + 1)) AS number
    FROM counted
),
keyed AS (
    SELECT *,
        concat_ws('/', getvariable('seed'), unit, first_day, ledger, number) AS event,
        -- The same enterprises meet in every ledger; no two rows of a ledger share one.
        (number - 1) * month_count + month_index AS enterprise_number,
        concat_ws('/', getvariable('seed'), unit, enterprise_number) AS enterprise_key
    FROM numbered
),
traded AS (
    SELECT keyed.*,
        CASE WHEN draw(enterprise_key, 'trade') < getvariable('outside_share')
             THEN pick(enterprise_key, getvariable('outside_trades'), 'outside')
             WHEN draw(enterprise_key, 'trade') < getvariable('outside_share') + getvariable('leading_share')
             THEN coalesce(leading_trade, pick(enterprise_key, getvariable('chain_trades'), 'any'))
             ELSE pick(enterprise_key, getvariable('chain_trades'), 'any') END AS trade
    FROM keyed
),
-- Step by step: a lambda works out what it captures for each element, so it is given columns and not expressions.
hashed AS (SELECT *, md5(enterprise_key || '/code') AS code_hash FROM traded),
organised AS (SELECT *, 'MA' || letters(code_hash) AS organisation FROM hashed),
coded AS (SELECT *, '91' || region || organisation || organisation_check(organisation) AS code_body FROM organised)
SELECT
    ledger, event, unit, kind, position, unit_place, main.cluster AS unit_cluster,
    first_day, calendar_year, calendar_month, number, getvariable('clusters') AS clusters,
    unit_place || '示例'
        || brand(getvariable('words')['brand'], enterprise_number, whole(getvariable('seed') || unit, 0, 999, 'brand'))
        || pick(enterprise_key, own.words, 'word') || '有限公司' AS own_enterprise,
    code_body || credit_check(code_body) AS own_credit_code,
    own.chain AS own_chain,
    CASE WHEN chance(enterprise_key, 0.6, 'cluster') THEN own.cluster END AS own_cluster
FROM coded
JOIN trades AS own USING (trade)
LEFT JOIN trades AS main ON main.trade = coded.leading_trade;
