"""Numbered files and folders, and those that hold many of them compacted into one.

What belongs here: names such as ``000007`` and ``000001-000064``, which of them count, and which are many
enough to be compacted. What does not: what they hold (``lake``, ``landing``), compacting (``compaction``).

Nothing is ever replaced: a compacted span appears beside what it holds, and from that moment counts for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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


def due(
    found: Sequence[Span], fan_in: int, is_large: Callable[[Span], bool] = lambda _: False
) -> list[list[Span]]:
    """The runs of neighbours that are worth compacting: at least ``fan_in`` of one order of size.

    A span of n numbers has the order log n to the base ``fan_in``, so whatever is handed in is written
    anew once an order, and about ``fan_in`` spans an order are left. A large one is left as it is.
    """
    runs: list[list[Span]] = []
    last_order: int | None = None
    for span in found:
        order = None if is_large(span) else _order(span.last - span.first + 1, fan_in)
        if runs and order is not None and order == last_order:
            runs[-1].append(span)
        else:
            runs.append([span])
        last_order = order
    return [run for run in runs if len(run) >= fan_in]


def _order(numbers: int, base: int) -> int:
    order = 0
    while numbers >= base:
        numbers //= base
        order += 1
    return order
