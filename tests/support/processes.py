"""The command ``union7510`` as a process of its own, and what a publication holds.

What belongs here: starting and stopping processes over a home, tables as sets. What does not: what they hold.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from warehouse.catalog.expressions import identifier, literal
from warehouse.publications import PublicationStore
from warehouse.settings import Home

_COMMAND = Path(sys.executable).with_name("union7510")

Tables = Mapping[str, Counter[tuple[Any, ...]]]


class Command(subprocess.Popen[str]):
    """A process that a failing test does not wait for."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, error, traceback)


def start(home: Home, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Command:
    """Starts the command; the caller ends it."""
    return Command(
        [_COMMAND, *arguments],
        env={**os.environ, "UNION7510_HOME": str(home.root), "PYTHONUTF8": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def figures(home: Home) -> Tables:
    """Every table of core and mart of the current publication, each as a set that counts its rows."""
    current = PublicationStore(home).current_id()
    assert current is not None
    # Attached, since a reader of this process may have the file open with settings of its own.
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH {literal(str(PublicationStore(home).path(current)))} AS file (READ_ONLY)")
        connection.execute("USE file")
        names = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_catalog = 'file' AND table_schema IN ('core', 'mart')"
        ).fetchall()
        return {
            f"{schema}.{name}": Counter(
                connection.execute(f"FROM {identifier(schema)}.{identifier(name)}").fetchall()
            )
            for schema, name in names
        }


def different_tables(one: Tables, other: Tables) -> list[str]:
    """Names of the tables that are not equal."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, locks left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
