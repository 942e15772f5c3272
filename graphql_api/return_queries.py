"""Queries of returns: who has reported, what has come, and what became of it."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.arguments import AsOf
from graphql_api.connections import Connection, connection
from graphql_api.context import Info, given
from graphql_api.enums import ReturnStatus
from graphql_api.fields import resolved
from graphql_api.figure_types import Reporting, reporting_type
from graphql_api.return_types import (
    After,
    First,
    Return,
    ReturnDetails,
    ReturnsById,
    UnassignedReturn,
    return_type,
    unassigned_return_type,
)
from graphql_api.scalars import YearMonth
from warehouse.reading import reporting, returns


@strawberry.type(description="Queries of returns (报表查询).")
class ReturnQueries:
    """What is asked of returns."""

    @resolved(description="Which units have reported which ledgers of a month, and when (月度上报).")
    def reporting(
        self,
        info: Info,
        period: Annotated[YearMonth, strawberry.argument(description="The month (统计月份).")],
        publication: AsOf = strawberry.UNSET,
    ) -> Reporting:
        """A month's reporting."""
        at = info.context.at(given(publication))
        return reporting_type(reporting.reporting(at.reading, period), at.reading, at.codes)

    @resolved(description="Returns of known unit and month, the newest first (报表).")
    def returns(
        self,
        info: Info,
        unit: Annotated[
            strawberry.ID | None, strawberry.argument(description="Those of this unit only (单位代码).")
        ] = strawberry.UNSET,
        period: Annotated[
            YearMonth | None, strawberry.argument(description="Those of this month only (统计月份).")
        ] = strawberry.UNSET,
        status: Annotated[
            ReturnStatus | None, strawberry.argument(description="Those of this status only (状态).")
        ] = strawberry.UNSET,
        first: First = 20,
        after: After = strawberry.UNSET,
        publication: AsOf = strawberry.UNSET,
    ) -> Connection[Return]:
        """A page of returns."""
        at = info.context.at(given(publication))
        found = returns.returns(at.reading, given(unit), given(period), given(status), first, given(after))
        details = ReturnDetails(at.reading, [each.id for each in found.items])
        return connection(found, lambda each: return_type(each, at.codes, details))

    @resolved(
        name="return",
        description="One return; null when none has this id, or its unit or month is unknown (报表).",
    )
    def return_(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 - the contract's name
            strawberry.ID, strawberry.argument(description="Id of the return (编号).")
        ],
    ) -> Return | None:
        """One return."""
        return ReturnsById(info.context.reading, info.context.codes, [id]).get(id)

    @resolved(
        description="Files of which the unit or the month is unknown, the newest first (未能识别的报表)."
    )
    def unassigned_returns(
        self, info: Info, first: First = 20, after: After = strawberry.UNSET
    ) -> Connection[UnassignedReturn]:
        """A page of them."""
        context = info.context
        found = returns.unassigned_returns(context.reading, first, given(after))
        details = ReturnDetails(context.reading, [each.id for each in found.items])
        return connection(found, lambda each: unassigned_return_type(each, context.codes, details))
