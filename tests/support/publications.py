"""Small files that can be published, for tests of what becomes of publications.

What belongs here: a candidate with what every publication says of itself. What does not: figures
(``lake_world``).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.publications import PublicationStore


def candidate(
    store: PublicationStore,
    fingerprint: str = "f",
    *,
    tables: Mapping[str, int] | None = None,
    audits: Mapping[str, int] | None = None,
) -> Path:
    """A closed file; ``tables`` are rows by table, ``audits`` offending rows by audit."""
    store.root.mkdir(parents=True, exist_ok=True)
    path = store.root / f".tmp-{fingerprint}"
    with duckdb.connect(path) as connection:
        connection.begin()
        connection.execute("CREATE SCHEMA meta")
        connection.execute(
            """
            CREATE TABLE meta.publication AS SELECT
                CAST(NULL AS VARCHAR) AS publication_id,
                TIMESTAMPTZ '2024-04-06 08:00:00+08' AS built_at,
                DATE '2024-03-01' AS data_through,
                1 AS return_count,
                2 AS row_count,
                'catalog' AS catalog_version,
                'code' AS code_version,
                ? AS inputs
            """,
            [fingerprint],
        )
        connection.execute(
            "CREATE TABLE meta.sources (return_id VARCHAR, sha256 VARCHAR, file_name VARCHAR, batch INT)"
        )
        _table(connection, "tables (table_name VARCHAR, row_count BIGINT)", [*(tables or {}).items()])
        answers = [(name, rows == 0, rows) for name, rows in (audits or {}).items()]
        _table(connection, "audits (audit VARCHAR, passed BOOLEAN, offending_rows BIGINT)", answers)
        connection.commit()
    return path


def publish_again(
    published: PublicationStore, publication_id: str, store: PublicationStore, change: str = ""
) -> str:
    """Publishes a copy of a file elsewhere, perhaps changed by SQL."""
    store.root.mkdir(parents=True, exist_ok=True)
    copy = Path(shutil.copyfile(published.path(publication_id), store.root / ".tmp-copy"))
    with duckdb.connect(copy) as candidate:
        candidate.execute(change)
    return store.publish(copy)


def publish_older(published: PublicationStore, publication_id: str, store: PublicationStore) -> str:
    """Publishes a copy as it would be from before there were manifests, formulas and cells."""
    older = publish_again(published, publication_id, store, _OLDER)
    (store.root / f"warehouse-{older}.json").unlink()
    return older


#: Takes away what is younger.
_OLDER = """
    DROP SCHEMA IF EXISTS zh CASCADE;
    DROP TABLE mart.indicator_status;
    DROP TABLE meta.tables;
    DROP TABLE meta.audits;
    DROP TABLE meta.lake_files;
    DROP TABLE meta.decisions;
    DROP TABLE core.decisions;
    ALTER TABLE core.returns DROP COLUMN withdrawn;
    DROP TABLE core.sheets;
    DROP TABLE core.sheet_layouts;
    ALTER TABLE core.indicators DROP COLUMN unit_of_measure_en;
    ALTER TABLE core.indicators DROP COLUMN formula_zh;
    ALTER TABLE core.indicators DROP COLUMN formula_en;
    ALTER TABLE meta.sources DROP COLUMN check_version;
    ALTER TABLE meta.sources DROP COLUMN landed_sha256;
"""


def _table(
    connection: duckdb.DuckDBPyConnection, definition: str, rows: Sequence[tuple[object, ...]]
) -> None:
    connection.execute(f"CREATE TABLE meta.{definition}")
    name, places = definition.split(" ")[0], ", ".join("?" * (definition.count(",") + 1))
    for row in rows:
        connection.execute(f"INSERT INTO meta.{name} VALUES ({places})", row)
