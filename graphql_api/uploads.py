"""A file that was handed in with a request.

What belongs here: its name and its bytes. What does not: taking requests apart (``http.multipart``), what
becomes of the file (``mutation``).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from warehouse.incoming import incoming_folder
from warehouse.settings import Home

#: Of a file's name, in bytes; file systems take 255.
_NAME_BYTES = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, eq=False)
class UploadedFile:
    """A file of a request, on disk for as long as the request lasts; ``name`` is without folders."""

    name: str
    content: BinaryIO

    def __repr__(self) -> str:
        """As errors show it."""
        return f"the file {self.name!r}"

    @contextmanager
    def as_path(self, home: Home) -> Iterator[Path]:
        """The file under its name in a folder of its own below ``home``, which is removed again."""
        with incoming_folder(home) as folder:
            path = folder / self.name
            self.content.seek(0)
            with path.open("wb") as copy:
                shutil.copyfileobj(self.content, copy)
            yield path


def plain_name(name: str) -> str:
    """The last part of a file's name as a browser of any system sends it, short enough for every folder."""
    plain = _CONTROLS.sub("", PurePosixPath(name.replace("\\", "/")).name).strip()
    plain = plain.encode("utf-8", "replace").decode()
    path = PurePosixPath(plain or "upload")
    suffix = path.suffix if len(path.suffix) <= 10 else ""
    stem = path.name.removesuffix(suffix).encode()[: _NAME_BYTES - len(suffix)].decode("utf-8", "ignore")
    return f"{stem or 'upload'}{suffix}"
