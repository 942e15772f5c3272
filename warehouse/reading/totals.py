"""Running totals: what adds up month by month, kept so that any span of months is one subtraction.

What belongs here: adding up. What does not: what is added up (``cells``, ``reports``).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable
from decimal import Decimal
from functools import lru_cache
from operator import add, itemgetter, sub
from typing import Generic, TypeAlias, TypeVar

Place = TypeVar("Place", bound=Hashable)
Number = TypeVar("Number", int, Decimal)
_Rows: TypeAlias = list[tuple[dt.date, tuple[Number, ...]]]


class RunningTotals(Generic[Place, Number]):
    """What rows of places and months add up to; nobody changes it."""

    def __init__(self, rows: Iterable[tuple[Place, dt.date, tuple[Number, ...]]]) -> None:
        """The rows may have any order, and several of a place and month; all have the same numbers."""
        by_place: dict[Place, _Rows[Number]] = defaultdict(list)
        for place, month, numbers in rows:
            by_place[place].append((_shared(month), numbers))
        self._running: dict[Place, tuple[list[dt.date], list[tuple[Number, ...]]]] = {
            place: _running(some) for place, some in by_place.items()
        }
        self._rows = sum(map(len, by_place.values()))

    def __len__(self) -> int:
        """How many rows there were: what it takes to keep it."""
        return self._rows

    def between(self, first: dt.date, last: dt.date) -> dict[Place, tuple[Number, ...]]:
        """The sums of a span, both ends included, of the places that have a row in it."""
        found: dict[Place, tuple[Number, ...]] = {}
        for place, (months, totals) in self._running.items():
            begin, end = bisect_left(months, first), bisect_right(months, last)
            if begin < end:
                found[place] = tuple(map(sub, totals[end], totals[begin]))
        return found


@lru_cache(1_000)
def _shared(month: dt.date) -> dt.date:
    """One object for each month: what is compared again and again is the same in memory."""
    return month


def _running(rows: _Rows[Number]) -> tuple[list[dt.date], list[tuple[Number, ...]]]:
    """The months in order; what has been added up before each of them, and after the last."""
    rows.sort(key=itemgetter(0))
    _, some = rows[0]
    totals: list[tuple[Number, ...]] = [tuple(map(sub, some, some))]
    for _, numbers in rows:
        totals.append(tuple(map(add, totals[-1], numbers)))
    return [month for month, _ in rows], totals
