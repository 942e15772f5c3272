"""What a browser gets that opens /graphql: GraphiQL from our own files, or where it is not built a few words.

What belongs here: the page and its files. What does not: how they are built (``graphql_api/graphiql``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from graphql_api.http.finished import FinishedResponse

#: Where the build puts GraphiQL's files, beside this package's own.
ASSETS = Path(__file__).parents[1] / "graphiql" / "dist"
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


@cache
def page() -> FinishedResponse:
    """The page."""
    built = ASSETS / "index.html"
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
