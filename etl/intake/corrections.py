"""Decided corrections, applied to the texts of a ledger before they are checked.

What belongs here: finding the cells that a correction means, and what became of it. What does not: the log of
decisions (``warehouse.decisions``), and whether the corrected value passes (``statements``).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from etl.intake.circumstances import Correction
from etl.intake.extraction import storage_column, text_column
from etl.intake.reading import ReadReturn
from etl.intake.sources import RowSource
from warehouse.catalog import Ledger
from warehouse.catalog.expressions import identifier, literal

_CORRECTED = "corrected"


def apply_corrections(
    connection: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    source: RowSource,
    returns: Mapping[int, ReadReturn],
) -> RowSource:
    """``source`` with the corrections of its returns; the same source where there are none.

    Args:
        connection: where the source can be read; ``corrected_cells`` gets a row for each cell, or one that
            says that a sheet no longer shows what a correction expects.
        ledger: of all rows of the source.
        source: the rows.
        returns: by sheet id, the return to which a sheet belongs.
    """
    wanted = [
        (sheet_id, correction)
        for sheet_id, one in returns.items()
        for correction in one.circumstances.corrections
        if (correction.unit, correction.period, correction.ledger) == (one.unit, one.period, ledger.name)
    ]
    if not wanted:
        return source
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_CORRECTED} AS {source.numbered}")
    connection.execute(
        "DELETE FROM corrected_cells WHERE sheet_id IN (SELECT unnest($sheet_ids))",
        {"sheet_ids": list(returns)},
    )
    columns = {field.name for field in ledger.stored_fields}
    for sheet_id, correction in wanted:
        # A column that the catalog no longer knows shows nothing that could be corrected.
        if all(name in columns for name in (correction.column, *correction.where)):
            _correct(connection, ledger, sheet_id, correction)
        _tell_stale(connection, sheet_id, correction)
    return RowSource(f"FROM {_CORRECTED}")


def _correct(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, sheet_id: int, correction: Correction
) -> None:
    field = ledger.field(correction.column)
    text = identifier(text_column(field))
    shown = [f"sheet_id = {sheet_id}", _reads(text, correction.expect)]
    shown += [
        _reads(identifier(text_column(ledger.field(name))), value) for name, value in correction.where.items()
    ]
    connection.execute(
        f"INSERT INTO corrected_cells BY NAME SELECT {_constants(sheet_id, correction)}, 'applied' AS state,"
        f" row, {text} AS found FROM {_CORRECTED} WHERE {' AND '.join(shown)}"
    )
    changes = [f"{text} = {literal(correction.value)}"]
    if (stored_as := storage_column(field)) is not None:
        changes.append(f"{identifier(stored_as)} = 'text'")
    connection.execute(f"UPDATE {_CORRECTED} SET {', '.join(changes)} WHERE {' AND '.join(shown)}")


def _tell_stale(connection: duckdb.DuckDBPyConnection, sheet_id: int, correction: Correction) -> None:
    """Unless a cell of the sheet was corrected."""
    connection.execute(
        f"INSERT INTO corrected_cells BY NAME SELECT {_constants(sheet_id, correction)}, 'stale' AS state"
        " WHERE NOT EXISTS (FROM corrected_cells WHERE sheet_id = $sheet_id AND decision = $decision)",
        {"sheet_id": sheet_id, "decision": correction.decision},
    )


def _constants(sheet_id: int, correction: Correction) -> str:
    return (
        f"{sheet_id} AS sheet_id, {literal(correction.decision)} AS decision,"
        f" {literal(correction.column)} AS column_name"
    )


def _reads(column: str, text: str) -> str:
    return f"folded(coalesce({column}, '')) = folded({literal(text)})"
