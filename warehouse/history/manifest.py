"""What a publication says of itself: inside the file, and in the sidecar beside it.

What belongs here: reading both, and writing the sidecar. What does not: what stands in the file
(``warehouse/models/meta``), whether it is still true (``verifying``).

The file cannot hold its own digest, so the sidecar ``warehouse-000042.json`` does; for the rest it repeats
the file, so that a list need not open each one. Publications from before there were sidecars are read from
the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse import storage


@dataclass(frozen=True)
class Audit:
    """The outcome of one audit of the build."""

    name: str
    passed: bool
    offending: int


@dataclass(frozen=True)
class Manifest:
    """One publication; without a sidecar ``follows``, ``bytes`` and ``sha256`` are not known."""

    id: str
    built_at: str
    data_through: str | None
    return_count: int
    row_count: int
    catalog_version: str
    code_version: str
    #: Fingerprint of catalog, code and checked returns.
    inputs: str
    #: Rows by table.
    tables: Mapping[str, int] = field(default_factory=dict)
    audits: tuple[Audit, ...] = ()
    #: The publication that was current when this one went live.
    follows: str | None = None
    bytes: int | None = None
    sha256: str | None = None


class BadSidecar(ValueError):
    """The sidecar is not one that was written here."""


def sidecar_of(file: Path) -> Path:
    """Where the sidecar of a publication's file lies."""
    return file.with_suffix(".json")


def write_sidecar(file: Path, manifest: Manifest) -> None:
    """Writes the sidecar of a publication's file."""
    content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    storage.write_file(sidecar_of(file), content.encode())


def read_sidecar(file: Path) -> Manifest | None:
    """The sidecar of a publication's file, None when it has none.

    Raises:
        BadSidecar: it cannot be read as one.
    """
    try:
        document = json.loads(sidecar_of(file).read_bytes())
        audits = tuple(Audit(**one) for one in document.pop("audits"))
        return Manifest(**document, audits=audits)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadSidecar(f"{sidecar_of(file).name} is no manifest: {error}") from None


def manifest_in(connection: duckdb.DuckDBPyConnection) -> Manifest:
    """What the open file says; an older one has no list of tables and audits."""
    [publication] = records(connection, "FROM meta.publication")
    known = tables_of(connection)
    through = publication["data_through"]
    return Manifest(
        id=publication["publication_id"],
        built_at=publication["built_at"].isoformat(),
        data_through=f"{through:%Y-%m}" if through else None,
        **{
            name: publication[name]
            for name in ("return_count", "row_count", "catalog_version", "code_version", "inputs")
        },
        tables=dict(_rows(connection, known, "meta.tables", "table_name, row_count")),
        audits=tuple(
            Audit(*row) for row in _rows(connection, known, "meta.audits", "audit, passed, offending_rows")
        ),
    )


def tables_of(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The tables and views of the open file, as schema.name."""
    found = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        " WHERE table_catalog = current_database()"
    )
    return frozenset(name for (name,) in found.fetchall())


def records(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    found = connection.execute(sql, parameters)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _rows(
    connection: duckdb.DuckDBPyConnection, known: Iterable[str], table: str, columns: str
) -> list[tuple[Any, ...]]:
    if table not in known:
        return []
    return connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()


def sha256_of(file: Path) -> str:
    """The digest of a file's bytes."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
