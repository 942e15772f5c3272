"""When another publication goes live: one watcher a process, however many wait.

What belongs here: noticing that CURRENT has moved. What does not: protocols, answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

#: Between two looks at CURRENT, which take microseconds each, in seconds.
INTERVAL = 0.25


class Changes:
    """Tells those who wait that another publication is current; for one event loop."""

    def __init__(self, current: Callable[[], str | None], interval: float = INTERVAL) -> None:
        self._current = current
        self._interval = interval
        self._next = asyncio.Event()
        self._waiting = 0
        self._watcher: asyncio.Task[None] | None = None
        self._closed = False

    async def changes(self) -> AsyncGenerator[str, None]:
        """The id of each publication that goes live from now on, until the server stops.

        Who takes long over one gets the latest then, not all in between.
        """
        seen = self._current()
        self._waiting += 1
        try:
            while not self._closed:
                happened = self._next
                if (current := self._current()) not in (seen, None):
                    seen = current
                    yield str(current)
                    continue
                self._watch(seen)
                await happened.wait()
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Ends all waits."""
        self._closed = True
        self._next.set()
        if self._watcher is not None:
            self._watcher.cancel()

    def _watch(self, seen: str | None) -> None:
        """Looks from now on, until nobody waits."""
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.get_running_loop().create_task(self._look(seen))

    async def _look(self, seen: str | None) -> None:
        while self._waiting:
            await asyncio.sleep(self._interval)
            current: str | None = seen
            with suppress(OSError):
                current = self._current()
            if current != seen:
                seen = current
                happened, self._next = self._next, asyncio.Event()
                happened.set()
