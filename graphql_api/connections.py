"""Relay connections: pages of long lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import strawberry

from warehouse.reading.pages import Page

Node = TypeVar("Node")
Item = TypeVar("Item")


@strawberry.type(description="Where a page stands in its list (分页信息).")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether items follow this page (是否有下一页).")
    has_previous_page: bool = strawberry.field(description="Whether items precede this page (是否有上一页).")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first item of this page (起始游标)."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last item of this page; as `after` it gives the next page (末尾游标)."
    )


@strawberry.type(description="One item of a page (分页条目).")
class Edge(Generic[Node]):
    """Relay's edge."""

    node: Node = strawberry.field(description="The item itself (条目).")
    cursor: str = strawberry.field(description="Opaque place of the item in its list (游标).")


@strawberry.type(description="One page of a list (分页列表).")
class Connection(Generic[Node]):
    """Relay's connection."""

    edges: list[Edge[Node]] = strawberry.field(description="The items of this page (本页条目).")
    page_info: PageInfo = strawberry.field(description="Where the page stands in its list (分页信息).")
    total_count: int = strawberry.field(description="How many items the whole list has (总数).")


def connection(page: Page[Item], node: Callable[[Item], Node]) -> Connection[Node]:
    """A page as a connection of nodes."""
    edges = [
        Edge(node=node(item), cursor=cursor) for item, cursor in zip(page.items, page.cursors, strict=True)
    ]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        ),
        total_count=page.total,
    )
