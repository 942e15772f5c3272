"""Publications in GraphQL: one immutable state of the warehouse each.

What belongs here: their type. What does not: what is asked of them (``publication_queries``).
"""

from __future__ import annotations

import datetime as dt

import strawberry

from graphql_api.context import Context
from graphql_api.nodes import Node
from graphql_api.scalars import YearMonth
from warehouse.reading import publication


@strawberry.type(
    description="One immutable state of the warehouse; a new one goes live whole or not at all (发布版本)."
)
class Publication(Node):
    """A publication."""

    published_at: dt.datetime = strawberry.field(description="When it was built (发布时间).")
    data_through: YearMonth | None = strawberry.field(
        description="Last month of which something has been reported; null before any (数据截止月)."
    )
    return_count: int = strawberry.field(description="Returns with something in force (有效报表数).")
    row_count: int = strawberry.field(description="Rows that count (计入行数).")
    catalog_version: str = strawberry.field(description="Version of the catalog it was built by (目录版本).")
    current: bool = strawberry.field(
        description="Whether it is the current one, which answers this request (是否为当前版本)."
    )


def current_publication(context: Context) -> Publication:
    """The publication that answers a request."""
    return publication_type(publication.publication(context.reading.source), context)


def publication_type(found: publication.Publication, context: Context) -> Publication:
    """A publication as GraphQL has it; the current one is that which answers the request."""
    return Publication(
        id=strawberry.ID(found.id),
        published_at=found.published_at,
        data_through=None if found.data_through is None else YearMonth(found.data_through),
        return_count=found.return_count,
        row_count=found.row_count,
        catalog_version=found.catalog_version,
        current=found.id == context.reading.source.publication_id,
    )
