"""GraphQL over WebSocket: the protocol graphql-transport-ws, and no other.

What belongs here: messages, close codes, idle time. What does not: executing (``execution``), waiting for a
publication (``changes``).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from graphql_api.authentication import Authentication, IssuerAway, Unauthenticated, one_header
from graphql_api.errors import request_error
from graphql_api.execution import CannotBeExecuted, GraphQLRequest, Operation
from graphql_api.http.parameters import Refused, checked, json_value
from graphql_api.live.answers import LiveAnswers, refusal_of
from graphql_api.running import Runner, new_request_id
from graphql_api.settings import ApiSettings
from graphql_api.throttle import Rate, TooMany, address_of, client_of
from warehouse.reading import Viewer

PROTOCOL = "graphql-transport-ws"
#: So long, in seconds, it may take to tell all clients that the server stops.
_FAREWELL = 1
_IDENTIFIER_MAXIMUM = 200
_ENDS = "the server stops"


class _Close(Exception):
    """The connection ends, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class WebSockets:
    """All connections of one event loop, an ASGI application."""

    def __init__(
        self,
        runner: Runner,
        live: LiveAnswers,
        authentication: Authentication,
        rate: Rate,
        settings: ApiSettings,
    ) -> None:
        self.runner = runner
        self.live = live
        self.authentication = authentication
        self.rate = rate
        self.settings = settings
        self._open: set[asyncio.Task[Any]] = set()
        self._ends = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection to its end."""
        websocket = WebSocket(scope, receive, send)
        offered = PROTOCOL in websocket.scope.get("subprotocols", ())
        await websocket.accept(PROTOCOL if offered else None)
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
        try:
            if self._ends:
                raise _Close(1001, _ENDS)
            if not offered:
                raise _Close(4406, f"Subprotocol not acceptable; use {PROTOCOL}")
            with self.live.connected(websocket):
                await _Connection(websocket, self).serve()
        except _Close as end:
            await _close(websocket, end.code, end.reason)
        except asyncio.CancelledError:
            if not self._ends:
                raise
            await _close(websocket, 1001, _ENDS)
        except TooMany as busy:
            await _close(websocket, 1013, str(busy))
        except (WebSocketDisconnect, RuntimeError):
            # Gone, perhaps while something was sent.
            pass
        finally:
            if task is not None:
                self._open.discard(task)

    async def close(self) -> None:
        """Ends all connections, saying that the server stops where there is time for it."""
        self._ends = True
        for task in self._open:
            task.cancel()
        if self._open:
            # A client answers, and so its connection ends; whoever does not is cut off with the server.
            await asyncio.wait([*self._open], timeout=_FAREWELL)


class _Connection:
    """One connection: its operations, and who asks."""

    def __init__(self, websocket: WebSocket, sockets: WebSockets) -> None:
        self._websocket = websocket
        self._sockets = sockets
        self._settings = sockets.settings
        self._authorization: str | None = None
        self._initialised = self._acknowledged = self._pinged = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._used = time.monotonic()
        self._receiving: asyncio.Task[Mapping[str, Any]] | None = None

    async def serve(self) -> None:
        """Serves until the client leaves.

        Raises:
            _Close: the connection must end for another reason.
            WebSocketDisconnect: the client has left.
        """
        try:
            while True:
                await self._next()
        finally:
            for task in (*self._operations.values(), self._receiving):
                if task is not None:
                    task.cancel()

    async def _next(self) -> None:
        """Waits for a message and follows it; looks at the clock when none comes."""
        idle, patience = self._settings.websocket_idle_seconds, self._settings.websocket_init_seconds
        message = await self._message(idle / 2 if self._acknowledged else patience)
        unused = time.monotonic() - self._used
        if not self._acknowledged and (message is None or unused >= patience):
            raise _Close(4408, "Connection initialisation timeout")
        if message is not None:
            self._pinged = False
            await self._follow(message)
        elif self._pinged:
            raise _Close(1001, "the client does not answer")
        elif self._operations or unused < idle:
            self._pinged = True
            await self._send({"type": "ping"})
        if not self._operations and time.monotonic() - self._used >= idle:
            raise _Close(1000, f"nothing was asked for in {idle} seconds")

    async def _message(self, seconds: float) -> Mapping[str, Any] | None:
        """The next message, None when none comes in time; it is then still waited for."""
        if self._receiving is None:
            self._receiving = asyncio.ensure_future(self._received())
        await asyncio.wait({self._receiving}, timeout=seconds)
        if not self._receiving.done():
            return None
        receiving, self._receiving = self._receiving, None
        return receiving.result()

    async def _received(self) -> Mapping[str, Any]:
        raw = await self._websocket.receive()
        if raw["type"] != "websocket.receive":
            raise WebSocketDisconnect(raw.get("code", 1005))
        text = raw.get("text")
        if text is None:
            raise _Close(4400, "Invalid message: it is not text")
        if len(text) > self._settings.max_request_bytes:
            raise _Close(1009, f"the message is longer than {self._settings.max_request_bytes} bytes")
        try:
            message = json_value(text, "the message is not JSON")
        except Refused as refused:
            raise _Close(4400, f"Invalid message: {refused}") from None
        if not isinstance(message, dict):
            raise _Close(4400, "Invalid message: it is no JSON object")
        return message

    async def _follow(self, message: Mapping[str, Any]) -> None:
        payload = message.get("payload")
        match message.get("type"):
            case "connection_init" if not isinstance(payload, dict | None):
                raise _Close(4400, "Invalid message: the payload of connection_init is no JSON object")
            case "connection_init":
                await self._initialise(payload or {})
            case "ping":
                await self._send({"type": "pong"} | ({} if payload is None else {"payload": payload}))
            case "pong":
                pass
            case "subscribe":
                if not self._acknowledged:
                    raise _Close(4401, "Unauthorized")
                await self._subscribe(_identifier(message), payload)
            case "complete":
                if (task := self._operations.pop(_identifier(message), None)) is not None:
                    task.cancel()
                self._used = time.monotonic()
            case _:
                raise _Close(4400, "Invalid message: its type is none that a client sends")

    async def _initialise(self, payload: Mapping[str, Any]) -> None:
        if self._initialised:
            raise _Close(4429, "Too many initialisation requests")
        self._initialised = True
        said = [value for name, value in payload.items() if name.lower() == "authorization"]
        said = said or self._websocket.headers.getlist("authorization")
        try:
            self._authorization = one_header(said)
            await self._who_asks()
        except IssuerAway as away:
            raise _Close(1013, str(away)) from None
        except Unauthenticated as refused:
            raise _Close(4403, f"Forbidden: {refused}") from None
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    async def _who_asks(self) -> Viewer:
        return await self._sockets.authentication.viewer_of_header(self._authorization)

    async def _subscribe(self, identifier: str, payload: Any) -> None:
        if identifier in self._operations:
            raise _Close(4409, f"Subscriber for {identifier} already exists")
        try:
            request = checked(payload) if isinstance(payload, dict) else None
        except Refused as refused:
            raise _Close(4400, f"Invalid message: {refused}") from None
        if request is None:
            raise _Close(4400, "Invalid message: it has no payload")
        self._used = time.monotonic()
        most = self._settings.websocket_operations
        if len(self._operations) >= most:
            await self._refuse(
                identifier, request_error(f"at most {most} operations run on one connection", "BUSY")
            )
            return
        self._operations[identifier] = asyncio.ensure_future(self._operate(identifier, request))

    async def _operate(self, identifier: str, request: GraphQLRequest) -> None:
        """Sends the answers of an operation, and that it is complete."""
        task, request_id = asyncio.current_task(), new_request_id()
        refusal: Mapping[str, Any] | None = None
        try:
            operation = await self._operation(request, request_id)
            answers = self._sockets.live.answers(operation, self._who_asks, request_id)
            async with aclosing(answers):
                async for answer in answers:
                    if "data" not in answer.payload:
                        refusal = answer.payload
                        break
                    await self._send({"type": "next", "id": identifier, "payload": answer.payload})
        except (CannotBeExecuted, TooMany, Unauthenticated) as refused:
            refusal = refusal_of(refused)
        except WebSocketDisconnect:
            return
        finally:
            # A client may use the identifier again as soon as it has said, or heard, that this is complete.
            if self._operations.get(identifier) is task:
                del self._operations[identifier]
            self._used = time.monotonic()
        if refusal is not None:
            await self._refuse(identifier, refusal)
        else:
            await self._send({"type": "complete", "id": identifier})

    async def _operation(self, request: GraphQLRequest, request_id: str) -> Operation:
        try:
            self._sockets.rate.count(client_of(self._authorization, address_of(self._websocket)))
            return await self._sockets.runner.operation(request, request_id)
        except (CannotBeExecuted, TooMany) as refused:
            self._sockets.live.refused(request_id, refusal_of(refused))
            raise

    async def _refuse(self, identifier: str, payload: Mapping[str, Any]) -> None:
        await self._send({"type": "error", "id": identifier, "payload": payload["errors"]})

    async def _send(self, message: Mapping[str, Any]) -> None:
        # RuntimeError: the connection has ended meanwhile.
        with suppress(RuntimeError):
            await self._websocket.send_text(json.dumps(message, ensure_ascii=False))


def _identifier(message: Mapping[str, Any]) -> str:
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= _IDENTIFIER_MAXIMUM:
        raise _Close(4400, "Invalid message: its id is no text")
    return found


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    # A reason has at most 123 bytes; the client may be gone.
    with suppress(RuntimeError, WebSocketDisconnect):
        await websocket.close(code, reason.encode("utf-8")[:120].decode("utf-8", "ignore"))
