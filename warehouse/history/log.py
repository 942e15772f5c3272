"""The log of a publications folder: who moved CURRENT back and why, and which files were removed.

What belongs here: append-only entries, one file each, written before the act. What does not: the acts
(``warehouse.publications``, ``collecting``). Going live needs no entry: each publication's manifest tells it.
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse import storage


@dataclass(frozen=True)
class SetAside:
    """A publication that does not serve although it is newer than the one that does."""

    id: str
    #: Fingerprint of what it was built from: the same inputs are not published again.
    inputs: str


@dataclass(frozen=True)
class Removed:
    """A publication whose file was removed."""

    id: str
    bytes: int
    sha256: str | None


@dataclass(frozen=True)
class Entry:
    """One act; of a rollback ``left`` and ``entered`` are the ids between which CURRENT moved."""

    number: int
    action: str
    at: str
    by: str
    note: str | None = None
    left: str | None = None
    entered: str | None = None
    set_aside: tuple[SetAside, ...] = ()
    removed: tuple[Removed, ...] = ()

    def ids(self) -> Iterator[str]:
        """Every publication that the entry names."""
        yield from (one for one in (self.left, self.entered) if one is not None)
        yield from (one.id for one in self.set_aside)
        yield from (one.id for one in self.removed)


ROLLBACK, REMOVAL = "rollback", "removal"


class Log:
    """The log of one folder; whoever appends holds the folder's lock."""

    def __init__(self, publications: Path) -> None:
        self.root = publications / "log"

    def entries(self) -> list[Entry]:
        """Every entry, the oldest first."""
        return [_entry(path.read_bytes()) for path in sorted(self.root.glob("[0-9]*.json"))]

    def rollback(
        self,
        *,
        left: str,
        entered: str,
        set_aside: tuple[SetAside, ...],
        by: str | None = None,
        note: str | None = None,
    ) -> Entry:
        """Notes that CURRENT moves to an earlier publication, or back again."""
        number = self._next()
        return self._append(
            Entry(number, ROLLBACK, _now(), by or whoever(), note, left, entered, set_aside=set_aside)
        )

    def removal(self, removed: tuple[Removed, ...], by: str | None = None) -> Entry:
        """Notes that files are removed."""
        return self._append(Entry(self._next(), REMOVAL, _now(), by or whoever(), removed=removed))

    def _next(self) -> int:
        return max((entry.number for entry in self.entries()), default=0) + 1

    def _append(self, entry: Entry) -> Entry:
        content = json.dumps(asdict(entry), ensure_ascii=False, indent=1).encode()
        storage.write_file(self.root / f"{entry.number:06d}.json", content)
        return entry


def whoever() -> str:
    """Who runs this process, as the operating system calls them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _entry(content: bytes) -> Entry:
    document = json.loads(content)
    document["set_aside"] = tuple(SetAside(**one) for one in document["set_aside"])
    document["removed"] = tuple(Removed(**one) for one in document["removed"])
    return Entry(**document)
