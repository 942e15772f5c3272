"""Temporary folders that hold what units sent: they never outlive their process for long.

What belongs here: making one, and removing those of processes that were killed. What does not: what lies in
them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_PREFIX = "union7510-"
#: A folder is locked at once when it was made; one that is younger, in seconds, may not be yet.
_YOUNG = 60


class OwnFolder:
    """A new folder in ``place``, or in the system's place; locked as long as this process lives.

    Making one removes what killed processes of the same user left beside it.
    """

    def __init__(self, kind: str, place: Path | None = None) -> None:
        place = place or Path(tempfile.gettempdir())
        _remove_left_behind(place, f"{_PREFIX}{kind}-")
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-", dir=place))
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):  # no file system that cannot lock a folder lets another process remove it
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Removes it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _remove_left_behind(place: Path, prefix: str) -> None:
    for path in place.glob(f"{prefix}*"):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            _remove_if_left_behind(path)


def _remove_if_left_behind(path: Path) -> None:
    """Removes a folder of this user that nobody has locked.

    Raises:
        OSError: it is in use, no folder, or not ours.
    """
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        known = os.fstat(folder)
        if known.st_uid == os.geteuid() and time.time() - known.st_mtime > _YOUNG:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    finally:
        os.close(folder)
