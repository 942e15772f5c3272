"""Arguments that several queries share.

What belongs here: their types and words. What does not: pages (``connections``), what is asked with them.
"""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.context import given
from graphql_api.scalars import YearMonth
from warehouse.reading import cells

_UNIT = "Code of a unit as `units` lists it; left out, the whole city (单位代码)."
IndicatorCode = Annotated[
    strawberry.ID,
    strawberry.argument(description="Code of an indicator as `indicators` lists it (指标代码)."),
]
UnitCode = Annotated[strawberry.ID | None, strawberry.argument(description=_UNIT)]
FromMonth = Annotated[YearMonth, strawberry.argument(name="from", description="First month (起始月).")]
ToMonth = Annotated[YearMonth, strawberry.argument(description="Last month (截止月).")]
AsOf = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Id of an earlier publication to read instead of the current one (发布版本编号)."
    ),
]


@strawberry.input(description="Which rows count; what is left out does not restrict (筛选条件).")
class Filter:
    """A filter of a breakdown."""

    units: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Rows credited to one of these units (单位)."
    )
    chains: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Rows of one of these chains (产业链)."
    )
    clusters: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Rows of one of these clusters (产业集群)."
    )
    in_7510: bool | None = strawberry.field(
        name="in7510",
        default=strawberry.UNSET,
        description="Rows inside, or outside, every chain and cluster of the programme (是否属于 7510 领域).",
    )

    def as_reading(self) -> cells.Filter:
        units, chains, clusters = given(self.units), given(self.chains), given(self.clusters)
        return cells.Filter(
            units=None if units is None else tuple(units),
            chains=None if chains is None else tuple(chains),
            clusters=None if clusters is None else tuple(clusters),
            in_7510=given(self.in_7510),
        )
