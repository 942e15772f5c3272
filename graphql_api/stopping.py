"""What a server's process does when it is told to end: those who wait for news are told, so that it can.

What belongs here: hearing of it beside the server, which waits for every connection to end before it tells
the application. What does not: ending them (``live``).
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

_SIGNALS = signal.SIGTERM, signal.SIGINT


def when_told_to_end(end: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs ``end`` in this event loop on a signal, beside what is done on it already; for main threads.

    Where nothing is done on a signal, nothing is added: the process ends at once.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    def begin() -> None:
        tasks.add(loop.create_task(end()))

    for number in _SIGNALS:
        before = signal.getsignal(number)
        if callable(before):
            # An event loop hears of signals by a file, and goes on to do so.
            signal.signal(number, _also(lambda: loop.call_soon_threadsafe(begin), before))


def _also(
    first: Callable[[], object], before: Callable[[int, FrameType | None], object]
) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        first()
        before(number, frame)

    return handle
