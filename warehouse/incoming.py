"""Files on their way in: what a server holds of a return until it has landed, or was only tried.

What belongs here: folders for such files, and removing those that a killed process has left. What does not:
landing (``warehouse.landing``), files dropped into the inbox (``etl.inbox``).

Such a file may hold personal numbers, which landing takes out, so none may stay behind. Each folder has a
lock beside it, held for as long as its process works with it: an operating system lets go of a killed one's.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.settings import Home

_LOCK_SUFFIX = ".lock"


@contextmanager
def incoming_folder(home: Home) -> Iterator[Path]:
    """A folder for one file, only for this user, which is removed again."""
    home.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = home.incoming / secrets.token_hex(8)
    with FileLock(_lock(folder)):
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _remove(folder)


def leftovers(home: Home) -> list[Path]:
    """The folders that nobody works with: killed processes have left them."""
    return [folder for folder in _folders(home) if _is_left(folder)]


def remove_leftovers(home: Home) -> int:
    """Removes what killed processes have left; gives the number of folders."""
    found = leftovers(home)
    for folder in found:
        _remove(folder)
    return len(found)


def _folders(home: Home) -> list[Path]:
    return sorted(path for path in home.incoming.glob("*") if path.is_dir())


def _is_left(folder: Path) -> bool:
    # The lock comes before its folder, and goes after it: a folder whose lock is free has no owner.
    try:
        with FileLock(_lock(folder), timeout=0):
            return folder.is_dir()
    except Timeout:
        return False


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _lock(folder).unlink(missing_ok=True)


def _lock(folder: Path) -> Path:
    return folder.with_suffix(_LOCK_SUFFIX)
