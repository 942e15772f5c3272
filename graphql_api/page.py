"""The dashboard page: the built files of ``graphql_api/dashboard``, served at ``/``.

What belongs here: which files there are, how they are cached, and what the page may load. What does not: how
they are built (``graphql_api/dashboard``, ``make dashboard``), figures (the page asks GraphQL for them).
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from graphql_api.built_files import BuiltFiles

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


class DashboardPage:
    """The built page."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._files = BuiltFiles(folder)

    def routes(self) -> list[Route]:
        """The page, and below ``/assets`` what it loads."""
        return [Route("/", self._page), Route(f"/{_ASSETS}/{{name}}", self._asset)]

    async def _page(self, request: Request) -> Response:
        index = await self._files.get(_INDEX)
        if index is None:
            return HTMLResponse(_NOT_BUILT, 503, _PAGE_HEADERS)
        return index.response(request, _PAGE_HEADERS)

    async def _asset(self, request: Request) -> Response:
        asset = await self._files.get(f"{_ASSETS}/{request.path_params['name']}")
        if asset is None:
            return PlainTextResponse("no such file of the page; reload it\n", 404, _PAGE_HEADERS)
        return asset.response(request, _ASSET_HEADERS)
