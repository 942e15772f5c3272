"""Connections that read publications and nothing else of the machine.

What belongs here: opening one file, or several side by side. What does not: which file is wanted and who
shares a connection (``warehouse.publications``).
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from warehouse.catalog.expressions import identifier, literal
from warehouse.history import in_use

#: What one connection may use for reading.
READER_MEMORY_LIMIT = "1GB"


def open_for_reading(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads this file and nothing else; while it lives, ``gc`` keeps the file.

    Raises:
        FileNotFoundError: the file is gone.
    """
    mark = in_use.hold(path)
    try:
        connection = duckdb.connect(
            path,
            read_only=True,
            config={"enable_external_access": "false", "memory_limit": READER_MEMORY_LIMIT},
        )
    except BaseException:
        os.close(mark)
        raise
    weakref.finalize(connection, os.close, mark)
    # A second connection to a file that this process has open shares its instance, which is set and locked.
    _shut(connection)
    return connection


@contextmanager
def open_together(files: Mapping[str, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads several publications, each as the database of its name, and nothing else.

    Raises:
        FileNotFoundError: one of the files is gone.
    """
    with ExitStack() as stack:
        for path in files.values():
            stack.callback(os.close, in_use.hold(path))
        spill = stack.enter_context(tempfile.TemporaryDirectory())
        connection = stack.enter_context(
            duckdb.connect(config={"memory_limit": READER_MEMORY_LIMIT, "temp_directory": spill})
        )
        for name, path in files.items():
            connection.execute(f"ATTACH {literal(str(path))} AS {identifier(name)} (READ_ONLY)")
        connection.execute("SET enable_external_access = false")
        _shut(connection)
        yield connection


def _shut(connection: duckdb.DuckDBPyConnection) -> None:
    """Fixes the settings of the connection's instance, unless they are."""
    [(locked,)] = connection.execute("SELECT current_setting('lock_configuration')").fetchall()
    if not locked:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute("SET lock_configuration = true")
