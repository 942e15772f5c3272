"""Types of the code lists: the programme's months, measures, indicators, units, chains, clusters.

A publication never changes, so its code lists become GraphQL objects once and serve every request.
"""

from __future__ import annotations

from decimal import Decimal

import strawberry

from graphql_api.enums import Comparison, Dimension, Horizon, UnitKind
from graphql_api.nodes import Node, node_id
from graphql_api.scalars import YearMonth
from warehouse.catalog import load_catalog
from warehouse.reading import catalogue

_CODE = "Code of the catalog (代码)."
_CHINESE = "Chinese name (中文名称)."
_ENGLISH = "English name (英文名称)."


@strawberry.type(description="One of the ten measures of the programme (举措).")
class Measure(Node):
    """A measure and its indicators."""

    number: int = strawberry.field(description="Number of the measure, from 1 (序号).")
    name_zh: str = strawberry.field(description=_CHINESE)
    name_en: str = strawberry.field(description=_ENGLISH)
    indicators: list[Indicator] = strawberry.field(
        description="Its indicators, in catalog order (指标).", default_factory=list
    )


@strawberry.type(description="One figure of the programme: what it counts and what is aimed at (指标).")
class Indicator(Node):
    """An indicator as the catalog of the publication declares it."""

    code: strawberry.ID = strawberry.field(description=_CODE)
    name_zh: str = strawberry.field(description=_CHINESE)
    name_en: str = strawberry.field(description=_ENGLISH)
    unit_of_measure: str = strawberry.field(description="What the value counts, 场 or 元 (计量单位).")
    unit_of_measure_en: str = strawberry.field(
        description="The same in English, sessions or yuan (英文计量单位)."
    )
    measure: Measure = strawberry.field(description="The measure it belongs to (所属举措).")
    horizon: Horizon = strawberry.field(description="The span over which it adds up (统计口径).")
    comparison: Comparison = strawberry.field(description="How it is judged (考核方式).")
    target: Decimal | None = strawberry.field(
        description="The target of the year of `dataThrough`, or of the programme; with scope `county` that "
        "of each unit. Null when tracked (目标)."
    )
    scope: str = strawberry.field(
        description="`city`: one target for the whole city; `county`: one for each unit (考核范围)."
    )
    sensitive: bool = strawberry.field(
        description="Whether small values below the city level are hidden from the public (是否敏感)."
    )
    definition: str = strawberry.field(description="What is counted, in Chinese / English (指标解释).")
    formula: str | None = strawberry.field(
        description="How the value is made of rows, in Chinese / English; null in publications from before "
        "formulas were kept (计算公式)."
    )
    dimensions: list[Dimension] = strawberry.field(description="What it can be cut by (可用维度).")


@strawberry.type(description="A reporting unit: a county, district, zone, or the city's own level (单位).")
class Unit(Node):
    """A unit; its host is the county or district in which a zone lies."""

    code: strawberry.ID = strawberry.field(description="GB/T 2260 code, or one like it (单位代码).")
    name_zh: str = strawberry.field(description=_CHINESE)
    name_en: str = strawberry.field(description=_ENGLISH)
    short_zh: str = strawberry.field(description="Chinese name where room is scarce (中文简称).")
    short_en: str = strawberry.field(description="English name where room is scarce (英文简称).")
    kind: UnitKind = strawberry.field(description="What the unit is (类别).")
    host: Unit | None = strawberry.field(
        description="The unit in whose area a zone lies (所在县区).", default=None
    )
    expected: bool = strawberry.field(
        description="Whether it owes a return for the month of `dataThrough` (是否应报)."
    )


@strawberry.type(description="A key industry chain of the programme (重点产业链).")
class Chain(Node):
    """A chain."""

    code: strawberry.ID = strawberry.field(description=_CODE)
    name_zh: str = strawberry.field(description=_CHINESE)
    name_en: str = strawberry.field(description=_ENGLISH)
    confirmed: bool = strawberry.field(description="Whether the programme has named it (是否已公布).")


@strawberry.type(description="An advanced-manufacturing cluster of the programme (产业集群).")
class Cluster(Node):
    """A cluster."""

    code: strawberry.ID = strawberry.field(description=_CODE)
    name_zh: str = strawberry.field(description=_CHINESE)
    name_en: str = strawberry.field(description=_ENGLISH)
    confirmed: bool = strawberry.field(description="Whether the programme has named it (是否已公布).")


@strawberry.type(description="The frame of all figures (工程期限).")
class Programme:
    """The months that can be asked for."""

    first_month: YearMonth = strawberry.field(description="First month that counts (起始月).")
    last_month: YearMonth = strawberry.field(description="Last month that counts (截止月).")
    years: list[int] = strawberry.field(description="Its years, ascending (年度).")
    months: list[YearMonth] = strawberry.field(description="Its months, ascending (全部月份).")
    data_through: YearMonth | None = strawberry.field(
        description="Last month of which something has been reported; null before any (数据截止月)."
    )
    time_zone: str = strawberry.field(description="The time zone of its days (时区).")
    small_number_maximum: int = strawberry.field(
        description="The largest value that is hidden of a sensitive indicator (小数值上限)."
    )


class CodeLists:
    """The code lists of one publication as GraphQL objects, by code, each in its order."""

    def __init__(self, lists: catalogue.Catalogue) -> None:
        self.catalogue = lists
        declared = load_catalog().programme
        self.programme = Programme(
            first_month=YearMonth(lists.months[0]),
            last_month=YearMonth(lists.months[-1]),
            years=sorted({month.year for month in lists.months}),
            months=[YearMonth(month) for month in lists.months],
            data_through=None if lists.data_through is None else YearMonth(lists.data_through),
            time_zone=declared.time_zone,
            small_number_maximum=declared.small_number_maximum,
        )
        self.measures = {
            each.number: Measure(
                id=node_id("Measure", each.number),
                number=each.number,
                name_zh=each.name_zh,
                name_en=each.name_en,
            )
            for each in lists.measures
        }
        self.indicators = {each.code: self._indicator(each) for each in lists.indicators}
        self.units = {each.code: _unit(each) for each in lists.units}
        for unit in lists.units:
            if unit.host is not None:
                self.units[unit.code].host = self.units[unit.host]
        self.chains = {
            each.code: Chain(
                id=node_id("Chain", each.code),
                code=strawberry.ID(each.code),
                name_zh=each.name_zh,
                name_en=each.name_en,
                confirmed=each.confirmed,
            )
            for each in lists.chains
        }
        self.clusters = {
            each.code: Cluster(
                id=node_id("Cluster", each.code),
                code=strawberry.ID(each.code),
                name_zh=each.name_zh,
                name_en=each.name_en,
                confirmed=each.confirmed,
            )
            for each in lists.clusters
        }

    def unit(self, code: str | None) -> Unit | None:
        """The unit with this code; None for the whole city."""
        return None if code is None else self.units[code]

    def _indicator(self, each: catalogue.Indicator) -> Indicator:
        measure = self.measures[each.measure]
        indicator = Indicator(
            id=node_id("Indicator", each.code),
            code=strawberry.ID(each.code),
            name_zh=each.name_zh,
            name_en=each.name_en,
            unit_of_measure=each.unit_of_measure,
            unit_of_measure_en=each.unit_of_measure_en,
            measure=measure,
            horizon=each.horizon,
            comparison=each.comparison,
            target=each.target,
            scope=each.scope,
            sensitive=each.sensitive,
            definition=f"{each.definition_zh} / {each.definition_en}",
            formula=f"{each.formula_zh} / {each.formula_en}" if each.formula_zh is not None else None,
            dimensions=list(Dimension),
        )
        measure.indicators.append(indicator)
        return indicator


def _unit(each: catalogue.Unit) -> Unit:
    return Unit(
        id=node_id("Unit", each.code),
        code=strawberry.ID(each.code),
        name_zh=each.name_zh,
        name_en=each.name_en,
        short_zh=each.short_zh,
        short_en=each.short_en,
        kind=each.kind,
        expected=each.expected,
    )
