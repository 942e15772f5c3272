"""Whether somebody reads a publication's file, in this process or in any other of this machine.

What belongs here: the locks on the file. What does not: what is done with a file that nobody reads.

Our own readers hold a shared flock on the file, which belongs to their descriptor: the operating system
drops it when they close it or die. Whoever opens the file with DuckDB alone, whatever the client, holds
DuckDB's own lock on its bytes (fcntl), read-only too; that one is only looked at. Both lie on the file
itself, so a file that is removed takes its locks along and there is nothing to clean up.

Both are seen on one machine only. Where a file system has no locks, every file counts as in use. And a file
that is removed in spite of all stays readable, on Linux, for who has it open.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

#: ``struct flock`` of Linux on 64 bits: type, whence, start, length, process.
_FLOCK = struct.Struct("hhqqi4x")


def hold(path: Path) -> int:
    """A descriptor that marks the file as read for as long as it is open.

    Raises:
        FileNotFoundError: the file is gone, or went just now.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        gone = os.fstat(descriptor).st_nlink == 0
    except OSError:
        # No locks on this file system: then none can be taken from us either (``lock_unused`` fails as well).
        return descriptor
    if gone:
        os.close(descriptor)
        raise FileNotFoundError(path)
    return descriptor


def lock_unused(path: Path) -> int | None:
    """A descriptor that keeps our readers out until it is closed; None when somebody reads the file.

    Raises:
        FileNotFoundError: the file is gone.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_open_in_duckdb(descriptor):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def is_in_use(path: Path) -> bool:
    """Whether somebody reads the file now."""
    descriptor = lock_unused(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _is_open_in_duckdb(descriptor: int) -> bool:
    """Whether a process holds DuckDB's lock; the answer names the lock that a writer's would meet."""
    question = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, question)
    return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)
