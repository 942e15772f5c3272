"""Publications: immutable, numbered database files, and the pointer that names the current one.

What belongs here: naming, going live, going back, readers. What does not: what stands in a publication
(``warehouse.building``), its manifest, removal and comparison (``warehouse.history``), queries
(``warehouse.reading``).

A file is never changed once it has its number, and a number is never given twice. Readers open the generation
that ``CURRENT`` names at that moment; who still reads an older one is not disturbed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import storage
from warehouse.history.log import ROLLBACK, Entry, Log, SetAside
from warehouse.history.manifest import (
    BadSidecar,
    Manifest,
    manifest_in,
    read_sidecar,
    sha256_of,
    write_sidecar,
)
from warehouse.opening import open_for_reading
from warehouse.settings import Home

__all__ = [
    "CannotRollBack",
    "NoPublication",
    "PublicationNotFound",
    "PublicationStore",
    "Reader",
    "Readers",
    "open_for_reading",
]

#: How long going live waits for another publication to go live, in seconds.
LOCK_TIMEOUT = 60
_FILE_NAME = re.compile(r"warehouse-(\d{6,})\.(duckdb|json)")
#: Who may do what with a published file: nobody writes it.
_READ_ONLY = 0o444


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


class CannotRollBack(Exception):
    """CURRENT cannot move to the publication; the message says why, and it has not moved."""


class PublicationStore:
    """The publications folder of a home."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.root = home.publications
        self.pointer = self.root / "CURRENT"
        self.log = Log(self.root)

    def current_id(self) -> str | None:
        """Id of the publication that readers see, None before the first."""
        try:
            # What is no id names no publication that there is.
            return self.pointer.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None

    def current_path(self) -> Path | None:
        """The file that readers open now, None before the first publication or where it is gone."""
        current = self.current_id()
        try:
            return None if current is None else self.path(current)
        except PublicationNotFound:
            return None

    def ids(self) -> list[str]:
        """Ids of all publications that are kept, ascending."""
        return _ids(self.root.glob("warehouse-*.duckdb"))

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

    def full_id(self, publication_id: str) -> str:
        """The id with its leading zeros.

        Raises:
            PublicationNotFound: malformed, never given, or removed.
        """
        return _id(self.path(publication_id))

    def manifest(self, publication_id: str) -> Manifest:
        """What a publication was built from; without a (readable) sidecar, what the file says.

        Raises:
            PublicationNotFound: there is none with this id.
        """
        path = self.path(publication_id)
        try:
            manifest = read_sidecar(path)
        except BadSidecar:
            manifest = None
        if manifest is not None:
            return manifest
        try:
            with closing(open_for_reading(path)) as connection:
                return manifest_in(connection)
        except FileNotFoundError:
            raise PublicationNotFound(publication_id) from None

    def current_fingerprint(self) -> str | None:
        """Fingerprint of the inputs of the current publication, None before the first."""
        current = self.current_id()
        return None if current is None else self.manifest(current).inputs

    def rollback_in_force(self) -> Entry | None:
        """The rollback because of which a newer publication does not serve, if there is one."""
        moves = [entry for entry in self.log.entries() if entry.action == ROLLBACK]
        if not moves or not moves[-1].set_aside or moves[-1].entered != self.current_id():
            return None
        return moves[-1]

    def is_answered(self, fingerprint: str) -> bool:
        """Whether there is nothing to publish from inputs with this fingerprint.

        The current publication was built from them, or one that a rollback has set aside: to publish the same
        again would undo what somebody decided.
        """
        rollback = self.rollback_in_force()
        set_aside = {one.inputs for one in rollback.set_aside} if rollback is not None else set[str]()
        return fingerprint in set_aside or fingerprint == self.current_fingerprint()

    def publish(self, candidate: Path) -> str:
        """Gives the candidate the next number and makes it current; returns the id.

        The candidate must be closed and lie on the file system of the publications. A crash in between leaves
        the earlier publication current. Takes the lock of the folder: the caller must not hold it.

        Raises:
            storage.Busy: another publication is going live for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            publication_id = f"{self._last_number() + 1:06d}"
            manifest = replace(
                _stamp(candidate, publication_id),
                follows=self.current_id(),
                bytes=candidate.stat().st_size,
                sha256=sha256_of(candidate),
            )
            path = self.root / f"warehouse-{publication_id}.duckdb"
            # The sidecar first: a file that has its name has its digest, too.
            write_sidecar(path, manifest)
            candidate.chmod(_READ_ONLY)
            storage.move_into_place(candidate, path)
            self._point_to(publication_id)
        return publication_id

    def roll_back(self, publication_id: str, *, by: str | None = None, note: str | None = None) -> Entry:
        """Makes an earlier publication the current one, or a later one again; returns the entry of the log.

        The next publication gets a new number on top, but none is made from inputs that are set aside
        (``is_answered``).

        Raises:
            PublicationNotFound: there is none with this id.
            CannotRollBack: it is the current one, or its file cannot be read.
            storage.Busy: another publication is going live for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            path, current = self.path(publication_id), self.current_id()
            entered = _id(path)
            if current is None or entered == current:
                raise CannotRollBack(f"publication {entered} is the current one already")
            _check_readable(path, entered)
            entry = self.log.rollback(
                left=current, entered=entered, set_aside=self._set_aside(current, entered), by=by, note=note
            )
            self._point_to(entered)
        return entry

    def _set_aside(self, left: str, entered: str) -> tuple[SetAside, ...]:
        """What is newer than the publication entered, and was current or set aside until now."""
        before = self.rollback_in_force()
        left_now = SetAside(left, self.manifest(left).inputs)
        earlier = before.set_aside if before is not None else ()
        return tuple(one for one in (*earlier, left_now) if int(one.id) > int(entered))

    def _last_number(self) -> int:
        """The highest number that was ever given, as far as anything remembers it."""
        named = (publication_id for entry in self.log.entries() for publication_id in entry.ids())
        return max(map(int, [*_ids(self.root.glob("warehouse-*")), self.current_id() or "0", *named]))

    def _point_to(self, publication_id: str) -> None:
        storage.write_file(self.pointer, f"{publication_id}\n".encode("ascii"))


def _id(file: Path) -> str:
    return file.stem.removeprefix("warehouse-")


def _ids(files: Iterable[Path]) -> list[str]:
    """The ids in the names of files, ascending, each once."""
    matches = (_FILE_NAME.fullmatch(path.name) for path in files)
    return sorted({match[1] for match in matches if match}, key=int)


def _stamp(candidate: Path, publication_id: str) -> Manifest:
    """Writes the number into the candidate, which does not know it before; gives what the file then says."""
    with duckdb.connect(candidate) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("UPDATE meta.publication SET publication_id = ?", [publication_id])
        connection.execute("CHECKPOINT")
        return manifest_in(connection)


def _check_readable(path: Path, publication_id: str) -> None:
    """Raises: CannotRollBack: the file is not the publication that its name says."""
    try:
        with closing(open_for_reading(path)) as connection:
            found = manifest_in(connection).id
    except (duckdb.Error, ValueError) as error:
        raise CannotRollBack(
            f"publication {publication_id} cannot be read ({error}); ask `union7510 verify {publication_id}`"
        ) from None
    if found != publication_id:
        raise CannotRollBack(f"the file of publication {publication_id} holds publication {found}")


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
        self._current: str | None = None

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
            self._current = current = self._store.current_id()
            wanted = current if publication_id is None else publication_id
            if wanted is None:
                raise NoPublication
            path = self._store.path(wanted)
            generation_id = _id(path)
            generation = self._generations.get(generation_id)
            if generation is None:
                try:
                    connection = open_for_reading(path)
                except FileNotFoundError:
                    raise PublicationNotFound(wanted) from None
                generation = self._generations[generation_id] = _Generation(connection)
            generation.users += 1
            self._drop_unused(keep=current)
            return generation_id, generation, generation_id == current

    def _leave(self, generation_id: str, generation: _Generation) -> None:
        with self._lock:
            generation.users -= 1
            # As of the last who came: what has been current until now goes with the next one.
            if generation_id != self._current:
                self._drop_unused(keep=self._current)

    def _drop_unused(self, keep: str | None) -> None:
        for generation_id in [*self._generations]:
            if generation_id != keep and self._generations[generation_id].users == 0:
                self._generations.pop(generation_id).connection.close()
