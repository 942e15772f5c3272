-- What the checks of all ledgers of one batch add to. Row 0 means the sheet as a whole.
CREATE TEMP TABLE counts (sheet_id INTEGER, rows_accepted BIGINT, rows_held_out BIGINT);

-- What became of a sheet, once its rows were seen.
CREATE TEMP TABLE settled (sheet_id INTEGER, state VARCHAR, row_count BIGINT);

CREATE TEMP TABLE waivers (sheet_id INTEGER, rule VARCHAR, row INTEGER, decision VARCHAR);

CREATE TEMP TABLE corrected_cells (
    sheet_id INTEGER, decision VARCHAR, state VARCHAR, row INTEGER, column_name VARCHAR, found VARCHAR
);

CREATE TEMP TABLE issues (
    return_id VARCHAR, sheet_position INTEGER, row INTEGER, position INTEGER, rule VARCHAR, severity VARCHAR,
    ledger VARCHAR, sheet VARCHAR, cell VARCHAR, column_name VARCHAR, label VARCHAR, found VARCHAR,
    expected VARCHAR, message_zh VARCHAR, message_en VARCHAR
);
