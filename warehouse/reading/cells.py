"""The sums behind a breakdown, and which of them the viewer may not see.

What belongs here: rows of ``mart.indicator_monthly`` added up to cells, cells to groups. What does not:
states, order and words (``breakdown``).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from warehouse.reading.catalogue import Indicator
from warehouse.reading.context import Reading
from warehouse.reading.suppression import hidden_places, is_small

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
    def is_narrow(self) -> bool:
        """Whether it leaves less than the whole city."""
        return bool(self.by_dimension) or self.in_7510 is not None


@dataclass(frozen=True)
class Sums:
    """What adds up in a cell; the denominator of ratios only."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    has_rows: bool = False

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.has_rows or other.has_rows,
        )


class Cells:
    """The sums of one indicator by some dimensions, in whole and within a filter.

    Cells outside the filter are kept where small numbers are to be hidden: a group that the filter shows
    could give away one that another question hides.
    """

    def __init__(
        self, dimensions: Sequence[Dimension], cells: Mapping[Place, Sums], where: Filter, *, hides: bool
    ) -> None:
        self._dimensions = tuple(dimensions)
        self._cells = cells
        self._allowed = where.by_dimension
        self._hides = hides
        self._below_city = where.is_narrow
        self._sums: dict[tuple[Dimension, ...], dict[Place, Sums]] = {}
        self._hidden: dict[tuple[Dimension, ...], set[Place]] = {}

    @property
    def has_rows(self) -> bool:
        return bool(self._by(()))

    def has_outside(self, dimension: Dimension) -> bool:
        """Whether rows within the filter lie outside the dimension's code list."""
        return dimension in self._dimensions and (None,) in self._by((dimension,))

    def sums(self, by: Sequence[Dimension], place: Place) -> Sums:
        """What adds up at a place, zero where there are no rows."""
        return self._by(tuple(by)).get(place, Sums())

    def is_hidden(self, by: Sequence[Dimension], place: Place) -> bool:
        """Whether the viewer may not see the sum at a place; sums of the whole city are never hidden."""
        if not self._hides or not (self._below_city or _below_city(by)):
            return False
        key = tuple(by)
        if key not in self._hidden:
            self._hidden[key] = self._hide(key)
        return place in self._hidden[key]

    def _by(self, by: tuple[Dimension, ...]) -> dict[Place, Sums]:
        """Sums within the filter by some of the dimensions."""
        if by not in self._sums:
            sums: dict[Place, Sums] = defaultdict(Sums)
            for place, cell in self._cells.items():
                if self._is_allowed(self._dimensions, place):
                    sums[self._project(by, place)] += cell
            self._sums[by] = dict(sums)
        return self._sums[by]

    def _is_allowed(self, dimensions: Sequence[Dimension], place: Place) -> bool:
        return all(
            dimension not in self._allowed or member in self._allowed[dimension]
            for dimension, member in zip(dimensions, place, strict=True)
        )

    def _project(self, by: Sequence[Dimension], place: Place) -> Place:
        return tuple(place[self._dimensions.index(dimension)] for dimension in by)

    def _hide(self, by: tuple[Dimension, ...]) -> set[Place]:
        """The groups to hide: by themselves, and where they give away one cell of a filtered dimension."""
        # A dimension that is filtered and not asked for is summed over within a group.
        summed = tuple(dimension for dimension in self._allowed if dimension not in by)
        crossed = by + summed
        fine: dict[Place, Decimal] = defaultdict(Decimal)
        for place, cell in self._cells.items():
            fine[self._project(crossed, place)] += cell.numerator
        hidden_cells = hidden_places(fine)
        parts: dict[Place, list[Place]] = defaultdict(list)
        for place in fine:
            if self._is_allowed(crossed, place):
                parts[place[: len(by)]].append(place)
        values = {place: sums.numerator for place, sums in self._by(by).items()}
        hidden = {
            place
            for place, members in parts.items()
            if is_small(values[place]) or sum(member in hidden_cells for member in members) == 1
        }
        return hidden | hidden_places(values)


def _below_city(by: Sequence[Dimension]) -> bool:
    return any(dimension in {Dimension.UNIT, Dimension.CHAIN, Dimension.CLUSTER} for dimension in by)


def load_cells(
    reading: Reading,
    indicator: Indicator,
    by: Sequence[Dimension],
    first: dt.date,
    last: dt.date,
    where: Filter,
) -> Cells:
    """The cells of a span by the dimensions asked for and those that the filter restricts; one statement."""
    one_unit = where.units[0] if where.units is not None and len(where.units) == 1 else None
    hides = indicator.sensitive and not reading.viewer.sees_small_numbers_of(one_unit)
    dimensions = [*by, *(dimension for dimension in where.by_dimension if dimension not in by)]
    columns = ", ".join(f"{_EXPRESSIONS[dimension]} AS key_{dimension.value}" for dimension in dimensions)
    rows = reading.source.query(
        f"SELECT {columns}, {_SUMS}",
        {
            "indicator": indicator.code,
            "first": first,
            "last": last,
            "in_7510": where.in_7510,
            # What is to be hidden depends on the cells beside the filter too.
            "units": None if hides or where.units is None else [*where.units],
            "chains": None if hides or where.chains is None else [*where.chains],
            "clusters": None if hides or where.clusters is None else [*where.clusters],
        },
    )
    cells = {
        tuple(row[f"key_{dimension.value}"] for dimension in dimensions): Sums(
            row["numerator"], row["denominator"], has_rows=True
        )
        for row in rows
    }
    return Cells(dimensions, cells, where, hides=hides)


_SUMS = """
    coalesce(sum(numerator), 0) AS numerator, coalesce(sum(denominator), 0) AS denominator
    FROM mart.indicator_monthly
    WHERE indicator = $indicator
        AND month BETWEEN $first::DATE AND $last::DATE
        AND ($in_7510::BOOLEAN IS NULL OR (chain IS NOT NULL OR cluster IS NOT NULL) = $in_7510)
        AND ($units::VARCHAR[] IS NULL OR list_contains($units::VARCHAR[], unit))
        AND ($chains::VARCHAR[] IS NULL OR list_contains($chains::VARCHAR[], chain))
        AND ($clusters::VARCHAR[] IS NULL OR list_contains($clusters::VARCHAR[], cluster))
    GROUP BY ALL
"""
