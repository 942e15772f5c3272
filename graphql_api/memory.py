"""What has been read of a publication once, kept within bounds: a publication never changes.

What belongs here: keeping. What does not: what is kept (``warehouse.reading``), finished answers
(``http.finished``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sized
from typing import Any, TypeVar

from cachetools import LRUCache

Items = TypeVar("Items", bound=Sized)
#: Items kept of one publication, a few hundred bytes each.
_ITEMS = 100_000


class PublicationMemory:
    """Keeps what was asked for last; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: LRUCache[Hashable, Any] = LRUCache(_ITEMS, getsizeof=lambda items: len(items) + 1)

    def get(self, key: Hashable, make: Callable[[], Items]) -> Items:
        """What was made under a key, or is made now; nobody changes it.

        Two threads may make it at once, and agree.
        """
        with self._lock:
            kept: Items | None = self._kept.get(key)
        if kept is None:
            kept = make()
            if len(kept) < _ITEMS:
                with self._lock:
                    self._kept[key] = kept
        return kept
