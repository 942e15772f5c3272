"""How often a client may ask: the rate of each.

What belongs here: counting requests. What does not: what one may ask for (``limits``), how many run at a time
(``running``).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Hashable

from cachetools import LRUCache
from starlette.requests import HTTPConnection

#: Clients whose rate is known at a time; who has not asked for longest is forgotten, and starts anew.
_CLIENTS = 10_000
#: So many seconds of the rate may be used at once.
_BURST_SECONDS = 2


class TooMany(Exception):
    """The request is not executed now; the message says why, ``seconds`` when it may be sent again."""

    def __init__(self, message: str, status: int, code: str, seconds: int) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.seconds = seconds


class Rate:
    """A token bucket for each client; for one thread."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        #: By client: what is left in the bucket, and when that was so.
        self._left: LRUCache[Hashable, tuple[float, float]] = LRUCache(_CLIENTS)

    def count(self, client: Hashable) -> None:
        """Counts a request of a client.

        Raises:
            TooMany: the client sends more than the rate.
        """
        now, full = self._clock(), float(self._per_second * _BURST_SECONDS)
        left, before = self._left.get(client, (full, now))
        left = min(full, left + (now - before) * self._per_second)
        if left < 1:
            self._left[client] = (left, now)
            raise TooMany(
                f"more than {self._per_second} operations a second from one client; wait a second, and ask "
                "for more in one operation",
                429,
                "RATE_LIMITED",
                1,
            )
        self._left[client] = (left - 1, now)


def client_of(authorization: str | None, address: str) -> str:
    """Whose rate a request counts for: its token's, or without one its address's.

    Args:
        authorization: The header that was proved; however it is written, its token is one client.
        address: Where the request comes from.
    """
    if authorization is None:
        return address
    return hashlib.sha256(authorization.split()[-1].encode("utf-8", "replace")).hexdigest()


def address_of(connection: HTTPConnection) -> str:
    """Where a connection comes from; empty where the server does not know."""
    return connection.client.host if connection.client else ""
