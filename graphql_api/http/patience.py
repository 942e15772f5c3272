"""How long a request may take to come: a client that sends nothing would hold a connection for ever.

What belongs here: time until a body is there. What does not: how large it may be (``parameters``).
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Message, Receive

from graphql_api.http.parameters import Refused


class Patience:
    """Waits for bodies, and only so long; for one event loop."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        #: When each that waits has begun to; a timer for each would cost as much as looking up its answer.
        self._waiting: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def first(self, receive: Receive) -> Message | None:
        """The first message of a request; None when it has not come in time."""
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None  # noqa: S101 - a request is always one
        self._waiting[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look, loop)
        try:
            return await receive()
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            return None
        finally:
            del self._waiting[task]
            self._late.discard(task)

    def whole(self, receive: Receive) -> Receive:
        """``receive`` for a body that must be there in time as a whole.

        Raises:
            Refused: by what is given back: the time is over.
        """
        until = asyncio.get_running_loop().time() + self._seconds

        async def received() -> Message:
            return await self._by(until, receive)

        return received

    def each(self, receive: Receive) -> Receive:
        """``receive`` for a body of which each part has the time for itself; see ``whole``."""

        async def received() -> Message:
            return await self._by(asyncio.get_running_loop().time() + self._seconds, receive)

        return received

    async def too_late(self) -> Message:
        """As ``receive``. Raises: Refused: always."""
        raise Refused(
            408,
            f"the body of the request did not come within {self._seconds} seconds; send it again",
            # What comes yet belongs to no request.
            {"Connection": "close"},
        )

    async def _by(self, until: float, receive: Receive) -> Message:
        try:
            async with asyncio.timeout_at(until):
                return await receive()
        except TimeoutError:
            return await self.too_late()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ends the waiting of those that have waited too long; looks again as long as anybody waits."""
        now = loop.time()
        for task, begun in self._waiting.items():
            if now - begun >= self._seconds:
                self._late.add(task)
                task.cancel()
        remaining = [begun for task, begun in self._waiting.items() if task not in self._late]
        self._timer = loop.call_at(min(remaining) + self._seconds, self._look, loop) if remaining else None
