"""Who asks, as a page needs to know it: what to show, and what to offer."""

from __future__ import annotations

import strawberry

from graphql_api.code_lists import CodeLists, Unit
from graphql_api.enums import Role
from warehouse.reading import viewer


@strawberry.type(description="Who asks, by the token of the request (当前用户).")
class Viewer:
    """The viewer and what it may do; the rules stand in ``warehouse.reading.viewer``."""

    role: Role = strawberry.field(description="Its role; PUBLIC without a token (角色).")
    unit: Unit | None = strawberry.field(description="The unit of the role UNIT, else null (所属单位).")
    sees_small_numbers: bool = strawberry.field(
        description="Whether small numbers of every unit are shown; a unit always sees its own (可见小数值)."
    )
    sees_all_rows: bool = strawberry.field(
        description="Whether rows and contents of returns of all units are shown; a unit always sees its own "
        "(可见全部明细)."
    )
    may_submit: bool = strawberry.field(
        description="Whether `submitReturn` is open to it, a unit for itself only (可否报送)."
    )


def viewer_type(each: viewer.Viewer, codes: CodeLists) -> Viewer:
    """A viewer as a GraphQL object."""
    return Viewer(
        role=each.role,
        unit=codes.units.get(each.unit or ""),
        sees_small_numbers=each.sees_small_numbers,
        sees_all_rows=each.sees_rows_of(None),
        may_submit=each.may_submit,
    )
