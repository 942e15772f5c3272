"""The dashboard page: the built files of ``graphql_api/dashboard``, served at ``/``.

What belongs here: which files there are, how they are cached, and what the page may load. What does not: how
they are built (``graphql_api/dashboard``, ``make dashboard``), figures (the page asks GraphQL for them).
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
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

#: Where ``vite build`` leaves the page.
BUILT = Path(__file__).parent / "dashboard" / "dist"
_INDEX = "index.html"
_ASSETS = "assets"

#: Scripts, styles, pictures and answers of this server, and nothing else: nothing inline, no other host.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_PAGE_HEADERS = {
    # The page names its assets by their hashes, so it alone must be asked for again.
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ASSET_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}
_NOT_BUILT = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>union7510</title>
<h1>页面尚未构建 · The page is not built</h1>
<p>数据接口已在运行：<a href="/graphql">/graphql</a>。要构建本页，请安装 Node 20.19 以上版本及 npm，
然后在源代码目录执行 <code>make dashboard</code>，再刷新本页，无需重启。</p>
<p>The API is running at <a href="/graphql">/graphql</a>. To build this page, install Node 20.19 or newer
with npm, run <code>make dashboard</code> in the source folder, and reload; no restart is needed.</p>
</html>
"""


@dataclass(frozen=True)
class _File:
    """A built file as it is sent."""

    content: bytes
    compressed: bytes
    media_type: str
    etag: str


class DashboardPage:
    """The built page, read when it is first asked for, and kept: a new one needs a restart."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder
        self._files: Mapping[str, _File] = {}

    def routes(self) -> list[Route]:
        """The page, and below ``/assets`` what it loads."""
        return [Route("/", self._page), Route(f"/{_ASSETS}/{{name}}", self._asset)]

    async def _page(self, request: Request) -> Response:
        index = (await self._built()).get(_INDEX)
        if index is None:
            return HTMLResponse(_NOT_BUILT, 503, _PAGE_HEADERS)
        return _sent(index, request, _PAGE_HEADERS)

    async def _asset(self, request: Request) -> Response:
        asset = (await self._built()).get(f"{_ASSETS}/{request.path_params['name']}")
        if asset is None:
            return PlainTextResponse("no such file of the page; reload it\n", 404, _PAGE_HEADERS)
        return _sent(asset, request, _ASSET_HEADERS)

    async def _built(self) -> Mapping[str, _File]:
        if not self._files:
            self._files = await anyio.to_thread.run_sync(_read, self._folder)
        return self._files


def _read(folder: Path) -> dict[str, _File]:
    """All built files by their path below the folder; none where it is not built."""
    return {path.relative_to(folder).as_posix(): _file(path) for path in folder.rglob("*") if path.is_file()}


def _file(path: Path) -> _File:
    content = path.read_bytes()
    media_type, _ = mimetypes.guess_type(path.name)
    return _File(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=media_type or "application/octet-stream",
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
    )


def _sent(file: _File, request: Request, headers: Mapping[str, str]) -> Response:
    sent = {**headers, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, sent)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.compressed, 200, {**sent, "Content-Encoding": "gzip"}, file.media_type)
    return Response(file.content, 200, sent, file.media_type)
