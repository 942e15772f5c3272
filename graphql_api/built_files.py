"""Files that a build has left in a folder, as they are sent: compressed once, with their ETags.

What belongs here: reading and sending them. What does not: which headers and paths they have (``page``,
``http.page``), how they are built (``make dashboard``).
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import Response

from graphql_api.http.finished import is_known


@dataclass(frozen=True)
class BuiltFile:
    """A built file."""

    content: bytes
    compressed: bytes
    media_type: str
    etag: str

    def response(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The file with these headers, compressed where the client takes it, or that it has not changed."""
        sent = {**headers, "ETag": self.etag, "Vary": "Accept-Encoding"}
        if is_known(request.scope, self.etag.encode("ascii")):
            return Response(None, 304, sent)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.compressed, 200, {**sent, "Content-Encoding": "gzip"}, self.media_type)
        return Response(self.content, 200, sent, self.media_type)


class BuiltFiles:
    """The files of a folder, read when one is first asked for, and kept: new ones need a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: Mapping[str, BuiltFile] = {}

    async def get(self, path: str) -> BuiltFile | None:
        """The file with a path below the folder; None where there is none, or nothing is built."""
        if not self._files:
            self._files = await anyio.to_thread.run_sync(_read, self._folder)
        return self._files.get(path)


def _read(folder: Path) -> dict[str, BuiltFile]:
    """All built files by their path below the folder; none where it is not built."""
    return {path.relative_to(folder).as_posix(): _file(path) for path in folder.rglob("*") if path.is_file()}


def _file(path: Path) -> BuiltFile:
    content = path.read_bytes()
    media_type, _ = mimetypes.guess_type(path.name)
    return BuiltFile(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=media_type or "application/octet-stream",
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
    )
