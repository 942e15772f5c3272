-- What the checks of all ledgers of one batch add to. Row 0 means the sheet as a whole.
CREATE TEMP TABLE counts (sheet_id INTEGER, rows_accepted BIGINT, rows_held_out BIGINT);

CREATE TEMP TABLE issues (
    return_id VARCHAR, sheet_position INTEGER, row INTEGER, position INTEGER, rule VARCHAR, severity VARCHAR,
    ledger VARCHAR, sheet VARCHAR, cell VARCHAR, column_name VARCHAR, label VARCHAR, found VARCHAR,
    expected VARCHAR, message_zh VARCHAR, message_en VARCHAR
);
