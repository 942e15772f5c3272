"""Small numbers: which groups of a sensitive indicator are hidden from the public.

What belongs here: the choice of what to hide. What does not: who may see (``viewer``), the figures.

A value from 1 to the programme's maximum is hidden. Where exactly one group of a line - groups that
add up to a shown total - is hidden, the total would give it away, so the smallest other non-zero group is
hidden too.

This holds within one answer. Who puts several answers of different spans together may still find a small
number: a month is what two values to date differ by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TypeVar

from warehouse.catalog import load_catalog

#: A group's place on each dimension.
Place = TypeVar("Place", bound=tuple[Hashable, ...])


def is_small(value: Decimal | None) -> bool:
    """Whether a value alone must be hidden; zero and nothing are not."""
    return value is not None and 0 < value <= load_catalog().programme.small_number_maximum


def hidden_places(values: Mapping[Place, Decimal]) -> set[Place]:
    """The places to hide in a table of any number of dimensions.

    A line is all places that differ in one dimension only; hiding in one line may ask for hiding in another.
    """
    hidden = {place for place, value in values.items() if is_small(value)}
    lines: dict[Hashable, list[Place]] = defaultdict(list)
    for place in values:
        for dimension in range(len(place)):
            lines[dimension, place[:dimension], place[dimension + 1 :]].append(place)
    changed = bool(hidden)
    while changed:
        changed = False
        for line in lines.values():
            if sum(place in hidden for place in line) == 1:
                others = [place for place in line if values[place] > 0 and place not in hidden]
                if others:
                    hidden.add(min(others, key=values.__getitem__))
                    changed = True
    return hidden
