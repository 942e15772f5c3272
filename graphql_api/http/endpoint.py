"""The endpoint of GraphQL over HTTP: requests out of HTTP, answers into it, as the draft says.

What belongs here: methods, status codes, the way of a request. What does not: media types (``negotiation``),
what a request says (``parameters``), bytes of answers (``finished``), GraphQL itself (``execution``).
"""

from __future__ import annotations

import datetime as dt
import time
from functools import partial
from typing import TypeAlias

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from graphql_api.authentication import Authentication, Unauthenticated
from graphql_api.errors import request_error
from graphql_api.execution import Answer, CannotBeExecuted, GraphQLRequest, OperationRefused
from graphql_api.generations import Generations
from graphql_api.http.finished import FinishedAnswers, FinishedResponse, finished
from graphql_api.http.multipart import is_multipart, multipart_parameters
from graphql_api.http.negotiation import (
    EVENTS_TYPE,
    JSON_TYPE,
    RESPONSE_TYPE,
    content_coding,
    negotiated,
    prefers_html,
    wants_events,
)
from graphql_api.http.page import page
from graphql_api.http.parameters import (
    Refused,
    check_content_type,
    checked,
    from_json,
    from_query_string,
    is_json,
    pass_over_rest,
    read_body,
)
from graphql_api.http.patience import Patience
from graphql_api.live.answers import LiveAnswers
from graphql_api.live.event_stream import event_stream
from graphql_api.observing.observer import Observer
from graphql_api.observing.tracing import span
from graphql_api.running import Runner, new_request_id
from graphql_api.settings import ApiSettings
from graphql_api.throttle import Rate, TooMany, address_of, client_of
from warehouse.reading import Forbidden, Viewer, today

#: So many times the bytes of the longest request are still taken from a client whose request is refused.
_PASSED_OVER = 20
#: How a request comes that ``_quickly`` looks into.
_POSTED = (b"content-type", b"application/json")
#: So long, in seconds, what is current counts as such: less than any request takes that is executed.
_LOOK = 0.001
#: The headers on which an answer depends, beside the one that says who asks.
_DECISIVE = frozenset({b"accept", b"accept-encoding", b"content-type", b"content-encoding"})
_EXECUTED = {
    "GET": (OperationType.QUERY,),
    "HEAD": (OperationType.QUERY,),
    "POST": (OperationType.QUERY, OperationType.MUTATION),
}


#: What an answer is a function of: publication and day, viewer, method, decisive headers, what is asked.
_Key: TypeAlias = tuple[
    tuple[str | None, dt.date], Viewer, str, tuple[tuple[bytes, bytes], ...], bytes | None
]


class GraphQLEndpoint:
    """The endpoint, an ASGI application; for one event loop."""

    def __init__(
        self,
        generations: Generations,
        runner: Runner,
        live: LiveAnswers,
        authentication: Authentication,
        rate: Rate,
        observer: Observer,
        settings: ApiSettings,
    ) -> None:
        self._generations = generations
        self._runner = runner
        self._live = live
        self._authentication = authentication
        self._rate = rate
        self._observer = observer
        self._settings = settings
        self._finished = FinishedAnswers(settings.answer_cache_bytes)
        self._patience = Patience(settings.body_seconds)
        self._seen: tuple[str | None, dt.date] = (None, dt.date.min)
        self._looks_again = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, request_id = time.perf_counter(), new_request_id()
        cached = False
        kept, receive = await self._quickly(scope, receive)
        if kept is not None:
            await kept.send(scope, send, request_id)
            self._observer.answered(request_id, kept, time.perf_counter() - begun, cached=True)
            return
        request = self._request(scope, receive)
        response: FinishedResponse | StreamingResponse
        try:
            viewer = await self._authentication.viewer(request)
            raw = await self._raw(request)
            key = self._key(scope, viewer, raw)
            kept = self._finished.get(key)
            cached = kept is not None
            response = kept or await self._answered(request, viewer, raw or b"", request_id, key)
        except (Refused, Unauthenticated, Forbidden, TooMany, OperationRefused) as refusal:
            response = await self._refused(request, refusal)
        if isinstance(response, FinishedResponse):
            await response.send(scope, send, request_id)
            self._observer.answered(request_id, response, time.perf_counter() - begun, cached=cached)
        else:
            await response(scope, receive, send)

    async def _quickly(self, scope: Scope, receive: Receive) -> tuple[FinishedResponse | None, Receive]:
        """The answer to a short request without a token where it is there, and what is yet to be received.

        What most requests are gets its answer without being taken apart; what it does not find goes the whole
        way, as if nothing of it had been read.
        """
        decisive: list[tuple[bytes, bytes]] = []
        length = b""
        for header in scope["headers"]:
            if header[0] in _DECISIVE:
                decisive.append(header)
            elif header[0] == b"content-length":
                length = header[1]
            elif header[0] == b"authorization":
                return None, receive
        raw: bytes = scope["query_string"]
        if scope["method"] == "POST":
            if _POSTED not in decisive:
                return None, receive
            message = await self._patience.first(receive)
            if message is None:
                return None, self._patience.too_late
            receive = _with(message, receive)
            raw = message.get("body", b"")
            # Servers say that more may come of what is whole already.
            if message["type"] != "http.request" or length != b"%d" % len(raw):
                return None, receive
        viewer = self._authentication.without_token
        return self._finished.get((self._state(), viewer, scope["method"], tuple(decisive), raw)), receive

    def _request(self, scope: Scope, receive: Receive) -> Request:
        """A request, whose body must come in time: of a file each part, of anything else the whole."""
        request = Request(scope)
        patient = self._patience.each if is_multipart(request.headers) else self._patience.whole
        return Request(scope, patient(receive))

    def _key(self, scope: Scope, viewer: Viewer, raw: bytes | None) -> _Key:
        decisive = tuple([header for header in scope["headers"] if header[0] in _DECISIVE])
        return self._state(), viewer, scope["method"], decisive, raw

    def _state(self) -> tuple[str | None, dt.date]:
        """The current publication and the day, as of a moment ago."""
        now = time.perf_counter()
        if now >= self._looks_again:
            self._looks_again = now + _LOOK
            self._seen = self._generations.current_id(), today()
        return self._seen

    async def _raw(self, request: Request) -> bytes | None:
        """What says, beside the headers, all that is asked; None when it is nothing to keep in memory."""
        if request.method != "POST":
            query_string: bytes = request.scope["query_string"]
            return query_string
        return await read_body(request, self._settings.max_request_bytes) if is_json(request) else None

    async def _answered(
        self, request: Request, viewer: Viewer, raw: bytes, request_id: str, key: _Key
    ) -> FinishedResponse | StreamingResponse:
        accept, by_get = request.headers.get("accept"), request.method != "POST"
        if request.method not in _EXECUTED:
            raise Refused(405, "GraphQL is asked by GET or POST", {"Allow": "GET, POST"})
        if by_get and not raw and prefers_html(accept):
            return page()
        media_type = EVENTS_TYPE if wants_events(accept) else negotiated(accept)
        if media_type is None:
            raise Refused(406, f"answers come as {RESPONSE_TYPE}, {JSON_TYPE} or {EVENTS_TYPE} only")
        self._rate.count(client_of(request.headers.get("authorization"), address_of(request)))
        if not by_get and is_multipart(request.headers):
            # Nobody fills the disk who may not hand in anything.
            viewer.require_submitting()
            sizes = self._settings.max_upload_bytes, self._settings.max_request_bytes
            async with multipart_parameters(request, *sizes) as parameters:
                asked = checked(parameters)
                return await self._executed(
                    request, asked, viewer, request_id, key, negotiated(accept) or JSON_TYPE
                )
        if by_get:
            asked = from_query_string(request, self._settings.max_request_bytes)
        else:
            check_content_type(request)
            asked = from_json(raw)
        if media_type == EVENTS_TYPE:
            return await self._streamed(request, asked, request_id)
        return await self._executed(request, asked, viewer, request_id, key, media_type)

    async def _executed(
        self,
        request: Request,
        asked: GraphQLRequest,
        viewer: Viewer,
        request_id: str,
        key: _Key,
        media_type: str,
    ) -> FinishedResponse:
        by_get, raw = request.method != "POST", key[-1]
        allowed = _EXECUTED[request.method]
        finish = partial(
            _finished, media_type, content_coding(request.headers.get("accept-encoding")), by_get
        )
        with span(request.headers, request_id) as attributes:
            answer, response = await self._runner.execute(asked, viewer, request_id, allowed, finish)
            attributes["graphql.operation.name"] = asked.operation_name or ""
            attributes["union7510.error_codes"] = ",".join(response.codes)
        # Another publication may have gone live since the key was made.
        if raw and answer.holds_for is not None and answer.holds_for == key[0][0]:
            self._finished.keep(key, len(raw), response)
            self._observer.metrics.kept(self._finished.bytes_kept)
        return response

    async def _streamed(
        self, request: Request, asked: GraphQLRequest, request_id: str
    ) -> FinishedResponse | StreamingResponse:
        try:
            operation = await self._runner.operation(asked, request_id)
        except CannotBeExecuted as impossible:
            return finished(impossible.answer.payload, RESPONSE_TYPE, impossible.answer.status)
        if operation.type is OperationType.MUTATION and request.method != "POST":
            raise OperationRefused(operation.type)
        # A client without a place is told so before the stream begins.
        with self._live.connected(request):
            answers = self._live.answers(operation, partial(self._authentication.viewer, request), request_id)
        return event_stream(answers, self._live.connected(request), request_id)

    async def _refused(self, request: Request, refusal: Exception) -> FinishedResponse:
        await pass_over_rest(request, _PASSED_OVER * self._settings.max_request_bytes)
        media_type = negotiated(request.headers.get("accept")) or JSON_TYPE
        match refusal:
            case Unauthenticated():
                return finished(refusal.payload, media_type, refusal.status, headers=refusal.headers)
            case Forbidden():
                return finished(request_error(str(refusal), "FORBIDDEN"), media_type, 403)
            case TooMany():
                payload = request_error(str(refusal), refusal.code)
                headers = {"Retry-After": str(refusal.seconds)}
                return finished(payload, media_type, refusal.status, headers=headers)
            case OperationRefused(type=OperationType.SUBSCRIPTION):
                message = (
                    f"a subscription has many answers: ask with Accept: {EVENTS_TYPE}, or over a WebSocket "
                    "with the subprotocol graphql-transport-ws"
                )
                return finished(request_error(message), media_type, 400)
            case OperationRefused():
                message = "by GET only queries are executed; send other operations by POST"
                return finished(request_error(message), media_type, 405, headers={"Allow": "POST"})
            case Refused():
                return finished(
                    request_error(str(refusal)), media_type, refusal.status, headers=refusal.headers
                )
        raise refusal


def _with(message: Message, receive: Receive) -> Receive:
    """``receive`` with a message before all others."""
    first = [message]

    async def received() -> Message:
        return first.pop() if first else await receive()

    return received


def _finished(
    media_type: str, coding: str | None, by_get: bool, answer: Answer
) -> tuple[Answer, FinishedResponse]:
    # The older media type answers 200 to whatever is a request at all.
    status = 200 if media_type == JSON_TYPE and answer.status == 400 else answer.status
    response = finished(answer.payload, media_type, status, coding=coding, by_get=by_get)
    return answer, response
