"""A DuckDB in memory to work with: how much memory it takes, and where it puts the rest.

What belongs here: opening it, and what the environment says about it. What does not: what is computed.

``UNION7510_MEMORY_LIMIT`` (default: a quarter of the machine's memory) is what one build or compaction may
take; what needs more goes to disk, into ``UNION7510_TEMP_DIRECTORY`` (default: the folder of the
publications). ``UNION7510_BUILD_THREADS`` (default: all cores) limits the cores.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse import storage
from warehouse.settings import Home

#: Of the machine's memory, or of what a container may have of it.
DEFAULT_MEMORY_LIMIT = "25%"
_SIZE = re.compile(r"[1-9][0-9]*(\.[0-9]+)? ?[KMGT]i?B|[1-9][0-9]?%", re.IGNORECASE)


class BadSetting(ValueError):
    """A variable of the environment says what cannot be meant; the message says what can."""


@contextmanager
def scratch_database(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, in UTC, that may use files; what it spilled is gone afterwards.

    Raises:
        BadSetting: a variable of the environment is none.
    """
    config = {
        "memory_limit": _memory_limit(),
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        **({"threads": threads} if (threads := _threads()) else {}),
    }
    spill = storage.temporary_path(spill_folder(home))
    connection = duckdb.connect(config={**config, "temp_directory": str(spill)})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        # Whoever calls may print a document, and DuckDB's bar would go to the same place.
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def spill_folder(home: Home) -> Path:
    """Where the databases of a home spill to; what a killed one left there may be removed by the writer."""
    elsewhere = os.environ.get("UNION7510_TEMP_DIRECTORY")
    if not elsewhere:
        return home.publications
    if not Path(elsewhere).is_dir():
        raise BadSetting(f"UNION7510_TEMP_DIRECTORY is {elsewhere!r}: there is no such folder")
    # Another home may spill there as well.
    mark = hashlib.sha256(str(home.root.absolute()).encode()).hexdigest()[:16]
    return Path(elsewhere).absolute() / f"union7510-{mark}"


def _memory_limit() -> str:
    value = os.environ.get("UNION7510_MEMORY_LIMIT") or DEFAULT_MEMORY_LIMIT
    if not _SIZE.fullmatch(value):
        raise BadSetting(
            f"UNION7510_MEMORY_LIMIT is {value!r}: write a size or a share of the machine's, such as 4GB,"
            " 500MB or 25%"
        )
    return value


def _threads() -> str | None:
    value = os.environ.get("UNION7510_BUILD_THREADS")
    if value and not (value.isascii() and value.isdecimal() and int(value)):
        raise BadSetting(f"UNION7510_BUILD_THREADS is {value!r}: write a whole number from 1 on")
    return value or None
