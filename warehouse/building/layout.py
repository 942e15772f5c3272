"""A publication without rows, kept as a file: its tables, their comments and the views of ``zh``.

What belongs here: keeping it beside the bytecode of these modules, and copying it into a candidate. What does
not: what it consists of (``models``, ``comments``, ``chinese``).

A publication has some 1,400 comments. To write them one by one takes longer than to build the tables of a
small home; to copy them takes milliseconds. The file is found by a digest of all that it is made from, so
there is nothing to keep up to date; where it cannot be kept, the next build writes the comments again.
"""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path

import duckdb

from warehouse import storage
from warehouse.building.models import MODELS_DIRECTORY, Model
from warehouse.catalog import Catalog
from warehouse.catalog.expressions import literal

#: Where Python keeps what it has made of these modules, too.
CACHE = Path(__file__).parent / "__pycache__"
#: So many are kept: those of other code and other catalogs are of no use for long.
MOST_KEPT = 8
#: Name under which the file is attached.
_DATABASE = "layout"
_LOG = logging.getLogger(__name__)


def layout_file(catalog: Catalog, models: Iterable[Model]) -> Path:
    """Where the layout of these models is kept, or will be."""
    digest = hashlib.sha256(_code_digest())
    for ledger in catalog.ledgers:
        digest.update(ledger.model_dump_json().encode())
    for model in models:
        digest.update(f"{model.qualified_name} {model.is_view}\n{model.sql}\n".encode())
    return CACHE / f"layout-{digest.hexdigest()[:32]}.duckdb"


def copy_layout(connection: duckdb.DuckDBPyConnection, file: Path, database: str) -> bool:
    """Fills the attached, empty ``database`` with what ``file`` has; False where there is no such file."""
    if not file.exists():
        return False
    try:
        connection.execute(f"ATTACH {literal(str(file))} AS {_DATABASE} (READ_ONLY)")
    except duckdb.Error as error:
        _LOG.warning("%s cannot be read and is made anew: %s", file, error)
        file.unlink(missing_ok=True)
        return False
    connection.execute(f"COPY FROM DATABASE {_DATABASE} TO {database} (SCHEMA)")
    connection.execute(f"DETACH {_DATABASE}")
    return True


def keep_layout(connection: duckdb.DuckDBPyConnection, database: str, file: Path) -> None:
    """Keeps what ``database`` has, without its rows, as ``file``, where that can be written."""
    try:
        unfinished = storage.temporary_path(file.parent)
        connection.execute(f"ATTACH {literal(str(unfinished))} AS {_DATABASE}")
    except (OSError, duckdb.IOException) as error:
        _LOG.info("the layout of publications is not kept in %s: %s", file.parent, error)
        return
    connection.execute(f"COPY FROM DATABASE {database} TO {_DATABASE} (SCHEMA)")
    connection.execute(f"DETACH {_DATABASE}")
    storage.move_into_place(unfinished, file)
    kept = sorted(file.parent.glob("layout-*.duckdb"), key=_last_change, reverse=True)
    for old in kept[MOST_KEPT:]:
        old.unlink(missing_ok=True)


def _last_change(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process removed it
        return 0.0


@functools.cache
def _code_digest() -> bytes:
    """Of what makes tables, comments and views of models."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    for path in (*sorted(Path(__file__).parent.glob("*.py")), MODELS_DIRECTORY / "columns.yaml"):
        digest.update(path.read_bytes())
    return digest.digest()
