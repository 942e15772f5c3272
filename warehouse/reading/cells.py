"""The sums behind a breakdown, and which of them the viewer may not see.

What belongs here: rows of ``mart.indicator_monthly`` added up to cells, cells to groups, and what a group is
made of. What does not: states, order and words (``breakdown``), which sums are hidden (``suppression``).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from warehouse.reading.catalogue import Indicator
from warehouse.reading.context import Reading
from warehouse.reading.suppression import Margin, Months, SmallNumbers, load_small_numbers
from warehouse.reading.totals import RunningTotals

#: A value on a dimension; None for rows outside its code list.
Member = str | int | dt.date | None
Place = tuple[Member, ...]


class Dimension(StrEnum):
    """What an indicator can be cut by."""

    UNIT = "UNIT"
    CHAIN = "CHAIN"
    CLUSTER = "CLUSTER"
    MONTH = "MONTH"
    YEAR = "YEAR"


_EXPRESSIONS = {
    Dimension.UNIT: "unit",
    Dimension.CHAIN: "chain",
    Dimension.CLUSTER: "cluster",
    Dimension.MONTH: "month",
    Dimension.YEAR: "CAST(year(month) AS INTEGER)",
}
#: The dimensions below the city level.
_MARGINS = {
    Dimension.UNIT: Margin.UNIT,
    Dimension.CHAIN: Margin.CHAIN,
    Dimension.CLUSTER: Margin.CLUSTER,
}


@dataclass(frozen=True)
class Filter:
    """Which rows count; None means no restriction. Codes of units, chains and clusters."""

    units: tuple[str, ...] | None = None
    chains: tuple[str, ...] | None = None
    clusters: tuple[str, ...] | None = None
    in_7510: bool | None = None

    @property
    def by_dimension(self) -> dict[Dimension, frozenset[str]]:
        """The allowed codes of each dimension that is restricted."""
        codes = {
            Dimension.UNIT: self.units,
            Dimension.CHAIN: self.chains,
            Dimension.CLUSTER: self.clusters,
        }
        return {dimension: frozenset(some) for dimension, some in codes.items() if some is not None}

    @property
    def scope(self) -> dict[Margin, Collection[str | None]]:
        """What it leaves of the dimensions below the city."""
        scope: dict[Margin, Collection[str | None]] = {
            _MARGINS[dimension]: codes for dimension, codes in self.by_dimension.items()
        }
        if self.in_7510 is not None:
            scope[Margin.IN_7510] = {str(self.in_7510).lower()}
        return scope


class Sums(NamedTuple):
    """What adds up in a cell; the denominator of ratios only."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    has_rows: bool = False

    @classmethod
    def of(cls, parts: Sequence[Sums]) -> Sums:
        """What parts add up to."""
        numerators, denominators, have_rows = zip(*parts, strict=True)
        return cls(sum(numerators, Decimal(0)), sum(denominators, Decimal(0)), any(have_rows))


_NOTHING = Sums()


class Cells:
    """The sums of one indicator by some dimensions over a span, within a filter."""

    def __init__(
        self,
        dimensions: Sequence[Dimension],
        cells: Mapping[Place, Sums],
        where: Filter,
        months: Months,
        small_numbers: SmallNumbers | None,
    ) -> None:
        """``small_numbers`` None: the viewer sees all."""
        self._dimensions = tuple(dimensions)
        self._cells = cells
        self._where = where
        self._months = months
        self._small_numbers = small_numbers
        self._sums: dict[tuple[Dimension, ...], Mapping[Place, Sums]] = {self._dimensions: cells}

    @property
    def has_rows(self) -> bool:
        return bool(self._by(()))

    def has_outside(self, dimension: Dimension) -> bool:
        """Whether rows within the filter lie outside the dimension's code list, as far as told."""
        if dimension not in self._dimensions or dimension not in _MARGINS:
            return False
        outside = (dimension,), (None,)
        return self.sums(*outside).has_rows or self.is_hidden(*outside)

    def sums(self, by: Sequence[Dimension], place: Place) -> Sums:
        """What adds up at a place, zero where there are no rows."""
        return self._by(tuple(by)).get(place, _NOTHING)

    def is_hidden(self, by: Sequence[Dimension], place: Place) -> bool:
        """Whether the viewer may not see the sum at a place; sums of the whole city are never hidden."""
        if self._small_numbers is None:
            return False
        scope, months = self._where.scope, self._months
        for dimension, member in zip(by, place, strict=True):
            if dimension in _MARGINS:
                scope[_MARGINS[dimension]] = {None if member is None else str(member)}
            else:
                months = _within(months, member)
        return self._small_numbers.hides(scope, months)

    def _by(self, by: tuple[Dimension, ...]) -> Mapping[Place, Sums]:
        """Sums by some of the dimensions."""
        if by not in self._sums:
            parts: dict[Place, list[Sums]] = defaultdict(list)
            for place, cell in self._cells.items():
                parts[self._project(by, place)].append(cell)
            self._sums[by] = {place: Sums.of(some) for place, some in parts.items()}
        return self._sums[by]

    def _project(self, by: Sequence[Dimension], place: Place) -> Place:
        return tuple(place[self._dimensions.index(dimension)] for dimension in by)


def _within(months: Months, member: Member) -> Months:
    """The part of the span that lies in a month, or in a year."""
    if isinstance(member, dt.date):
        return Months(member, member)
    year = int(str(member))
    return Months(max(months.first, dt.date(year, 1, 1)), min(months.last, dt.date(year, 12, 1)))


def load_cells(
    reading: Reading,
    indicator: Indicator,
    by: Sequence[Dimension],
    first: dt.date,
    last: dt.date,
    where: Filter,
) -> Cells:
    """The cells of a span by the dimensions asked for; one statement, two more where numbers are hidden."""
    key = ("cells", indicator.code, tuple(by), where)
    totals = reading.remembered(key, lambda: _totals(reading, indicator.code, by, where))
    cells = {
        place: Sums(numerator, denominator, True)
        for place, (numerator, denominator) in totals.between(first, last).items()
    }
    small_numbers = None
    one_unit = where.units[0] if where.units is not None and len(where.units) == 1 else None
    if indicator.sensitive and not reading.viewer.sees_small_numbers_of(one_unit):
        margins = {*where.scope, *(_MARGINS[dimension] for dimension in by if dimension in _MARGINS)}
        if margins:
            small_numbers = load_small_numbers(reading, indicator.code, margins, first, last)
    return Cells(by, cells, where, Months(first, last), small_numbers)


def _totals(
    reading: Reading, indicator: str, by: Sequence[Dimension], where: Filter
) -> RunningTotals[Place, Decimal]:
    """The sums of each place, over all months, so that another span needs no statement."""
    columns = [f"{_EXPRESSIONS[dimension]} AS key_{dimension.value}" for dimension in by]
    rows = reading.source.query(
        f"SELECT {', '.join(['month', *columns, _SUMS])}",
        {
            "indicator": indicator,
            "in_7510": where.in_7510,
            "units": None if where.units is None else [*where.units],
            "chains": None if where.chains is None else [*where.chains],
            "clusters": None if where.clusters is None else [*where.clusters],
        },
    )
    keys = [f"key_{dimension.value}" for dimension in by]
    return RunningTotals(
        (tuple(row[key] for key in keys), row["month"], (row["numerator"], row["denominator"]))
        for row in rows
    )


_SUMS = """
    coalesce(sum(numerator), 0) AS numerator, coalesce(sum(denominator), 0) AS denominator
    FROM mart.indicator_monthly
    WHERE indicator = $indicator
        AND ($in_7510::BOOLEAN IS NULL OR (chain IS NOT NULL OR cluster IS NOT NULL) = $in_7510)
        AND ($units::VARCHAR[] IS NULL OR list_contains($units::VARCHAR[], unit))
        AND ($chains::VARCHAR[] IS NULL OR list_contains($chains::VARCHAR[], chain))
        AND ($clusters::VARCHAR[] IS NULL OR list_contains($clusters::VARCHAR[], cluster))
    GROUP BY ALL
"""
