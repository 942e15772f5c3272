"""What a server's process does when it is told to end: first those who wait for news are told, then it stops.

What belongs here: hearing of it before the server, which cuts off WebSockets when it stops. What does not:
ending them (``live``).
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any

_SIGNALS = signal.SIGTERM, signal.SIGINT


def when_told_to_end(end: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs ``end`` in this event loop on a signal, and then what is done on it already; for main threads.

    A second signal waits for nothing. Where the loop does nothing on a signal, nothing is added: the process
    ends at once.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()
    # The loop has no public name for what it does on signals.
    handlers: dict[int, asyncio.Handle] = getattr(loop, "_signal_handlers", {})

    async def ended(server: asyncio.Handle) -> None:
        try:
            await end()
        finally:
            server._run()

    def begin(server: asyncio.Handle) -> None:
        if tasks:
            server._run()
        else:
            tasks.add(loop.create_task(ended(server)))

    for number in _SIGNALS:
        if number in handlers:
            loop.add_signal_handler(number, begin, handlers[number])
