"""The home folder: that it can be written, that there is room, and who is at work in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from etl.doctor.findings import Finding, Gravity, some
from etl.limits import GIBIBYTE, size
from warehouse.incoming import leftovers
from warehouse.publications import PublicationNotFound, PublicationStore
from warehouse.settings import Home
from warehouse.storage import LOCK_NAME, TEMPORARY_PREFIX

#: Room below which a run may not end: for the candidate, for what DuckDB spills, and for the lake.
LEAST_FREE_BYTES = GIBIBYTE
_CANDIDATES = 3


def look_at_folders(home: Home) -> Iterator[Finding]:
    """Rights, room and unfinished work; nothing of a home that does not exist yet."""
    if not home.root.exists():
        words = f"{home.root} does not exist yet: nothing has been received"
        yield Finding("home", Gravity.NOTE, words, "union7510 submit FILE… makes it, or set UNION7510_HOME")
        return
    yield _rights(home)
    yield _room(home)
    yield _at_work(home)
    yield _incoming(home)


def _rights(home: Home) -> Finding:
    folders = (home.root, home.landing, home.decisions, home.lake, home.publications, home.receipts)
    closed = [
        str(path) for path in folders if path.exists() and not os.access(path, os.R_OK | os.W_OK | os.X_OK)
    ]
    if closed:
        words = f"this user may not read and write {some(closed)}"
        return Finding(
            "home", Gravity.SYSTEM, words, "give the folders to the user that runs union7510 (chown -R)"
        )
    return Finding("home", Gravity.FINE, str(home.root))


def _room(home: Home) -> Finding:
    free = shutil.disk_usage(home.root).free
    wanted = max(LEAST_FREE_BYTES, _CANDIDATES * _current_bytes(home))
    words = f"{size(free)} free on the disk of {home.root}"
    if free >= wanted:
        return Finding("disk", Gravity.FINE, words)
    remedy = "make room: union7510 publications gc --keep N removes old publications"
    return Finding("disk", Gravity.SYSTEM, f"{words}, and a run may need {size(wanted)}", remedy)


def _current_bytes(home: Home) -> int:
    store = PublicationStore(home)
    try:
        return store.path(store.current_id() or "").stat().st_size
    except (OSError, PublicationNotFound):
        return 0


def _at_work(home: Home) -> Finding:
    """Whoever holds the lock of the home is at work; what lies about without one was left by a killed run."""
    lock = home.root / LOCK_NAME
    if lock.exists():
        try:
            with FileLock(lock, timeout=0):
                left = _unfinished(home)
        except Timeout:
            return Finding(
                "writer", Gravity.NOTE, "a run is at work now; what follows may change while it is"
            )
    else:
        left = _unfinished(home)
    if left:
        words = f"a run was killed and left {len(left)} unfinished: {some(path.name for path in left)}"
        return Finding(
            "writer", Gravity.NOTE, words, "nothing is lost; the next union7510 ingest removes them"
        )
    return Finding("writer", Gravity.FINE, "nobody is at work, and nothing unfinished was left")


def _incoming(home: Home) -> Finding:
    left = leftovers(home)
    if left:
        words = (
            f"a killed server left {len(left)} uploads in {home.incoming}, which may hold personal numbers"
        )
        return Finding("uploads", Gravity.NOTE, words, "the next union7510 serve removes them")
    return Finding("uploads", Gravity.FINE, "no upload was left unfinished")


def _unfinished(home: Home) -> list[Path]:
    folders = (home.receipts, home.lake, home.publications)
    return sorted(path for folder in folders for path in folder.glob(f"**/{TEMPORARY_PREFIX}*"))
