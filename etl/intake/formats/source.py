"""A file's bytes, whether they lie on disk or in memory.

What belongs here: size, beginning and streams of a source. What does not: what the bytes mean.
"""

from __future__ import annotations

import atexit
import io
import mmap
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from etl.intake.own_folders import OwnFolder

#: So much of a file is looked at to recognise it.
BEGINNING = 64 << 10


class Reading(Protocol):
    """What is read from: a file, or a member of an archive."""

    def read(self, count: int, /) -> bytes: ...


@dataclass(frozen=True)
class Source:
    """A file on disk or its bytes, with the name under which it was sent."""

    place: bytes | Path
    name: str

    @property
    def path(self) -> Path | None:
        return self.place if isinstance(self.place, Path) else None

    @property
    def size(self) -> int:
        return len(self.place) if isinstance(self.place, bytes) else self.place.stat().st_size

    @property
    def suffix(self) -> str:
        """The ending of its name in small letters, such as ``.xls``; it never decides what a file is."""
        return Path(self.name).suffix.lower()

    def open(self) -> BinaryIO:
        """A stream of the bytes from the first on."""
        return io.BytesIO(self.place) if isinstance(self.place, bytes) else self.place.open("rb")

    def view(self) -> memoryview:
        """All bytes, where they lie: a file is not read into memory for it."""
        if isinstance(self.place, bytes):
            return memoryview(self.place)
        if not self.size:
            return memoryview(b"")
        with self.place.open("rb") as stream:
            return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))

    def beginning(self) -> bytes:
        with self.open() as stream:
            return stream.read(BEGINNING)


def temporary_file(folder: Path | None, ending: str) -> BinaryIO:
    """A new file that stays: in ``folder``, or else as long as this process."""
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - the caller closes it
        prefix="table-", suffix=ending, dir=folder or _folder_of_process(), delete=False
    )
    return cast(BinaryIO, handle)


@cache
def _folder_of_process() -> Path:
    folder = OwnFolder("tables")
    atexit.register(folder.close)
    return folder.path
