"""Queries of publications, and of what changed between two."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.change_types import Change, change_types
from graphql_api.connections import Connection, connection
from graphql_api.context import Info, given
from graphql_api.fields import resolved
from graphql_api.publication_type import Publication, current_publication, publication_type
from graphql_api.return_types import After, First
from warehouse.publications import PublicationNotFound
from warehouse.reading import InputProblem, changes
from warehouse.reading.pages import decode_cursor, encode_cursor, page
from warehouse.reading.problems import check_page_size


@strawberry.type(description="Queries of publications (发布版本查询).")
class PublicationQueries:
    """What is asked of publications."""

    @resolved(
        description="The published warehouse that answers this request: the current one, or the one named "
        "(发布版本)."
    )
    def publication(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 - the contract's name
            strawberry.ID | None, strawberry.argument(description="Id of a publication (编号).")
        ] = strawberry.UNSET,
    ) -> Publication:
        """One publication."""
        context = info.context
        named = given(id)
        if named is None:
            return current_publication(context)
        try:
            return publication_type(context.generations.publication(named), context)
        except PublicationNotFound:
            raise InputProblem("id", named, "the id of a publication as publications lists it") from None

    @resolved(description="The publications that are kept, the newest first (历次发布).")
    def publications(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[Publication]:
        """A page of publications."""
        context = info.context
        check_page_size(first)
        key = decode_cursor("publications", [int], given(after))
        ids = context.generations.ids()
        rows = [each for each in ids if key is None or int(each) < int(key[0])][: first + 1]
        found = page(
            rows, first, given(after), len(ids), lambda each: encode_cursor("publications", int(each))
        )
        return connection(
            found, lambda each: publication_type(context.generations.publication(each), context)
        )

    @resolved(
        description="What changed in the figures of single months between two publications: the whole city "
        "before its units, then by indicator and month. Of sensitive indicators those who may not see small "
        "numbers get the city's changes only (数据变动)."
    )
    def changes(
        self,
        info: Info,
        from_: Annotated[
            strawberry.ID,
            strawberry.argument(name="from", description="Id of the publication before (起始版本)."),
        ],
        to: Annotated[strawberry.ID, strawberry.argument(description="Id of the one after (截止版本).")],
        first: First = 100,
        after: After = strawberry.UNSET,
    ) -> Connection[Change]:
        """A page of changes."""
        context = info.context
        store = context.generations.store
        found = changes.changes(store, context.reading.viewer, from_, to, first, given(after))
        return connection(found, change_types(context, from_, to))
