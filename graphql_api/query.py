"""The queries: arguments in, questions to ``warehouse.reading``, GraphQL objects out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

import strawberry

from graphql_api.catalogue_types import (
    Ledger,
    Rule,
    Word,
    ledger_types,
    rule_types,
    word_types,
)
from graphql_api.change_types import Change, change_types
from graphql_api.code_lists import Chain, Cluster, Indicator, Measure, Programme, Unit
from graphql_api.connections import Connection, connection
from graphql_api.context import Context, Info, given
from graphql_api.enums import Dimension, Order, ReturnStatus, UnitKind
from graphql_api.fields import resolved
from graphql_api.figure_types import (
    Breakdown,
    Progress,
    Reporting,
    Series,
    breakdown_type,
    progress_types,
    reporting_type,
    series_type,
)
from graphql_api.nodes import Node
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
from graphql_api.viewer_types import Viewer, viewer_type
from warehouse.publications import PublicationNotFound
from warehouse.reading import (
    InputProblem,
    breakdown,
    cells,
    changes,
    progress,
    publication,
    reporting,
    returns,
    series,
)
from warehouse.reading.pages import decode_cursor, encode_cursor, page
from warehouse.reading.problems import PAGE_MAXIMUM, check_page_size

_UNIT = "Code of a unit as `units` lists it; left out, the whole city (单位代码)."
IndicatorCode = Annotated[
    strawberry.ID,
    strawberry.argument(description="Code of an indicator as `indicators` lists it (指标代码)."),
]
UnitCode = Annotated[strawberry.ID | None, strawberry.argument(description=_UNIT)]
FromMonth = Annotated[YearMonth, strawberry.argument(name="from", description="First month (起始月).")]
AsOf = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Id of an earlier publication to read instead of the current one (发布版本编号)."
    ),
]
ToMonth = Annotated[YearMonth, strawberry.argument(description="Last month (截止月).")]


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


@strawberry.type(description="All that can be asked; one request reads one publication throughout (查询).")
class Query:
    """The root."""

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
            return _publication(context.generations.publication(named), context)
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
        return connection(found, lambda each: _publication(context.generations.publication(each), context))

    @resolved(description="The months that can be asked for (工程期限).")
    def programme(self, info: Info) -> Programme:
        """The frame."""
        return info.context.codes.programme

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

    @resolved(description="Who asks, by the token of the request (当前用户).")
    def me(self, info: Info) -> Viewer:
        """The viewer."""
        return viewer_type(info.context.reading.viewer, info.context.codes)

    @resolved(description="The ledgers that units report, in catalog order (台账).")
    def ledgers(self, info: Info) -> list[Ledger]:
        """All ledgers."""
        return ledger_types(info.context.reading, info.context.codes)

    @resolved(description="The register of checks, in its order (校验规则).")
    def rules(self) -> list[Rule]:
        """All rules."""
        return rule_types()

    @resolved(description="What the values of enums are called, in the order of values (枚举值名称).")
    def words(
        self,
        enum: Annotated[
            str | None, strawberry.argument(description="Those of this enum only (枚举).")
        ] = strawberry.UNSET,
    ) -> list[Word]:
        """Some or all words."""
        return word_types(given(enum))

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

    @resolved(description="The ten measures of the programme (举措).")
    def measures(self, info: Info) -> list[Measure]:
        """All measures."""
        return [*info.context.codes.measures.values()]

    @resolved(description="One measure; null when there is none with this number (举措).")
    def measure(
        self,
        info: Info,
        number: Annotated[int, strawberry.argument(description="Number of the measure (序号).")],
    ) -> Measure | None:
        """One measure."""
        return info.context.codes.measures.get(number)

    @resolved(description="The indicators in catalog order (指标).")
    def indicators(
        self,
        info: Info,
        measure: Annotated[
            int | None, strawberry.argument(description="Those of this measure only (举措序号).")
        ] = strawberry.UNSET,
        ledger: Annotated[
            str | None,
            strawberry.argument(description="Those that count rows of this ledger only (台账代码)."),
        ] = strawberry.UNSET,
    ) -> list[Indicator]:
        """Some or all indicators."""
        codes = info.context.codes
        found = codes.catalogue.indicators_of(given(measure), given(ledger))
        return [codes.indicators[each.code] for each in found]

    @resolved(description="One indicator; null when there is none with this code (指标).")
    def indicator(self, info: Info, code: IndicatorCode) -> Indicator | None:
        """One indicator."""
        return info.context.codes.indicators.get(code)

    @resolved(description="The reporting units in code-list order (单位).")
    def units(
        self,
        info: Info,
        kind: Annotated[
            UnitKind | None, strawberry.argument(description="Those of this kind only (类别).")
        ] = strawberry.UNSET,
    ) -> list[Unit]:
        """Some or all units."""
        wanted = given(kind)
        return [unit for unit in info.context.codes.units.values() if wanted in (None, unit.kind)]

    @resolved(description="One unit; null when there is none with this code (单位).")
    def unit(
        self,
        info: Info,
        code: Annotated[strawberry.ID, strawberry.argument(description="Code of the unit (单位代码).")],
    ) -> Unit | None:
        """One unit."""
        return info.context.codes.units.get(code)

    @resolved(description="The key industry chains (重点产业链).")
    def chains(self, info: Info) -> list[Chain]:
        """All chains."""
        return [*info.context.codes.chains.values()]

    @resolved(description="The advanced-manufacturing clusters (产业集群).")
    def clusters(self, info: Info) -> list[Cluster]:
        """All clusters."""
        return [*info.context.codes.clusters.values()]

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
    return _publication(context.generations.publication(publication_id), context)


def current_publication(context: Context) -> Publication:
    """The publication that answers a request."""
    return _publication(publication.publication(context.reading.source), context)


def _publication(found: publication.Publication, context: Context) -> Publication:
    return Publication(
        id=strawberry.ID(found.id),
        published_at=found.published_at,
        data_through=None if found.data_through is None else YearMonth(found.data_through),
        return_count=found.return_count,
        row_count=found.row_count,
        catalog_version=found.catalog_version,
        current=found.id == context.reading.source.publication_id,
    )
