-- One row: what this publication is, what it was built from and by. Its id is given when it goes live.
SELECT
    CAST(NULL AS VARCHAR) AS publication_id,
    run.built_at,
    (SELECT max(period) FROM core.ledger_reports) AS data_through,
    (SELECT count(DISTINCT return_id) FROM core.ledger_reports) AS return_count,
    (SELECT count(*) FROM stage.events) AS row_count,
    run.catalog_version,
    run.code_version,
    CAST(run.contract AS INTEGER) AS contract,
    run.inputs
FROM build.run
