"""The answers of an operation over time, and how many clients may wait for some.

What belongs here: what the protocols share. What does not: the protocols (``event_stream``, ``websocket``).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any

import anyio
from graphql import OperationType
from starlette.requests import HTTPConnection

from graphql_api.authentication import Unauthenticated
from graphql_api.errors import request_error
from graphql_api.execution import Answer, CannotBeExecuted, Operation
from graphql_api.http.finished import codes_of
from graphql_api.live.changes import Changes
from graphql_api.observing.observer import Observer
from graphql_api.running import Runner
from graphql_api.settings import ApiSettings
from graphql_api.throttle import TooMany, address_of
from warehouse.reading import Viewer

#: Who asks, proved again for each answer: a token may be revoked while its client waits.
WhoAsks = Callable[[], Awaitable[Viewer]]
#: When a client without a place may come again, in seconds.
_LATER = 10


class LiveAnswers:
    """Answers operations over time; for one event loop."""

    def __init__(self, runner: Runner, changes: Changes, observer: Observer, settings: ApiSettings) -> None:
        self._runner = runner
        self._observer = observer
        self._changes = changes
        self._most = settings.max_live_connections
        self._most_of_a_client = settings.max_live_connections_of_a_client
        self._clients: Counter[str] = Counter()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return self._clients.total()

    async def answers(
        self, operation: Operation, who_asks: WhoAsks, request_id: str
    ) -> AsyncGenerator[Answer, None]:
        """One answer; of a subscription, one for each publication that goes live, until the server stops.

        What was answered is told to the observer, and so is what is raised.

        Raises:
            Unauthenticated: who asks has lost the right to.
            TooMany: too many operations wait already, and it is no subscription.
        """
        begun, count, codes = time.perf_counter(), 0, set[str]()
        try:
            async with aclosing(self._answers(operation, who_asks, request_id)) as answers:
                async for answer in answers:
                    count += 1
                    codes.update(codes_of(answer.payload))
                    self._observer.metrics.answered_live()
                    yield answer
        except (Unauthenticated, TooMany) as refusal:
            codes.update(codes_of(refusal_of(refusal)))
            raise
        finally:
            self._observer.live(request_id, count, sorted(codes), time.perf_counter() - begun)

    def refused(self, request_id: str, payload: Mapping[str, Any]) -> None:
        """Tells the observer of an operation that has no answers."""
        self._observer.live(request_id, 0, codes_of(payload), 0)

    async def _answers(
        self, operation: Operation, who_asks: WhoAsks, request_id: str
    ) -> AsyncGenerator[Answer, None]:
        if operation.type is not OperationType.SUBSCRIPTION:
            yield await self._runner.run(operation, await who_asks(), request_id)
            return
        async with aclosing(self._changes.changes()) as changes:
            async for _ in changes:
                yield await self._in_the_end(operation, await who_asks(), request_id)

    async def _in_the_end(self, operation: Operation, viewer: Viewer, request_id: str) -> Answer:
        """The answer, after a wait where many wait: an event is not sent again."""
        while True:
            try:
                return await self._runner.run(operation, viewer, request_id)
            except TooMany as busy:
                await anyio.sleep(busy.seconds)

    @contextmanager
    def connected(self, connection: HTTPConnection) -> Iterator[None]:
        """Counts a client for as long as it is connected.

        Raises:
            TooMany: too many are, or too many of this address.
        """
        address = address_of(connection)
        if self._clients[address] >= self._most_of_a_client or self.connections >= self._most:
            raise TooMany(
                "too many clients are waiting for news already; close some connections, or come back later",
                503,
                "BUSY",
                _LATER,
            )
        self._clients[address] += 1
        self._observer.metrics.connected(1)
        try:
            yield
        finally:
            self._observer.metrics.connected(-1)
            self._clients[address] -= 1
            if not self._clients[address]:
                del self._clients[address]


def refusal_of(refused: CannotBeExecuted | TooMany | Unauthenticated) -> Mapping[str, Any]:
    """The answer to what cannot be executed, or not now, or not for who asks."""
    match refused:
        case CannotBeExecuted():
            return refused.answer.payload
        case TooMany():
            return request_error(str(refused), refused.code)
        case Unauthenticated():
            return refused.payload
