"""Numbered files and folders, and those that hold many of them compacted into one.

What belongs here: names such as ``000007`` and ``000001-000064``, which of them count, and which are many
enough to be compacted. What does not: what they hold (``lake``, ``landing``), compacting (``compaction``).

Nothing is ever replaced: a compacted span appears beside what it holds, and from that moment counts for it.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

_NAME = re.compile(r"(\d{6,})(?:-(\d{6,}))?")


@dataclass(frozen=True)
class Span:
    """The numbers from ``first`` to ``last``, and where they lie."""

    first: int
    last: int
    path: Path

    @property
    def is_compacted(self) -> bool:
        return self.first < self.last

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last


def span_name(first: int, last: int) -> str:
    """The name of a span, without suffix; of one number it is the number."""
    return f"{first:06d}" if first == last else f"{first:06d}-{last:06d}"


def spans(paths: Iterable[Path]) -> list[Span]:
    """The spans that paths are named after, in order, a wider one before what it holds."""
    found = []
    for path in paths:
        match = _NAME.fullmatch(path.stem)
        if match:
            first = int(match[1])
            found.append(Span(first, int(match[2] or first), path))
    return sorted(found, key=lambda span: (span.first, -span.last))


def counting(found: Sequence[Span]) -> list[Span]:
    """Those that are not held by a wider one; ``found`` as ``spans`` gives them."""
    wide: list[Span] = []
    for span in found:
        if not wide or span.last > wide[-1].last:
            wide.append(span)
    return wide


def compacted_away(found: Sequence[Span]) -> list[Span]:
    """Those that a wider one counts for."""
    wide = set(counting(found))
    return [span for span in found if span not in wide]


def months_apart(
    found: Sequence[Span], latest: Mapping[Span, dt.date]
) -> list[tuple[dt.date | None, list[Span]]]:
    """Neighbours, by the latest month that has come in with them or before; ``latest`` has that of each.

    A month's neighbours are complete as soon as a later month has begun to come in: what is still said of the
    earlier one stands with the later.
    """
    apart: list[tuple[dt.date | None, list[Span]]] = []
    so_far: dt.date | None = None
    for span in found:
        own = latest.get(span)
        month = so_far if own is None or (so_far is not None and own < so_far) else own
        if apart and month == so_far:
            apart[-1][1].append(span)
        else:
            apart.append((month, [span]))
        so_far = month
    return apart


def due(
    found: Sequence[Span],
    fan_in: int,
    is_large: Callable[[Span], bool] = lambda _: False,
    *,
    latest: Mapping[Span, dt.date] = types.MappingProxyType({}),
    closed: Collection[dt.date] = (),
) -> list[list[Span]]:
    """The runs of neighbours that are worth compacting.

    Those of a closed month become one, once, when they are complete; and so do ``fan_in`` neighbours of one
    order of size: of closed months, or within a month that is not closed. A span of n numbers has the order
    log n to the base ``fan_in``, so whatever is handed in is written anew once an order and once more, and
    about ``fan_in`` spans an order are left. A large one is left as it is.
    """
    stretches: list[list[list[Span]]] = [[]]
    *complete, last = [*months_apart(found, latest)] or [(None, [])]
    for month, together in complete:
        if month in closed:
            stretches[-1] += _between(together, is_large)
        else:
            stretches += [[[span] for span in together], []]
    stretches.append([[span] for span in last[1]])
    return [run for stretch in stretches for run in _due(stretch, fan_in, is_large)]


def _between(together: Iterable[Span], is_large: Callable[[Span], bool]) -> list[list[Span]]:
    """Neighbours in one, but for the large ones, each of which stands by itself."""
    pieces: list[list[Span]] = []
    for large, group in groupby(together, is_large):
        some = [*group]
        pieces += [[span] for span in some] if large else [some]
    return pieces


def _due(pieces: Sequence[list[Span]], fan_in: int, is_large: Callable[[Span], bool]) -> Iterable[list[Span]]:
    """The runs of neighbouring pieces of one order that are long enough, and the pieces that are several."""

    def order(piece: list[Span]) -> int | None:
        return None if is_large(piece[0]) else _order(piece[-1].last - piece[0].first + 1, fan_in)

    for size, group in groupby(pieces, order):
        run = [*group]
        if size is not None and len(run) >= fan_in:
            yield [span for piece in run for span in piece]
        else:
            yield from (piece for piece in run if len(piece) > 1)


def _order(numbers: int, base: int) -> int:
    order = 0
    while numbers >= base:
        numbers //= base
        order += 1
    return order
