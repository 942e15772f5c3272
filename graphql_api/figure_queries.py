"""Queries of figures: arguments in, questions to ``warehouse.reading``, GraphQL objects out."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api.arguments import AsOf, Filter, FromMonth, IndicatorCode, ToMonth, UnitCode
from graphql_api.context import Info, given
from graphql_api.enums import Dimension, Order
from graphql_api.fields import resolved
from graphql_api.figure_types import Breakdown, Progress, Series, breakdown_type, progress_types, series_type
from graphql_api.scalars import YearMonth
from warehouse.reading import breakdown, progress, series


@strawberry.type(description="Queries of figures (指标查询).")
class FigureQueries:
    """What is asked of figures."""

    @resolved(
        description="Actual against target, through the end of a month, in catalog order. unit null = the "
        "whole city (进度)."
    )
    def progress(
        self,
        info: Info,
        year: Annotated[int, strawberry.argument(description="A year of the programme (年度).")],
        through: Annotated[
            YearMonth | None,
            strawberry.argument(
                description="Last month counted, of that year; left out, the last one with data (截止月)."
            ),
        ] = strawberry.UNSET,
        indicators: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="These indicators only (指标代码)."),
        ] = strawberry.UNSET,
        measure: Annotated[
            int | None, strawberry.argument(description="Indicators of this measure only (举措序号).")
        ] = strawberry.UNSET,
        unit: UnitCode = strawberry.UNSET,
        publication: AsOf = strawberry.UNSET,
    ) -> list[Progress]:
        """Progress of some or all indicators."""
        at = info.context.at(given(publication))
        found = progress.progress(
            at.reading, year, given(through), given(indicators), given(measure), given(unit)
        )
        return progress_types(found, at.reading, at.codes)

    @resolved(
        description="One indicator cut by one or two dimensions, over a span of months. Every group of the "
        "code lists is present: an empty one says why (分组统计)."
    )
    def breakdown(
        self,
        info: Info,
        indicator: IndicatorCode,
        by: Annotated[
            list[Dimension], strawberry.argument(description="One dimension, or two different ones (维度).")
        ],
        from_: FromMonth,
        to: ToMonth,
        filter: Annotated[  # noqa: A002 - the contract's name
            Filter | None, strawberry.argument(description="Which rows count; all when left out (筛选条件).")
        ] = strawberry.UNSET,
        order: Annotated[
            Order | None, strawberry.argument(description="The order of the groups (排序).")
        ] = Order.CODE_LIST,
        publication: AsOf = strawberry.UNSET,
    ) -> Breakdown:
        """A breakdown."""
        at = info.context.at(given(publication))
        where = given(filter)
        found = breakdown.breakdown(
            at.reading,
            indicator,
            by,
            from_,
            to,
            None if where is None else where.as_reading(),
            order or Order.CODE_LIST,
        )
        return breakdown_type(found, at.codes)

    @resolved(description="One indicator month by month, no month missing (时间序列).")
    def series(
        self,
        info: Info,
        indicator: IndicatorCode,
        from_: FromMonth,
        to: ToMonth,
        unit: UnitCode = strawberry.UNSET,
        cumulative: Annotated[
            bool,
            strawberry.argument(
                description="The value since the start of the horizon instead of the month's own (是否累计)."
            ),
        ] = False,
        publication: AsOf = strawberry.UNSET,
    ) -> Series:
        """A series."""
        at = info.context.at(given(publication))
        found = series.series(at.reading, indicator, from_, to, given(unit), cumulative=cumulative)
        return series_type(found, at.codes)
