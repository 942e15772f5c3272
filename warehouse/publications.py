"""Publications: immutable, numbered database files, and the pointer that names the current one.

What belongs here: naming, going live, opening for reading. What does not: what stands in a publication
(``warehouse.building``), queries (``warehouse.reading``).

A file is never changed once it has its number, and a number is never given twice. Readers open the generation
that ``CURRENT`` names at that moment; who still reads an older one is not disturbed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import storage
from warehouse.settings import Home

#: How long going live waits for another publication to go live, in seconds.
LOCK_TIMEOUT = 60
#: What one server may use for reading one generation.
READER_MEMORY_LIMIT = "1GB"

_FILE_NAME = re.compile(r"warehouse-(\d{6,})\.duckdb")


class NoPublication(Exception):
    """Nothing has been published yet."""

    def __init__(self) -> None:
        super().__init__("there is no publication yet; the first ingest makes one")


class PublicationNotFound(KeyError):
    """The id names no publication that is kept."""

    def __init__(self, publication_id: str) -> None:
        self.publication_id = publication_id
        shown = publication_id if len(publication_id) <= 20 else f"{publication_id[:20]}…"
        self.message = (
            f"there is no publication {shown!r}: ids are numbers such as 000042, old ones may be gone"
        )
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class PublicationStore:
    """The publications folder of a home."""

    def __init__(self, home: Home) -> None:
        self.root = home.publications
        self.pointer = self.root / "CURRENT"

    def current_id(self) -> str | None:
        """Id of the publication that readers see, None before the first."""
        try:
            return self.pointer.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def ids(self) -> list[str]:
        """Ids of all publications that are kept, ascending."""
        matches = (_FILE_NAME.fullmatch(path.name) for path in self.root.glob("warehouse-*.duckdb"))
        return sorted((match[1] for match in matches if match), key=int)

    def path(self, publication_id: str) -> Path:
        """The file of a publication; leading zeros may be left out.

        Raises:
            PublicationNotFound: malformed, never given, or removed.
        """
        # isdecimal alone would let other scripts' digits through.
        if publication_id.isascii() and publication_id.isdecimal() and len(publication_id) <= 18:
            path = self.root / f"warehouse-{int(publication_id):06d}.duckdb"
            if path.is_file():
                return path
        raise PublicationNotFound(publication_id)

    def current_fingerprint(self) -> str | None:
        """Fingerprint of the inputs of the current publication, None before the first."""
        current = self.current_id()
        if current is None:
            return None
        # Another configuration for a file that this process has open is refused, so Readers' own is used.
        connection = open_for_reading(self.path(current))
        try:
            [(fingerprint,)] = connection.execute("SELECT inputs FROM meta.publication").fetchall()
        finally:
            connection.close()
        return str(fingerprint)

    def publish(self, candidate: Path) -> str:
        """Gives the candidate the next number and makes it current; returns the id.

        The candidate must be closed and lie on the file system of the publications. A crash in between leaves
        the earlier publication current. Takes the lock of the folder: the caller must not hold it.

        Raises:
            storage.Busy: another publication is going live for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            publication_id = f"{max(map(int, [*self.ids(), self.current_id() or '0'])) + 1:06d}"
            _stamp(candidate, publication_id)
            storage.move_into_place(candidate, self.root / f"warehouse-{publication_id}.duckdb")
            self._point_to(publication_id)
        return publication_id

    def make_current(self, publication_id: str) -> str:
        """Makes an earlier (or later) publication the current one; returns its id in full.

        Raises:
            PublicationNotFound: there is none with this id.
            storage.Busy: another publication is going live for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            found = self.path(publication_id).stem.removeprefix("warehouse-")
            self._point_to(found)
        return found

    def _point_to(self, publication_id: str) -> None:
        storage.write_file(self.pointer, f"{publication_id}\n".encode("ascii"))


def _stamp(candidate: Path, publication_id: str) -> None:
    """Writes the number into the candidate, which does not know it before."""
    with duckdb.connect(candidate) as connection:
        connection.execute("UPDATE meta.publication SET publication_id = ?", [publication_id])
        connection.execute("CHECKPOINT")


def open_for_reading(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads this file and nothing else of the machine."""
    connection = duckdb.connect(
        path, read_only=True, config={"enable_external_access": "false", "memory_limit": READER_MEMORY_LIMIT}
    )
    # A second connection to a file that this process has open shares its instance, which is set and locked.
    [(locked,)] = connection.execute("SELECT current_setting('lock_configuration')").fetchall()
    if not locked:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute("SET lock_configuration = true")
    return connection


class Reader:
    """One open publication; it stays the same for as long as the reader is used. Not for several threads."""

    def __init__(self, publication_id: str, is_current: bool, cursor: duckdb.DuckDBPyConnection) -> None:
        self.publication_id = publication_id
        #: Whether it was the current one when it was opened.
        self.is_current = is_current
        self._cursor = cursor

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Rows as dictionaries; for as many as a page shows."""
        found = self._cursor.execute(sql, parameters)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def arrow(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pa.Table:
        """Rows as one Arrow table; for any number."""
        return self._cursor.sql(sql, params=parameters).to_arrow_table()

    def interrupt(self) -> None:
        """Stops the running query; may be called from another thread."""
        self._cursor.interrupt()


@dataclass
class _Generation:
    connection: duckdb.DuckDBPyConnection
    users: int = 0


class Readers:
    """Hands out readers to the threads of a server: one connection a generation, one cursor a reader."""

    def __init__(self, store: PublicationStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._generations: dict[str, _Generation] = {}

    @contextmanager
    def open(self, publication_id: str | None = None) -> Iterator[Reader]:
        """A reader of the named publication, or of the one that is current now.

        Raises:
            NoPublication: none is named and there is none yet.
            PublicationNotFound: there is none with this id.
        """
        generation_id, generation, is_current = self._enter(publication_id)
        try:
            with generation.connection.cursor() as cursor:
                yield Reader(generation_id, is_current, cursor)
        finally:
            self._leave(generation_id, generation)

    def close(self) -> None:
        """Drops the connections that nobody uses; the others go with their last user."""
        with self._lock:
            self._drop_unused(keep=None)

    def _enter(self, publication_id: str | None) -> tuple[str, _Generation, bool]:
        # CURRENT is read under the lock, so that no reader sees an older generation than one before it did.
        with self._lock:
            current = self._store.current_id()
            wanted = publication_id or current
            if wanted is None:
                raise NoPublication
            path = self._store.path(wanted)
            generation_id = path.stem.removeprefix("warehouse-")
            generation = self._generations.get(generation_id)
            if generation is None:
                generation = self._generations[generation_id] = _Generation(open_for_reading(path))
            generation.users += 1
            self._drop_unused(keep=current)
            return generation_id, generation, generation_id == current

    def _leave(self, generation_id: str, generation: _Generation) -> None:
        with self._lock:
            generation.users -= 1
            if generation_id != self._store.current_id():
                self._drop_unused(keep=self._store.current_id())

    def _drop_unused(self, keep: str | None) -> None:
        for generation_id in [*self._generations]:
            if generation_id != keep and self._generations[generation_id].users == 0:
                self._generations.pop(generation_id).connection.close()
