"""What a browser gets that opens /graphql: GraphiQL from our own files, or where it is not built a few words.

What belongs here: the page, its files and what it may load. What does not: where they come from
(``graphql_api/graphiql``, ``make dashboard``).
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from graphql_api.built_files import BuiltFiles
from graphql_api.http.finished import FinishedResponse

#: Where the build puts GraphiQL's files, beside this package's own.
BUILT = Path(__file__).parents[1] / "graphiql" / "dist"
#: Only files of this server; the editor writes styles of its own into the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_WORDS = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><title>GraphQL</title>
<h1>GraphQL</h1>
<p>这里是 GraphQL 接口。请用 POST 发送 JSON，或用 GET 参数 <code>query</code> 查询。</p>
<p>This is a GraphQL endpoint. Send JSON by POST, or a query by GET, for example:</p>
<pre>curl -H 'Content-Type: application/json' \\
  -d '{"query": "{ progress(year: 2024) { indicator { code nameZh } value target pace } }"}' \\
  http://HOST/graphql</pre>
</html>
"""


class GraphiQL:
    """The files that the page loads."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._files = BuiltFiles(folder)

    def routes(self) -> list[Route]:
        """The files below ``/graphiql``; their names stay when they change, so they are asked for again."""
        return [Route("/graphiql/{name}", self._file)]

    async def _file(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        file = await self._files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("no such file of GraphiQL; reload the page\n", 404, headers)
        return file.response(request, headers)


def page() -> FinishedResponse:
    """The page."""
    built = BUILT / "index.html"
    body = built.read_bytes() if built.is_file() else _WORDS.encode("utf-8")
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(body)),
        "content-security-policy": _POLICY,
        "cache-control": "no-cache",
        "referrer-policy": "no-referrer",
        "vary": "Accept",
        "x-content-type-options": "nosniff",
    }
    return FinishedResponse(
        200, tuple((name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()), body
    )
