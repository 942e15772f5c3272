"""One indicator cut by one or two dimensions.

What belongs here: the question and its answer, group by group. What does not: adding up (``cells``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import product
from typing import Any, NamedTuple

from warehouse.reading.catalogue import Catalogue, Indicator
from warehouse.reading.cells import Cells, Dimension, Filter, Member, Place, load_cells
from warehouse.reading.context import Reading
from warehouse.reading.figures import Amount, Figure, ValueState, figure
from warehouse.reading.notes import notes
from warehouse.reading.problems import InputProblem, check_codes, check_span
from warehouse.reading.reports import UnitMonth, all_unit_months
from warehouse.reading.totals import RunningTotals

DIMENSIONS_MAXIMUM = 2


class Order(StrEnum):
    """The order of groups; groups without a value stand last in the orders by value."""

    CODE_LIST = "CODE_LIST"
    VALUE_DESC = "VALUE_DESC"
    VALUE_ASC = "VALUE_ASC"


class Group(NamedTuple):
    """One group; of the dimensions that were not asked for, and for rows outside a code list, None."""

    figure: Figure
    unit: str | None = None
    chain: str | None = None
    cluster: str | None = None
    month: dt.date | None = None
    year: int | None = None


@dataclass(frozen=True)
class Breakdown:
    """Groups that add up to the total; ``notes`` say in words what the figures do not."""

    indicator: Indicator
    total: Figure
    groups: tuple[Group, ...]
    notes: tuple[str, ...]


def breakdown(
    reading: Reading,
    indicator: str,
    by: Sequence[Dimension],
    first: dt.date,
    last: dt.date,
    where: Filter | None = None,
    order: Order = Order.CODE_LIST,
) -> Breakdown:
    """Every group of the code lists within the filter, empty ones too; two statements, where not remembered.

    Args:
        reading: Who reads what.
        indicator: Code.
        by: One or two different dimensions.
        first: First day of the first month.
        last: First day of the last month.
        where: Which rows count; all when None.
        order: Order of the groups.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    asked = reading.catalogue.indicator(indicator)
    where = where or Filter()
    _check(reading.catalogue, by, first, last, where)
    cells = load_cells(reading, asked, by, first, last, where)
    reports = _load_reports(reading, indicator, by, first, last, where)
    axes = [_axis(reading.catalogue, dimension, first, last, where, cells) for dimension in by]
    names = [dimension.value.lower() for dimension in by]
    places: list[dict[str, Any]] = [dict(zip(names, place, strict=True)) for place in product(*axes)]
    groups = [Group(_figure(asked, cells, reports, by, tuple(place.values())), **place) for place in places]
    total = _figure(asked, cells, reports, (), ())
    return Breakdown(
        indicator=asked,
        total=total,
        groups=tuple(_ordered(groups, order)),
        notes=notes(
            asked,
            nothing=not cells.has_rows and not reports.any,
            only_zero=total.state is ValueState.ZERO,
            hidden=sum(group.figure.state is ValueState.SUPPRESSED for group in groups),
            missing=reports.total.missing,
            outside_chains=cells.has_outside(Dimension.CHAIN),
            outside_clusters=cells.has_outside(Dimension.CLUSTER),
        ),
    )


def _check(
    catalogue: Catalogue, by: Sequence[Dimension], first: dt.date, last: dt.date, where: Filter
) -> None:
    if not 1 <= len(by) <= DIMENSIONS_MAXIMUM or len(set(by)) < len(by):
        given = "[" + ", ".join(by) + "]"
        raise InputProblem("by", given, "one dimension or two different ones, for example [UNIT, MONTH]")
    check_span(first, last, catalogue.months)
    for argument, codes, known, query in (
        ("filter.units", where.units, catalogue.unit_by_code, "units"),
        ("filter.chains", where.chains, catalogue.chain_by_code, "chains"),
        ("filter.clusters", where.clusters, catalogue.cluster_by_code, "clusters"),
    ):
        if codes is None:
            continue
        if not codes:
            raise InputProblem(argument, "[]", f"at least one code that {query} lists, or nothing for all")
        check_codes(argument, codes, known, query)


def _axis(
    catalogue: Catalogue,
    dimension: Dimension,
    first: dt.date,
    last: dt.date,
    where: Filter,
    cells: Cells,
) -> list[Member]:
    """The groups of one dimension, in code-list order."""
    members: list[Member]
    match dimension:
        case Dimension.UNIT:
            members = [code for code in catalogue.unit_by_code if where.units is None or code in where.units]
        case Dimension.CHAIN:
            members = [
                code for code in catalogue.chain_by_code if where.chains is None or code in where.chains
            ]
        case Dimension.CLUSTER:
            members = [
                code for code in catalogue.cluster_by_code if where.clusters is None or code in where.clusters
            ]
        case Dimension.MONTH:
            members = [month for month in catalogue.months if first <= month <= last]
        case Dimension.YEAR:
            members = [*range(first.year, last.year + 1)]
    return [*members, None] if cells.has_outside(dimension) else members


_OF_REPORT: Mapping[Dimension, Callable[[UnitMonth], Member]] = {
    Dimension.UNIT: lambda report: report.unit,
    Dimension.MONTH: lambda report: report.month,
    Dimension.YEAR: lambda report: report.month.year,
    Dimension.CHAIN: lambda _: None,
    Dimension.CLUSTER: lambda _: None,
}


class _Counts(NamedTuple):
    """How many reports of units and months are owed, have come in part at least, and have not in full."""

    expected: int = 0
    reported: int = 0
    missing: int = 0


_NO_REPORTS = _Counts()


class _Reports:
    """The reports behind a breakdown by place; chains and clusters have none of their own."""

    def __init__(self, by: Sequence[Dimension], counts: Mapping[Place, _Counts]) -> None:
        self._whole = [dimension in {Dimension.CHAIN, Dimension.CLUSTER} for dimension in by]
        self._all_own = not any(self._whole)
        self._counts = counts
        self.any = bool(counts)
        self.total = _Counts(*map(sum, zip(*counts.values(), strict=True)))

    def at(self, place: Place) -> _Counts:
        """Those of a place; () is the whole scope."""
        if not place:
            return self.total
        if not self._all_own:
            place = tuple(None if whole else member for whole, member in zip(self._whole, place, strict=True))
        return self._counts.get(place, _NO_REPORTS)


def _load_reports(
    reading: Reading, indicator: str, by: Sequence[Dimension], first: dt.date, last: dt.date, where: Filter
) -> _Reports:
    """The reports of a span; one statement, where not remembered."""

    def totals() -> RunningTotals[Place, int]:
        return RunningTotals(
            (
                tuple(_OF_REPORT[dimension](each) for dimension in by),
                each.month,
                _Counts(each.expected, each.any_ledger, each.expected and not each.all_ledgers),
            )
            for each in all_unit_months(reading, indicator)
            if where.units is None or each.unit in where.units
        )

    counts = reading.remembered(("counts", indicator, tuple(by), where.units), totals).between(first, last)
    return _Reports(by, {place: _Counts(*some) for place, some in counts.items()})


def _figure(
    indicator: Indicator,
    cells: Cells,
    reports: _Reports,
    by: Sequence[Dimension],
    place: tuple[Member, ...],
) -> Figure:
    sums = cells.sums(by, place)
    come = reports.at(place)
    shown = figure(Amount(*sums, come.reported > 0, come.expected > 0), is_ratio=indicator.is_ratio)
    return shown.hidden() if cells.is_hidden(by, place) else shown


def _ordered(groups: list[Group], order: Order) -> list[Group]:
    if order is Order.CODE_LIST:
        return groups
    sign = -1 if order is Order.VALUE_DESC else 1
    # The sort is stable: ties, and groups without a value, stay in code-list order.
    return sorted(
        groups,
        key=lambda group: (group.figure.value is None, sign * (group.figure.value or Decimal(0))),
    )
