"""Executing in threads, so many at a time, each for so long; on the event loop only what takes a moment.

What belongs here: waiting, threads, time. What does not: GraphQL (``execution``), HTTP (``http``).
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Collection
from typing import TypeVar

import anyio
from graphql import OperationType

from graphql_api.execution import Answer, Executor, GraphQLRequest, Operation
from graphql_api.generations import StoppableSource
from graphql_api.settings import ApiSettings
from graphql_api.throttle import TooMany
from warehouse.reading import Viewer

Result = TypeVar("Result")
_PROCESS, _REQUESTS = secrets.token_hex(4), itertools.count(1)
#: When a client that has been sent away may come again, in seconds.
_LATER = 2


class Runner:
    """Runs operations; for one event loop."""

    def __init__(self, executor: Executor, settings: ApiSettings) -> None:
        self._executor = executor
        self._threads = anyio.CapacityLimiter(settings.threads)
        self._most = settings.threads + settings.max_waiting
        self._waiting = settings.max_waiting
        self._timeout = settings.timeout_seconds
        self._inside = 0

    async def execute(
        self,
        request: GraphQLRequest,
        viewer: Viewer,
        request_id: str,
        allowed: Collection[OperationType],
        finish: Callable[[Answer], Result],
    ) -> Result:
        """What ``finish`` makes of the answer to a request; see ``Executor.execute``.

        In a thread, but for what takes a moment only: it does not wait behind what takes longer.

        Raises:
            OperationRefused: the operation is of another type than those allowed.
            TooMany: too many operations wait already.
        """
        answer = self._executor.at_once(request, viewer) if OperationType.QUERY in allowed else None
        if answer is not None:
            return finish(answer)
        return await self.in_thread(
            lambda started: finish(
                self._executor.execute(request, viewer, request_id, started, allowed=allowed)
            )
        )

    async def operation(self, request: GraphQLRequest, request_id: str) -> Operation:
        """The operation that a request asks for; see ``Executor.operation``.

        Raises:
            CannotBeExecuted: there is none, it is not valid, or asks for too much.
            TooMany: too many operations wait already.
        """
        return await self.in_thread(lambda _: self._executor.operation(request, request_id))

    async def run(self, operation: Operation, viewer: Viewer, request_id: str) -> Answer:
        """The answer to an operation; see ``Executor.run``.

        Raises:
            TooMany: too many operations wait already.
        """
        return await self.in_thread(
            lambda started: self._executor.run(operation, viewer, request_id, started)
        )

    async def in_thread(self, work: Callable[[Callable[[StoppableSource], None]], Result]) -> Result:
        """What ``work`` gives, which is to tell of the source that it reads, so that it can be stopped.

        Raises:
            TooMany: too many operations wait already.
        """
        if self._inside >= self._most:
            raise TooMany(
                f"{self._waiting} operations are waiting already; send this one again in some seconds",
                503,
                "BUSY",
                _LATER,
            )
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []

        def set_timer(source: StoppableSource) -> None:
            timers.append(loop.call_later(self._timeout, source.stop))

        def started(source: StoppableSource) -> None:
            loop.call_soon_threadsafe(set_timer, source)

        self._inside += 1
        try:
            return await anyio.to_thread.run_sync(lambda: work(started), limiter=self._threads)
        finally:
            self._inside -= 1
            for timer in timers:
                timer.cancel()


def new_request_id() -> str:
    """A number under which a request is found in the log: of this process, and of the request in it."""
    return f"{_PROCESS}{next(_REQUESTS):08x}"
