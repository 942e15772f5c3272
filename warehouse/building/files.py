"""The files that a build reads, as tables of its manifest.

What belongs here: which files, and what can tell them from others later. What does not: what they say
(``inputs``). Landed files are told by their manifests of reception, which hold their digests already.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.decisions import DecisionLog
from warehouse.settings import Home

#: The tables, for the models.
LAKE_FILES, DECISION_FILES = "build.lake_files", "build.decision_files"

_LAKE_FILES = pa.schema([("path", pa.string()), ("bytes", pa.int64())])
_DECISION_FILES = pa.schema([("decision", pa.string()), ("path", pa.string()), ("sha256", pa.string())])


def load_files(connection: duckdb.DuckDBPyConnection, home: Home, lake_files: Iterable[Path]) -> None:
    """``build.lake_files`` by size, because they are large, and ``build.decision_files`` by digest."""
    lake = [{"path": _name(home, path), "bytes": path.stat().st_size} for path in lake_files]
    _create(connection, LAKE_FILES, pa.Table.from_pylist(lake, schema=_LAKE_FILES))
    decisions = [_decision(home, path) for path in sorted(DecisionLog(home).root.glob("[0-9]*.json"))]
    _create(connection, DECISION_FILES, pa.Table.from_pylist(decisions, schema=_DECISION_FILES))


def _decision(home: Home, path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "decision": json.loads(content)["id"],
        "path": _name(home, path),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _name(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("arrow_files", table)
    connection.execute(f"CREATE TABLE {name} AS FROM arrow_files")
    connection.unregister("arrow_files")
