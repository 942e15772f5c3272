"""One indicator cut by one or two dimensions.

What belongs here: the question and its answer, group by group. What does not: adding up (``cells``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from warehouse.reading.catalogue import Catalogue, Indicator
from warehouse.reading.cells import Cells, Dimension, Filter, Member, load_cells
from warehouse.reading.context import Reading
from warehouse.reading.figures import Amount, Figure, ValueState, figure
from warehouse.reading.notes import notes
from warehouse.reading.problems import InputProblem, check_codes, check_span
from warehouse.reading.reports import UnitMonth, owed_and_missing, unit_months

DIMENSIONS_MAXIMUM = 2


class Order(StrEnum):
    """The order of groups; groups without a value stand last in the orders by value."""

    CODE_LIST = "CODE_LIST"
    VALUE_DESC = "VALUE_DESC"
    VALUE_ASC = "VALUE_ASC"


@dataclass(frozen=True)
class Group:
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
    reports = unit_months(reading, indicator, first, last, where.units)
    axes = [_axis(reading.catalogue, dimension, first, last, where, cells) for dimension in by]
    presence = _Presence(by, reports)
    groups = [_group(asked, cells, presence, by, place) for place in _product(axes)]
    total = _figure(asked, cells, presence, (), ())
    return Breakdown(
        indicator=asked,
        total=total,
        groups=tuple(_ordered(groups, order)),
        notes=notes(
            asked,
            nothing=not cells.has_rows and not reports,
            only_zero=total.state is ValueState.ZERO,
            hidden=sum(group.figure.state is ValueState.SUPPRESSED for group in groups),
            missing=owed_and_missing(reports),
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


def _product(axes: Sequence[Sequence[Member]]) -> list[tuple[Member, ...]]:
    places: list[tuple[Member, ...]] = [()]
    for axis in axes:
        places = [(*place, member) for place in places for member in axis]
    return places


_OF_REPORT: Mapping[Dimension, Callable[[UnitMonth], Member]] = {
    Dimension.UNIT: lambda report: report.unit,
    Dimension.MONTH: lambda report: report.month,
    Dimension.YEAR: lambda report: report.month.year,
    Dimension.CHAIN: lambda _: None,
    Dimension.CLUSTER: lambda _: None,
}


class _Presence:
    """Whether reports are owed, and have come, at a place; chains and clusters have none of their own."""

    def __init__(self, by: Sequence[Dimension], reports: Sequence[UnitMonth]) -> None:
        self.by = tuple(by)
        keys = [*zip(*(map(_OF_REPORT[dimension], reports) for dimension in by), strict=True)]
        self.expected = {key for key, report in zip(keys, reports, strict=True) if report.expected}
        self.reported = {key for key, report in zip(keys, reports, strict=True) if report.any_ledger}
        self.anything_expected = any(report.expected for report in reports)
        self.anything_reported = any(report.any_ledger for report in reports)

    def at(self, place: tuple[Member, ...]) -> tuple[bool, bool]:
        """Whether something is expected, and reported, at the place; () is the whole scope."""
        if not place:
            return self.anything_expected, self.anything_reported
        key = tuple(
            None if dimension in {Dimension.CHAIN, Dimension.CLUSTER} else member
            for dimension, member in zip(self.by, place, strict=True)
        )
        return key in self.expected, key in self.reported


def _figure(
    indicator: Indicator,
    cells: Cells,
    presence: _Presence,
    by: Sequence[Dimension],
    place: tuple[Member, ...],
) -> Figure:
    sums = cells.sums(by, place)
    expected, reported = presence.at(place)
    shown = figure(
        Amount(sums.numerator, sums.denominator, sums.has_rows, reported, expected),
        is_ratio=indicator.is_ratio,
    )
    return shown.hidden() if cells.is_hidden(by, place) else shown


def _group(
    indicator: Indicator,
    cells: Cells,
    presence: _Presence,
    by: Sequence[Dimension],
    place: tuple[Member, ...],
) -> Group:
    members: dict[str, Any] = {
        dimension.value.lower(): member for dimension, member in zip(by, place, strict=True)
    }
    return Group(figure=_figure(indicator, cells, presence, by, place), **members)


def _ordered(groups: list[Group], order: Order) -> list[Group]:
    if order is Order.CODE_LIST:
        return groups
    sign = -1 if order is Order.VALUE_DESC else 1
    # The sort is stable: ties, and groups without a value, stay in code-list order.
    return sorted(
        groups,
        key=lambda group: (group.figure.value is None, sign * (group.figure.value or Decimal(0))),
    )
