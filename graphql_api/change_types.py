"""What changed between two publications, as GraphQL objects."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import strawberry

from graphql_api.code_lists import CodeLists, Indicator, Unit
from graphql_api.context import Context
from graphql_api.scalars import YearMonth
from warehouse.reading import changes


@strawberry.type(description="A month's own figure that is not the same in two publications (数据变动).")
class Change:
    """A change."""

    indicator: Indicator = strawberry.field(description="The indicator (指标).")
    unit: Unit | None = strawberry.field(description="The unit; null is the whole city (单位).")
    month: YearMonth = strawberry.field(description="The month (月).")
    before: Decimal | None = strawberry.field(
        description="The value in the publication `from`; null when it has none (变动前)."
    )
    after: Decimal | None = strawberry.field(
        description="The value in the publication `to`; null when it has none (变动后)."
    )


def change_types(context: Context, before: str, after: str) -> Callable[[changes.Change], Change]:
    """Makes changes GraphQL objects.

    What the present code lists no longer have, or not yet, is shown as the publication has it that does.
    """
    lists: list[CodeLists] = [context.codes]

    def listed(kind: str, code: str) -> Indicator | Unit:
        for publication_id in (None, after, before):
            if publication_id is not None:
                lists.append(context.at(publication_id).codes)
            for each in lists:
                found: Indicator | Unit | None = getattr(each, kind).get(code)
                if found is not None:
                    return found
        raise LookupError(f"no publication has {code} among its {kind}")

    def change(each: changes.Change) -> Change:
        indicator = listed("indicators", each.indicator)
        unit = None if each.unit is None else listed("units", each.unit)
        assert isinstance(indicator, Indicator)  # noqa: S101 - by its list
        assert unit is None or isinstance(unit, Unit)  # noqa: S101 - by its list
        return Change(
            indicator=indicator,
            unit=unit,
            month=YearMonth(each.month),
            before=each.before,
            after=each.after,
        )

    return change
