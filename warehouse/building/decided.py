"""The log of decisions as a table that the models read.

What belongs here: decisions to a typed relation. What does not: what a decision does to a return (models).
"""

from __future__ import annotations

import datetime as dt
import json

import duckdb
import pyarrow as pa

from warehouse.decisions import DecisionLog, ended, in_force
from warehouse.settings import Home

LOG = "decisions.log"

_COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("decision", "kind", "decided_by", "decided_at", "note", "ends")),
        ("last_sequence", pa.int32()),
        ("in_force", pa.bool_()),
        ("ended_by", pa.string()),
        *(
            (name, pa.string())
            for name in ("period", "return_id", "rule", "sheet", "until", "unit", "ledger")
        ),
        *((name, pa.string()) for name in ("column", "where", "expect", "value")),
        ("row", pa.int32()),
    ]
)


def load_decisions(connection: duckdb.DuckDBPyConnection, home: Home, day: dt.date) -> None:
    """``decisions.log``: every decision, whether it is in force on ``day``, and which one undid it."""
    log = DecisionLog(home).decisions()
    standing, ends = {one.id for one in in_force(log, day)}, ended(log)
    rows = [
        {
            "decision": one.id,
            "kind": one.kind.value,
            "decided_by": one.by,
            "decided_at": one.at,
            "note": one.note,
            "ends": one.ends,
            "last_sequence": one.last_sequence,
            "in_force": one.id in standing,
            "ended_by": ends[one.id].id if one.id in ends else None,
            **{name: part for name, part in vars(one.about).items() if name != "where"},
            "where": json.dumps(dict(one.about.where), ensure_ascii=False) if one.about.where else None,
        }
        for one in log
    ]
    connection.register("arrow_log", pa.Table.from_pylist(rows, schema=_COLUMNS))
    connection.execute(f"CREATE TABLE {LOG} AS FROM arrow_log")
    connection.unregister("arrow_log")
