"""Workbooks that are zip containers: sizes before anything is unpacked, and members in pieces.

What belongs here: zip. What does not: what the members say (``marks_xlsx``, ``marks_ods``).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from etl.intake.formats import refusals
from etl.intake.formats.excess import check_ratio, check_unpacked_bytes
from etl.intake.formats.source import Source
from etl.limits import MEBIBYTE, Limits

_PIECE = MEBIBYTE
#: A row of a sheet is never longer.
_LONGEST = 64 * MEBIBYTE
#: Deflate never packs better: what is too small to grow beyond the limit need not be unpacked to know it.
_BEST_DEFLATE = 1040
#: What zipfile raises over damaged bytes, besides its own error; a RuntimeError is a member with a password.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError)


class Container:
    """An open zip container whose directory keeps the limits."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {normal_name(member.filename): member for member in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return normal_name(name) in self._names

    def read(self, name: str) -> bytes:
        """A whole member; b'' when it is missing."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member in pieces, nothing when it is missing.

        Raises:
            Unreadable: its bytes are damaged, or more than the directory says.
        """
        member = self._names.get(normal_name(name))
        if member is None:
            return
        try:
            with self._archive.open(member) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except BROKEN as error:
            raise refusals.DAMAGED.error(cause=str(error)) from error

    def check_lying_members(self, limits: Limits) -> None:
        """Unpacks what could be larger than the directory says, which ``pieces`` then refuses."""
        for name, member in self._names.items():
            if member.compress_size * _BEST_DEFLATE > limits.unpacked_bytes:
                for _ in self.pieces(name):
                    pass


@contextmanager
def opened(source: Source, limits: Limits) -> Iterator[Container]:
    """The container of a workbook.

    Raises:
        OverLimit: unpacked, it would be too large.
        Unreadable: it is damaged.
    """
    with source.open() as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except BROKEN as error:
            raise refusals.TRUNCATED.error() from error
        with archive:
            _check_directory(archive, limits)
            yield Container(archive)


def cut_before(pieces: Iterable[bytes], mark: bytes) -> Iterator[bytes]:
    """The same bytes in other pieces: each but the first begins with ``mark``, such as a row's beginning.

    Where it does not come for very long, the cut is anywhere.
    """
    rest = b""
    for piece in pieces:
        rest += piece
        cut = rest.rfind(mark, 1)
        if cut < 0 and len(rest) > _LONGEST:
            cut = len(rest)
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def normal_name(name: str) -> str:
    """A member's name as careful programs would have written it."""
    return name.replace("\\", "/").lstrip("/").lower()


def _check_directory(archive: zipfile.ZipFile, limits: Limits) -> None:
    members = archive.infolist()
    check_unpacked_bytes(sum(member.file_size for member in members), limits)
    for member in members:
        check_ratio(member.filename, member.compress_size, member.file_size, limits)
