"""Relay's global identification: what has an ``id`` that ``node`` finds.

What belongs here: the interface, and the form of ids. What does not: finding (``node_query``).

Returns, publications and the like have the ids of the contract, ``R000001`` and ``000042``. What is keyed by
a code has besides it an id made of its type and that code. For a client all of them are opaque.
"""

from __future__ import annotations

import strawberry


@strawberry.interface(description="What `node` finds by its id (可按编号查询的对象).")
class Node:
    """An object with a global id."""

    id: strawberry.ID = strawberry.field(description="Global id, for `node` (全局编号).")


def node_id(type_name: str, code: object) -> strawberry.ID:
    """The global id of what is keyed by a code."""
    return strawberry.ID(f"{type_name}:{code}")
