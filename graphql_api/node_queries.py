"""Queries by global id, as Relay asks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from graphql_api.catalogue_types import ledger_types, rule_types
from graphql_api.context import Context, Info
from graphql_api.fields import resolved
from graphql_api.nodes import Node
from graphql_api.publication_type import Publication, publication_type
from graphql_api.return_types import ReturnDetails, return_type, unassigned_return_type
from warehouse.reading import InputProblem, returns
from warehouse.reading.problems import PAGE_MAXIMUM


@strawberry.type(description="Queries by global id (按编号查询).")
class NodeQueries:
    """What is asked by global id."""

    @resolved(description="The object with a global id; null when there is none (按编号查询).")
    def node(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 - Relay's name
            strawberry.ID, strawberry.argument(description="Global id (全局编号).")
        ],
    ) -> Node | None:
        """One object."""
        return find_nodes(info.context, [id])[0]

    @resolved(
        description="The objects with these global ids, in the order of the ids; null where there is none "
        "(按编号批量查询)."
    )
    def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="Global ids, at most 200 (全局编号)."),
        ],
    ) -> list[Node | None]:
        """Several objects."""
        return find_nodes(info.context, ids)


def find_nodes(context: Context, ids: Sequence[str]) -> list[Node | None]:
    """The objects with these ids; the returns among them are read together.

    Raises:
        InputProblem: there are more than a page holds.
    """
    if len(ids) > PAGE_MAXIMUM:
        raise InputProblem("ids", len(ids), f"at most {PAGE_MAXIMUM} ids, in several requests")
    codes = context.codes
    by_code: dict[str, Node] = {
        each.id: each
        for some in (codes.measures, codes.indicators, codes.units, codes.chains, codes.clusters)
        for each in some.values()
    }
    if any(one.startswith("Ledger:") for one in ids):
        by_code |= {each.id: each for each in ledger_types(context.reading, codes)}
    if any(one.startswith("Rule:") for one in ids):
        by_code |= {each.id: each for each in rule_types()}
    return_ids = [one for one in ids if one.startswith("R") and one[1:].isdecimal()]
    if return_ids:
        details = ReturnDetails(context.reading, return_ids)
        by_code |= {
            each.id: return_type(each, codes, details)
            for each in returns.returns_by_id(context.reading, return_ids).values()
        }
        by_code |= {
            each.id: unassigned_return_type(each, codes, details)
            for each in returns.unassigned_by_id(context.reading, return_ids)
        }
    return [by_code.get(one) or _publication_node(context, one) for one in ids]


def _publication_node(context: Context, publication_id: str) -> Publication | None:
    # Only the id as it is told: a shorter spelling is no id.
    if publication_id not in context.generations.ids():
        return None
    return publication_type(context.generations.publication(publication_id), context)
