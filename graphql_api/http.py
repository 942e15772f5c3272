"""GraphQL over HTTP: requests out of HTTP, answers into it, as the draft says.

What belongs here: media types, status codes, reading bodies within limits. What does not: GraphQL itself
(``execution``).
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from graphql_api.errors import request_error
from graphql_api.execution import Answer, Executor, GraphQLRequest, OnlyQueries
from graphql_api.generations import StoppableSource
from graphql_api.settings import ApiSettings

RESPONSE_TYPE = "application/graphql-response+json"
JSON_TYPE = "application/json"
HTML_TYPE = "text/html"
#: So many times the bytes of the longest request are still taken from a client whose request is refused.
_PASSED_OVER = 20
#: A media range that is the media type itself.
_BY_NAME = 2

_PAGE = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><title>GraphQL</title>
<h1>GraphQL</h1>
<p>这里是 GraphQL 接口。请用 POST 发送 JSON，或用 GET 参数 <code>query</code> 查询。</p>
<p>This is a GraphQL endpoint. Send JSON by POST, or a query by GET, for example:</p>
<pre>curl -H 'Content-Type: application/json' \\
  -d '{"query": "{ progress(year: 2024) { indicator { code nameZh } value target pace } }"}' \\
  http://HOST/graphql</pre>
</html>
"""


class _Refused(Exception):
    """The request is not a well-formed one; the message says what it should be."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class GraphQLEndpoint:
    """The endpoint; executes in threads, never on the event loop."""

    def __init__(self, executor: Executor, settings: ApiSettings) -> None:
        self._executor = executor
        self._settings = settings
        self._threads = anyio.CapacityLimiter(settings.threads)

    async def __call__(self, request: Request) -> Response:
        accept = request.headers.get("accept")
        by_get = request.method in {"GET", "HEAD"}
        if by_get and "query" not in request.query_params and prefers_html(accept):
            return HTMLResponse(_PAGE)
        media_type = negotiated(accept)
        if media_type is None:
            offered = f"{RESPONSE_TYPE} and {JSON_TYPE}"
            return _response(request_error(f"answers come as {offered} only"), JSON_TYPE, 406)
        try:
            asked = await self._asked(request, by_get=by_get)
            answer = await self._executed(asked, only_queries=by_get)
        except _Refused as refused:
            await _pass_over_rest(request, _PASSED_OVER * self._settings.max_request_bytes)
            return _response(request_error(str(refused)), media_type, refused.status, refused.headers)
        except OnlyQueries:
            error = request_error("by GET only queries are executed; send other operations by POST")
            return _response(error, media_type, 405, {"Allow": "POST"})
        # The older media type answers 200 to whatever is a request at all.
        status = 200 if media_type == JSON_TYPE and answer.status == 400 else answer.status
        return _response(answer.payload, media_type, status)

    async def _asked(self, request: Request, *, by_get: bool) -> GraphQLRequest:
        if by_get:
            return _from_query_string(request, self._settings.max_request_bytes)
        _check_content_type(request)
        return _from_json(await _body(request, self._settings.max_request_bytes))

    async def _executed(self, asked: GraphQLRequest, *, only_queries: bool) -> Answer:
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []

        def set_timer(source: StoppableSource) -> None:
            timers.append(loop.call_later(self._settings.timeout_seconds, source.stop))

        execute: Callable[[], Answer] = partial(
            self._executor.execute,
            asked,
            uuid.uuid4().hex[:12],
            lambda source: loop.call_soon_threadsafe(set_timer, source),
            only_queries=only_queries,
        )
        try:
            return await anyio.to_thread.run_sync(execute, limiter=self._threads)
        finally:
            for timer in timers:
                timer.cancel()


def negotiated(accept: str | None) -> str | None:
    """The media type to answer in; None when the client takes neither.

    A client that does not say gets the older one, which every client understands.
    """
    if accept is None or not accept.strip():
        return JSON_TYPE
    newer, exactness = _weight(accept, RESPONSE_TYPE)
    older, _ = _weight(accept, JSON_TYPE)
    if max(newer, older) <= 0:
        return None
    return RESPONSE_TYPE if newer > older or (newer == older and exactness == _BY_NAME) else JSON_TYPE


def prefers_html(accept: str | None) -> bool:
    """Whether a browser asks: it names HTML, and nothing that GraphQL answers in."""
    types = [part.partition(";")[0].strip().lower() for part in (accept or "").split(",")]
    return HTML_TYPE in types and RESPONSE_TYPE not in types and JSON_TYPE not in types


def _weight(accept: str, media_type: str) -> tuple[float, int]:
    """How much a client wants a media type, and how exactly it names it."""
    patterns = {media_type: _BY_NAME, f"{media_type.partition('/')[0]}/*": 1, "*/*": 0}
    found: list[tuple[int, float]] = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name in patterns and not _other_charset(parameters):
            found.append((patterns[name], _quality(parameters)))
    if not found:
        return (0.0, 0)
    # The most exact pattern counts, whatever the others say.
    exactness, quality = max(found)
    return (quality, exactness)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0


def _other_charset(parameters: list[str]) -> bool:
    values = (
        p.partition("=")[2].strip().strip('"') for p in parameters if p.partition("=")[0].strip() == "charset"
    )
    return any(value not in {"utf-8", "utf8"} for value in values)


def _check_content_type(request: Request) -> None:
    name, *parameters = (
        piece.strip().lower() for piece in request.headers.get("content-type", "").split(";")
    )
    if name != JSON_TYPE or _other_charset(parameters):
        raise _Refused(
            415, f"send the request as {JSON_TYPE} in UTF-8, with a Content-Type header that says so"
        )
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
        raise _Refused(400, "send the body as it is: no Content-Encoding is understood")


async def _pass_over_rest(request: Request, maximum: int) -> None:
    """Takes what a client is still sending, so that it comes to read the answer; too much is cut off."""
    passed = 0
    with suppress(ClientDisconnect, RuntimeError):  # the stream says by RuntimeError that it was read
        async for chunk in request.stream():
            passed += len(chunk)
            if passed > maximum:
                return


async def _body(request: Request, maximum: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > maximum:
                raise _too_long(maximum)
            chunks.append(chunk)
    except ClientDisconnect:
        raise _Refused(400, "the body ended too early") from None
    return b"".join(chunks)


def _too_long(maximum: int) -> _Refused:
    return _Refused(413, f"the request is longer than {maximum} bytes; send several smaller ones")


def _from_query_string(request: Request, maximum: int) -> GraphQLRequest:
    if len(request.scope["query_string"]) > maximum:
        raise _too_long(maximum)
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _json(parameters[name], f"{name} is not JSON")
        else:
            parameters.pop(name, None)
    return _checked(parameters)


def _from_json(body: bytes) -> GraphQLRequest:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _Refused(400, "the body is not UTF-8; send JSON in UTF-8") from None
    parameters = _json(text, "the body is not JSON")
    if not isinstance(parameters, dict):
        raise _Refused(
            400, 'the body must be a JSON object, for example {"query": "{ measures { nameZh } }"}'
        )
    return _checked(parameters)


def _json(text: str, problem: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_constant)
        # What cannot be written as UTF-8 cannot be answered either: half of a surrogate pair.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise _Refused(400, f"{problem} in UTF-8: it has half of a surrogate pair") from None
    except RecursionError:
        raise _Refused(400, f"{problem} that can be read: it is nested too deeply") from None
    except ValueError as error:
        raise _Refused(400, f"{problem}: {error}"[:200]) from None
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _checked(parameters: dict[str, Any]) -> GraphQLRequest:
    query, variables = parameters.get("query"), parameters.get("variables")
    operation_name = parameters.get("operationName")
    if not isinstance(query, str):
        raise _Refused(400, 'the parameter query must be a string, for example "{ measures { nameZh } }"')
    if not isinstance(variables, dict | None):
        raise _Refused(400, 'the parameter variables must be an object, for example {"year": 2024}')
    if not isinstance(operation_name, str | None):
        raise _Refused(400, "the parameter operationName must be a string, or left out")
    if not isinstance(parameters.get("extensions"), dict | None):
        raise _Refused(400, "the parameter extensions must be an object, or left out")
    return GraphQLRequest(query, variables or {}, operation_name or None)


def _response(payload: Any, media_type: str, status: int, headers: dict[str, str] | None = None) -> Response:
    content = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return Response(
        content,
        status,
        {"Content-Type": f"{media_type}; charset=utf-8", "Vary": "Accept", **(headers or {})},
    )
