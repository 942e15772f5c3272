"""Where an engine and this process hand each other files: below the home, or in a bucket that speaks S3.

What belongs here: addresses, and the way of files into a bucket and back. What does not: what the files hold
(``remote``).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warehouse import storage
from warehouse.engines.failures import BadAddress, EngineError, first_line
from warehouse.settings import Home

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

#: s3://bucket/prefix, or s3a:// as Spark calls it.
_BUCKET = re.compile(r"(?P<scheme>s3a?)://(?P<path>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?#\s]*)?)")
_ROWS = "part-0.parquet"


class Exchange:
    """A folder below the home, which the engine sees under the same path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lake_file(self, path: Path) -> str:
        """The engine's address of a file of the lake."""
        return path.as_uri()

    def hand_over(self, name: str, write: Callable[[Path], None]) -> str:
        """Has ``write`` make a Parquet file; gives the engine's address of its folder."""
        (self._folder / name).mkdir()
        write(self._folder / name / _ROWS)
        return self.address(name)

    def address(self, name: str) -> str:
        """The engine's address of a folder, for it to write into."""
        return (self._folder / name).as_uri()

    def bring_back(self, name: str) -> list[Path]:
        """The Parquet files that the engine has written into a folder."""
        return sorted(path for path in (self._folder / name).rglob("*.parquet") if path.stat().st_size)


class _Bucket(Exchange):
    """A bucket; ``folder`` is where this process has its own copies of what it sends and gets."""

    def __init__(self, folder: Path, home: Home, files: FileSystem, scheme: str, path: str) -> None:
        from pyarrow.fs import FileSelector, LocalFileSystem

        super().__init__(folder)
        self._home, self._files, self._here = home, files, LocalFileSystem()
        self._scheme, self._root = scheme, path.rstrip("/")
        self._exchanges = FileSelector(f"{self._root}/exchange", allow_not_found=True)
        self._own = f"{self._root}/exchange/{folder.name}"
        lake = FileSelector(f"{self._root}/lake", recursive=True, allow_not_found=True)
        #: What is there of the lake, by its path; files of the lake never change.
        self._lake = {one.path: one.size for one in files.get_file_info(lake) if one.is_file}

    def lake_file(self, path: Path) -> str:
        place = f"{self._root}/{path.relative_to(self._home.root).as_posix()}"
        if self._lake.get(place) != path.stat().st_size:
            self._copy(str(path), place, there=True)
        return f"{self._scheme}://{place}"

    def hand_over(self, name: str, write: Callable[[Path], None]) -> str:
        super().hand_over(name, write)
        self._copy(str(self._folder / name / _ROWS), f"{self._own}/{name}/{_ROWS}", there=True)
        shutil.rmtree(self._folder / name)
        return self.address(name)

    def address(self, name: str) -> str:
        return f"{self._scheme}://{self._own}/{name}"

    def bring_back(self, name: str) -> list[Path]:
        (self._folder / name).mkdir()
        self._copy(f"{self._own}/{name}", str(self._folder / name), there=False)
        return super().bring_back(name)

    def clear(self) -> None:
        """Removes what was handed over, by a killed build, too, and files of the lake that the home lost."""
        for one in self._files.get_file_info(self._exchanges):
            self._files.delete_dir(one.path)
        for place in self._lake:
            if not (self._home.root / place.removeprefix(f"{self._root}/")).exists():
                self._files.delete_file(place)

    def _copy(self, source: str, target: str, *, there: bool) -> None:
        from pyarrow.fs import copy_files

        one, other = (self._here, self._files) if there else (self._files, self._here)
        copy_files(source, target, source_filesystem=one, destination_filesystem=other)


@contextmanager
def exchange(home: Home, bucket: str | None) -> Iterator[Exchange]:
    """A place of its own for one build, empty, and gone afterwards; ``bucket`` as ``check_bucket`` wants it.

    Raises:
        EngineError: the bucket cannot be used.
    """
    folder = storage.temporary_path(home.publications)
    try:
        folder.mkdir(parents=True)
        if bucket is None:
            yield Exchange(folder)
            return
        there = _opened(folder, home, bucket)
        try:
            yield there
        finally:
            # A bucket that is away must not hide what went wrong; the next build clears it.
            with suppress(OSError):
                there.clear()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_bucket(bucket: str) -> None:
    """Looks whether this is the address of a bucket.

    Raises:
        BadAddress: it is none.
    """
    if _BUCKET.fullmatch(bucket) is None:
        raise BadAddress(f"{bucket!r} is no address of a bucket: write it like s3://bucket/folder")


def _opened(folder: Path, home: Home, bucket: str) -> _Bucket:
    from pyarrow.fs import FileSystem, FileType

    check_bucket(bucket)
    scheme, _, path = bucket.partition("://")
    try:
        files, _ = FileSystem.from_uri(f"s3://{path}{_endpoint()}")
        [name] = files.get_file_info([path.partition("/")[0]])
        if name.type is FileType.NotFound:
            raise FileNotFoundError("there is no such bucket")
        return _Bucket(folder, home, files, scheme, path)
    except OSError as error:
        raise EngineError(
            f"the bucket {bucket} cannot be used ({first_line(error)}): AWS_ENDPOINT_URL says where it is,"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY who asks"
        ) from None


def _endpoint() -> str:
    """What Arrow wants to know of a server that is not Amazon's."""
    server = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    return f"?endpoint_override={server.netloc}&scheme={server.scheme}" if server.netloc else ""
