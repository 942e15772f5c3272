"""Pages of long lists: opaque cursors, and what stands before and behind a page.

A cursor holds the sort key of its item, so a page begins where the last one ended, whatever was added since.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from warehouse.reading.problems import InputProblem

Item = TypeVar("Item")
Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items of a list, with a cursor for each, and how many items the whole list has."""

    items: tuple[Item, ...]
    cursors: tuple[str, ...]
    has_next: bool
    has_previous: bool
    total: int


def page(
    rows: Sequence[Item], first: int, after: str | None, total: int, cursor: Callable[[Item], str]
) -> Page[Item]:
    """The first ``first`` of ``rows``, which hold one more row when the list goes on."""
    items = tuple(rows[:first])
    return Page(
        items=items,
        cursors=tuple(map(cursor, items)),
        has_next=len(rows) > first,
        has_previous=after is not None,
        total=total,
    )


def encode_cursor(kind: str, *key: str | int) -> str:
    """An opaque text for the item with this sort key in a list of this kind."""
    return base64.urlsafe_b64encode(json.dumps([kind, *key]).encode()).decode().rstrip("=")


def decode_cursor(kind: str, types: Sequence[type[str | int]], after: str | None) -> Key | None:
    """The sort key in a cursor; None without one.

    Raises:
        InputProblem: not a cursor, or one of another list.
    """
    if after is None:
        return None
    try:
        padded = after.encode("ascii") + b"=" * (-len(after) % 4)
        decoded = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        decoded = None
    if not isinstance(decoded, list) or len(decoded) != len(types) + 1 or decoded[0] != kind:
        raise _not_a_cursor(after)
    key = tuple(decoded[1:])
    # A huge integer is one for Python and none for the database.
    if any(type(part) is not wanted for part, wanted in zip(key, types, strict=True)) or any(
        isinstance(part, int) and abs(part) >= 2**63 for part in key
    ):
        raise _not_a_cursor(after)
    return key


def _not_a_cursor(after: str) -> InputProblem:
    return InputProblem(
        "after", after, "a cursor of this list as pageInfo.endCursor gives it, or nothing for the first page"
    )
