"""The inbox: from files that units drop into a folder to receptions.

What belongs here: which files are whole, taking them over, landing them. What does not: when somebody looks
(``etl.sensors``), the answer (``etl.outbox``), what a file says (``etl.receiving``).

A whole file is taken over by renaming it into ``.taken/``, lands from there, and is removed once it is safe
in ``landing/``. Killed at any moment, nothing is lost: what lies in ``.taken/`` is landed by the next run,
and landing knows the bytes that it has. A file that comes under the same name meanwhile is another file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.intake import Stated
from etl.outbox import Outbox
from etl.receiving import Received, receive_files
from warehouse import storage
from warehouse.catalog import Catalog
from warehouse.settings import Home

#: Name, size and time of change must stand still for so long.
STABLE_SECONDS = 2.0
#: So often an empty inbox is glanced at while somebody waits for a file.
GLANCE_SECONDS = 0.25
#: A batch ends with the file that reaches one of these; a file of any size is taken.
MOST_FILES = 500
MOST_BYTES = 1 << 30

#: Files that other programs are still at work on: Office locks, downloads, transfers.
_PARTIAL_SUFFIXES = frozenset({".crdownload", ".download", ".filepart", ".part", ".partial", ".tmp"})
_PARTIAL_PREFIXES = (".", "~")
#: What Windows leaves in shared folders.
_NO_RETURNS = frozenset({"desktop.ini", "thumbs.db"})


@dataclass(frozen=True)
class Seen:
    """A file in the inbox as it was at one moment."""

    path: Path
    bytes: int
    changed: int
    inode: int


@dataclass(frozen=True)
class Look:
    """What a look at the inbox found: ``whole`` files, the oldest first, and in words what must stay."""

    whole: tuple[Seen, ...]
    still_changing: int
    stays: tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """A file that was taken over; ``folder`` is where in the inbox it lay."""

    path: Path
    folder: Path
    root: Path

    def remove(self) -> None:
        """Removes the file, and then the folder that it was moved into."""
        self.path.unlink()
        shutil.rmtree(self.root, ignore_errors=True)


@dataclass(frozen=True)
class Taken:
    """A file of the inbox that has landed; not ``whole`` when its sender went on writing meanwhile."""

    received: Received
    whole: bool


class Inbox:
    """The inbox of a home, its subfolders included; only one process may take from it at a time."""

    def __init__(self, home: Home) -> None:
        self.root = home.inbox
        self._taken = self.root / ".taken"

    def look(self, wait: Callable[[float], object] = time.sleep, *, patience: float = 0.0) -> Look:
        """Looks twice, ``STABLE_SECONDS`` apart: what is the same both times is whole.

        Where nothing is there, waits for the first file to come, up to ``patience`` seconds. Clocks are not
        compared, so that of a sender's machine may be wrong.
        """
        before = {seen.path: seen for seen in self._files()}
        while not before and patience > 0:
            wait(GLANCE_SECONDS)
            patience -= GLANCE_SECONDS
            before = {seen.path: seen for seen in self._files()}
        if not before:
            return Look((), 0, ())
        wait(STABLE_SECONDS)
        now = list(self._files())
        same = [seen for seen in now if before.get(seen.path) == seen]
        readable = [seen for seen in same if os.access(seen.path, os.R_OK)]
        whole = sorted(readable, key=lambda seen: (seen.changed, seen.path))
        unreadable = len(same) - len(readable)
        stays = (f"{unreadable} may not be read by {_user()}: chmod or chown them",) if unreadable else ()
        return Look(tuple(whole), len(now) - len(same), stays)

    def claim(self, whole: Iterable[Seen]) -> tuple[str, ...]:
        """Takes over one batch of files; says in words which of them cannot be."""
        count = size = 0
        stays: Counter[str] = Counter()
        for seen in whole:
            root = self._taken / uuid.uuid4().hex
            target = root.joinpath(*map(_readable, seen.path.relative_to(self.root).parts))
            target.parent.mkdir(parents=True)
            try:
                seen.path.rename(target)
            except OSError as error:
                shutil.rmtree(root)
                # Not there any more: its sender has taken it back.
                if not isinstance(error, FileNotFoundError):
                    stays[error.strerror or str(error)] += 1
                continue
            count, size = count + 1, size + seen.bytes
            if count >= MOST_FILES or size >= MOST_BYTES:
                break
        if count:
            storage.sync_folder(self._taken)
        return tuple(f"{number} cannot be moved inside the inbox: {why}" for why, number in stays.items())

    def claims(self) -> list[Claim]:
        """What was taken over and has not landed, the oldest first; empty leftovers are removed."""
        found = []
        for root in sorted(self._taken.glob("*")):
            paths = [path for path in root.rglob("*") if path.is_file()]
            if not paths:
                shutil.rmtree(root, ignore_errors=True)
            found += [Claim(path, path.relative_to(root).parent, root) for path in paths]
        return sorted(found, key=lambda claim: (claim.path.stat().st_mtime_ns, claim.path))

    def _files(self) -> Iterator[Seen]:
        """Regular files, in every subfolder; hidden ones and what programs are at work on do not count."""
        for folder, subfolders, names in os.walk(self.root):
            subfolders[:] = [name for name in subfolders if not name.startswith(_PARTIAL_PREFIXES)]
            for name in names:
                path = Path(folder, name)
                if name.startswith(_PARTIAL_PREFIXES) or path.suffix.lower() in _PARTIAL_SUFFIXES:
                    continue
                if name.lower() in _NO_RETURNS:
                    continue
                try:
                    status = path.lstat()
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(status.st_mode):
                    yield Seen(path, status.st_size, status.st_mtime_ns, status.st_ino)


def digest(claims: Sequence[Claim]) -> str:
    """What tells one batch from another: the sha256 of its files' sha256."""
    files = []
    for claim in claims:
        with claim.path.open("rb") as stream:
            files.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return hashlib.sha256("\n".join(sorted(files)).encode()).hexdigest()


def take_in(home: Home, catalog: Catalog) -> Iterator[Taken]:
    """Lands what was taken over, file by file, and removes each once it is safe.

    A file that changed while it landed stays, and lands once more with the next batch.

    Raises:
        storage.Busy: another process is receiving for too long.
    """
    claims = {claim.path: claim for claim in Inbox(home).claims()}
    if not claims:
        return
    outbox = Outbox(home)
    before: dict[Path, tuple[int, int]] = {}

    def paths() -> Iterator[Path]:
        for path in claims:
            before[path] = _state(path)
            yield path

    for received in receive_files(home, catalog, paths(), Stated()):
        claim = claims[received.path]
        whole = before[received.path] == _state(received.path)
        if whole:
            # The answer is promised before the file goes, so that a crash in between forgets nobody.
            outbox.promise(received.reception, claim.folder)
            claim.remove()
        yield Taken(received, whole)


def _readable(name: str) -> str:
    """A name that is no UTF-8 comes from a Chinese Windows, in GB18030, mostly by way of an archive."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", errors="replace")
    return name


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _user() -> str:
    return f"user id {os.geteuid()}"
