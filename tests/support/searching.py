"""Looks for texts in every file of a folder, whatever its format hides.

What belongs here: opening files as what they are. What does not: what should not be there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

_ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


def files_with(folder: Path, needles: Iterable[str]) -> dict[str, set[str]]:
    """By needle the files, and their members, in which it stands: in their names, bytes, tables or cells."""
    needles = list(needles)
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        for where, content in _contents(path, str(path.relative_to(folder))):
            for needle in needles:
                if any(needle.encode(encoding) in content for encoding in _ENCODINGS):
                    found.setdefault(needle, set()).add(where)
    return found


def _contents(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    yield name, name.encode()
    if not path.is_file():
        return
    content = path.read_bytes()
    yield name, content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield f"{name}!{member}", archive.read(member)
    elif content.startswith(b"PAR1"):
        yield name, str(pq.read_table(path).to_pylist()).encode()
    elif content[8:12] == b"DUCK":
        yield from _tables(path, name)


def _tables(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(path, read_only=True) as connection:
        tables = connection.sql(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            rows = connection.sql(f'FROM "{schema}"."{table}"').fetchall()
            yield f"{name}!{schema}.{table}", str(rows).encode()
