"""Types of figures: progress, breakdowns, series, reporting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import strawberry

from graphql_api.code_lists import Chain, Cluster, CodeLists, Indicator, Unit
from graphql_api.connections import Connection, connection
from graphql_api.context import given
from graphql_api.enums import Pace, ReportingState, ValueState
from graphql_api.fields import resolved
from graphql_api.return_types import After, First, Return, ReturnsById
from graphql_api.scalars import YearMonth
from warehouse.reading import Reading, breakdown, contributions, coverage, progress, reporting, series
from warehouse.reading.pages import Page

_VALUE = "The value; null when there is none, `state` says why (数值)."
_STATE = "Why the value is what it is (数值状态)."
_NUMERATOR = "Of a ratio: what is counted (分子)."
_DENOMINATOR = "Of a ratio: what it is counted among (分母)."
_NOTES = "What must be known beside the figures, each as Chinese / English (说明)."


@strawberry.type(description="How much of what should have been reported is in the number (上报完整度).")
class Coverage:
    """Coverage of a span by units."""

    expected: int = strawberry.field(description="Units that owe a report (应报单位数).")
    reported: int = strawberry.field(
        description="Of these, units that have reported every month (已报单位数)."
    )
    late: int = strawberry.field(description="Of those, units that were late with a month (迟报单位数).")
    missing: list[Unit] = strawberry.field(
        description="The units that have not reported all, in code-list order (未报单位)."
    )


@strawberry.type(description="A row behind a figure, down to workbook, sheet and row (明细).")
class Contribution:
    """A row that counts."""

    returns: strawberry.Private[ReturnsById]
    return_id: strawberry.Private[str]
    ledger: str = strawberry.field(description="Code of the ledger (台账).")
    unit: Unit = strawberry.field(description="The unit it is credited to (计入单位).")
    happened_on: dt.date = strawberry.field(description="Date of the event (发生日期).")
    value: Decimal = strawberry.field(
        description="What the row adds to the figure, to the numerator of a ratio (计入数值)."
    )
    sheet: str = strawberry.field(description="Sheet of the workbook (工作表).")
    row: int = strawberry.field(description="Row of the sheet, from 1 (行号).")

    @resolved(name="return", description="The return in which it stands (所在报表).")
    def return_(self) -> Return:
        """The return."""
        found = self.returns.get(self.return_id)
        if found is None:
            raise LookupError(f"return {self.return_id} has rows but no unit or month")
        return found


class ContributionPages:
    """Rows behind the figures of one list: read for all of them with the first that is asked for."""

    def __init__(
        self, reading: Reading, codes: CodeLists, spans: Sequence[coverage.Span], unit: str | None
    ) -> None:
        self._reading = reading
        self._codes = codes
        self._spans = spans
        self._unit = unit
        self._pages: dict[tuple[int, str | None], list[Connection[Contribution]]] = {}

    def connection(self, number: int, first: int, after: str | None) -> Connection[Contribution]:
        key = (first, after)
        if key not in self._pages:
            pages = contributions.contributions(self._reading, self._spans, self._unit, *key)
            self._pages[key] = _contributions(pages, self._reading, self._codes)
        return self._pages[key][number]


@strawberry.type(description="One indicator's actual value against its target, through a month (进度).")
class Progress:
    """Progress of one indicator."""

    pages: strawberry.Private[ContributionPages]
    number: strawberry.Private[int]
    indicator: Indicator = strawberry.field(description="The indicator (指标).")
    unit: Unit | None = strawberry.field(description="The unit; null is the whole city (单位).")
    from_: YearMonth = strawberry.field(name="from", description="First month that is counted (起始月).")
    through: YearMonth = strawberry.field(description="Last month that is counted (截止月).")
    value: Decimal | None = strawberry.field(description=_VALUE)
    state: ValueState = strawberry.field(description=_STATE)
    numerator: Decimal | None = strawberry.field(
        description="Of a ratio: what is counted. Of an indicator judged by unit, for the whole city: the "
        "units at or above the target (分子)."
    )
    denominator: Decimal | None = strawberry.field(
        description="Of a ratio: what it is counted among. Of an indicator judged by unit, for the whole "
        "city: the units that owe reports (分母)."
    )
    target: Decimal | None = strawberry.field(
        description="Target of the year or the programme; null when there is none (目标)."
    )
    expected_to_date: Decimal | None = strawberry.field(
        description="What the target asks for by the end of `through` (序时目标)."
    )
    attainment: Decimal | None = strawberry.field(description="Value ÷ target, 0.85 is 85 % (完成率).")
    gap: Decimal | None = strawberry.field(description="Target - value; negative for a surplus (差距).")
    pace: Pace = strawberry.field(description="The value against what is expected to date (进度评价).")
    forecast: Decimal | None = strawberry.field(
        description="The value at the end of the horizon if it goes on like this (预测)."
    )
    coverage: Coverage = strawberry.field(
        description="How much of what should have been reported is in the number (上报完整度)."
    )

    @resolved(
        description="The accepted rows behind the number, by date, ledger, return, sheet and row. For the "
        "city union, and of a unit's figure for that unit; others get an error with code FORBIDDEN (明细)."
    )
    def contributions(self, first: First = 20, after: After = strawberry.UNSET) -> Connection[Contribution]:
        """A page of rows."""
        return self.pages.connection(self.number, first, given(after))


@strawberry.type(description="One group of a breakdown; dimensions that were not asked for are null (分组).")
class Group:
    """A group."""

    unit: Unit | None = strawberry.field(description="The unit (单位).")
    chain: Chain | None = strawberry.field(
        description="The chain; null in the last group is outside every chain (产业链)."
    )
    cluster: Cluster | None = strawberry.field(
        description="The cluster; null in the last group is outside every cluster (产业集群)."
    )
    month: YearMonth | None = strawberry.field(description="The month (月).")
    year: int | None = strawberry.field(description="The year (年).")
    value: Decimal | None = strawberry.field(description=_VALUE)
    state: ValueState = strawberry.field(description=_STATE)
    numerator: Decimal | None = strawberry.field(description=_NUMERATOR)
    denominator: Decimal | None = strawberry.field(description=_DENOMINATOR)


@strawberry.type(description="One indicator cut by one or two dimensions (分组统计).")
class Breakdown:
    """A breakdown."""

    indicator: Indicator = strawberry.field(description="The indicator (指标).")
    total: Decimal | None = strawberry.field(description="The value of all groups together (合计).")
    total_state: ValueState = strawberry.field(description="Why the total is what it is (合计状态).")
    groups: list[Group] = strawberry.field(
        description="Every group of the code lists within the filter, empty ones too (分组)."
    )
    notes: list[str] = strawberry.field(description=_NOTES)


@strawberry.type(description="One month of a series (数据点).")
class Point:
    """A month."""

    month: YearMonth = strawberry.field(description="The month (月).")
    value: Decimal | None = strawberry.field(description=_VALUE)
    state: ValueState = strawberry.field(description=_STATE)
    target: Decimal | None = strawberry.field(
        description="The month's share of the target; cumulative: what is expected to date. Of a ratio the "
        "target itself (目标)."
    )
    coverage: Coverage = strawberry.field(
        description="Of this month; cumulative: since the start of the horizon (上报完整度)."
    )


@strawberry.type(description="One indicator month by month, no month missing (时间序列).")
class Series:
    """A series."""

    indicator: Indicator = strawberry.field(description="The indicator (指标).")
    unit: Unit | None = strawberry.field(description="The unit; null is the whole city (单位).")
    points: list[Point] = strawberry.field(description="The months in order (数据点).")
    notes: list[str] = strawberry.field(description=_NOTES)


@strawberry.type(description="One unit's reporting of a month (上报情况).")
class ReportingCell:
    """A unit in a month."""

    returns: strawberry.Private[ReturnsById]
    return_id: strawberry.Private[str | None]
    rejected_id: strawberry.Private[str | None]
    unit: Unit = strawberry.field(description="The unit (单位).")
    state: ReportingState = strawberry.field(description="What has come (状态).")
    received_at: dt.datetime | None = strawberry.field(
        description="When the first return was received that was not rejected (首次接收时间)."
    )
    ledgers_reported: int = strawberry.field(description="Ledgers reported with rows (有数据台账数).")
    ledgers_nil: int = strawberry.field(description="Ledgers declared nil (零报告台账数).")
    ledgers_missing: int = strawberry.field(description="Ledgers not reported (未填报台账数).")

    @resolved(name="return", description="The last return that was not rejected (最近一次报表).")
    def return_(self) -> Return | None:
        """The return."""
        return None if self.return_id is None else self.returns.get(self.return_id)

    @resolved(
        description="The newest return of all, where it was rejected: the unit has to mend it, and what "
        "counts is what came before it, or nothing (最近一次报表被退回时的该报表)."
    )
    def rejected(self) -> Return | None:
        """The return."""
        return None if self.rejected_id is None else self.returns.get(self.rejected_id)


@strawberry.type(description="Which units have reported a month, and when (月度上报).")
class Reporting:
    """A month's reporting."""

    period: YearMonth = strawberry.field(description="The month (统计月份).")
    due_on: dt.date = strawberry.field(description="Last day on which a return is on time (截止日期).")
    expected: int = strawberry.field(description="Units that owe a return (应报单位数).")
    received: int = strawberry.field(description="Of these, units that gave one, nil or not (已报单位数).")
    on_time: int = strawberry.field(description="Of those, units that were not late (按时单位数).")
    cells: list[ReportingCell] = strawberry.field(
        description="Every unit of the code list, in its order (各单位)."
    )


def progress_types(found: Sequence[progress.Progress], reading: Reading, codes: CodeLists) -> list[Progress]:
    """Progress as GraphQL objects; rows behind them are read for all at once."""
    spans = [coverage.Span(each.indicator.code, each.first, each.through) for each in found]
    pages = ContributionPages(reading, codes, spans, found[0].unit if found else None)
    return [
        Progress(
            pages=pages,
            number=number,
            indicator=codes.indicators[each.indicator.code],
            unit=codes.unit(each.unit),
            from_=YearMonth(each.first),
            through=YearMonth(each.through),
            value=each.value,
            state=each.state,
            numerator=each.numerator,
            denominator=each.denominator,
            target=each.target,
            expected_to_date=each.expected_to_date,
            attainment=each.attainment,
            gap=each.gap,
            pace=each.pace,
            forecast=each.forecast,
            coverage=_coverage(each.coverage, codes),
        )
        for number, each in enumerate(found)
    ]


def breakdown_type(found: breakdown.Breakdown, codes: CodeLists) -> Breakdown:
    """A breakdown as a GraphQL object."""
    return Breakdown(
        indicator=codes.indicators[found.indicator.code],
        total=found.total.value,
        total_state=found.total.state,
        groups=[
            Group(
                unit=codes.unit(group.unit),
                chain=None if group.chain is None else codes.chains[group.chain],
                cluster=None if group.cluster is None else codes.clusters[group.cluster],
                month=None if group.month is None else YearMonth(group.month),
                year=group.year,
                value=group.figure.value,
                state=group.figure.state,
                numerator=group.figure.numerator,
                denominator=group.figure.denominator,
            )
            for group in found.groups
        ],
        notes=[*found.notes],
    )


def series_type(found: series.Series, codes: CodeLists) -> Series:
    """A series as a GraphQL object."""
    return Series(
        indicator=codes.indicators[found.indicator.code],
        unit=codes.unit(found.unit),
        points=[
            Point(
                month=YearMonth(point.month),
                value=point.figure.value,
                state=point.figure.state,
                target=point.target,
                coverage=_coverage(point.coverage, codes),
            )
            for point in found.points
        ],
        notes=[*found.notes],
    )


def reporting_type(found: reporting.Reporting, reading: Reading, codes: CodeLists) -> Reporting:
    """A month's reporting as a GraphQL object; its returns are read all at once."""
    ids = [each for cell in found.cells for each in (cell.return_id, cell.rejected_id) if each]
    returns = ReturnsById(reading, codes, ids)
    return Reporting(
        period=YearMonth(found.period),
        due_on=found.due_on,
        expected=found.expected,
        received=found.received,
        on_time=found.on_time,
        cells=[
            ReportingCell(
                returns=returns,
                return_id=cell.return_id,
                rejected_id=cell.rejected_id,
                unit=codes.units[cell.unit],
                state=cell.state,
                received_at=cell.received_at,
                ledgers_reported=cell.ledgers_reported,
                ledgers_nil=cell.ledgers_nil,
                ledgers_missing=cell.ledgers_missing,
            )
            for cell in found.cells
        ],
    )


def _coverage(found: coverage.Coverage, codes: CodeLists) -> Coverage:
    return Coverage(
        expected=found.expected,
        reported=found.reported,
        late=found.late,
        missing=[codes.units[code] for code in found.missing],
    )


def _contributions(
    pages: Sequence[Page[contributions.Contribution]], reading: Reading, codes: CodeLists
) -> list[Connection[Contribution]]:
    returns = ReturnsById(reading, codes, sorted({each.return_id for page in pages for each in page.items}))

    def node(each: contributions.Contribution) -> Contribution:
        return Contribution(
            returns=returns,
            return_id=each.return_id,
            ledger=each.ledger,
            unit=codes.units[each.unit],
            happened_on=each.happened_on,
            value=each.value,
            sheet=each.sheet,
            row=each.row,
        )

    return [connection(page, node) for page in pages]
