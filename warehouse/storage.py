"""Write-once files that survive a crash: a temporary name, fsync, rename.

What belongs here: moving bytes to their final place, and the lock that keeps writers apart.
What does not: what the bytes mean (``landing``, ``lake``, ``publications``).
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

#: Names that begin so are unfinished work; whoever holds the lock of the folder may remove them.
TEMPORARY_PREFIX = ".tmp-"
#: The file in a folder whose lock keeps its writers apart.
LOCK_NAME = ".lock"
#: How long a writer of the home waits for another one, in seconds; a run takes as long.
WRITER_TIMEOUT = 300


class Busy(Exception):
    """Another process holds the lock for longer than the caller would wait."""


@contextmanager
def exclusive(folder: Path, timeout: float) -> Iterator[None]:
    """Holds the folder's lock; it is the operating system's, so a killed holder frees it.

    Raises:
        Busy: the lock was not free within ``timeout`` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK_NAME, timeout=timeout):
            yield
    except Timeout as error:
        raise Busy(f"another process is writing to {folder}") from error


def temporary_path(folder: Path) -> Path:
    """A new temporary name inside ``folder``, on the same file system as its final name."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}"


def remove_temporaries(folder: Path) -> None:
    """Removes what dead writers left in and below a folder; call it while no other writer is at work."""
    for path in [*folder.rglob(f"{TEMPORARY_PREFIX}*")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write_file(path: Path, content: bytes) -> None:
    """Writes ``content`` under ``path``, all or nothing, and durably."""
    temporary = temporary_path(path.parent)
    with temporary.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def move_into_place(temporary: Path, path: Path) -> None:
    """Gives finished work its final name, durably; a folder is synced file by file."""
    members = temporary.iterdir() if temporary.is_dir() else (temporary,)
    for member in members:
        with member.open("rb") as handle:
            os.fsync(handle.fileno())
    if temporary.is_dir():
        sync_folder(temporary)
    temporary.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names inside ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
