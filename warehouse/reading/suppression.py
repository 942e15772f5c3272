"""Small numbers: which figures of a sensitive indicator are hidden from the public, whatever is asked.

What belongs here: whether a figure may be shown, by the swaps of ``mart.small_number_swaps``. What does not:
who may see (``viewer``), which swaps there are (the model), the figures.

Each swap is another truth that the public could as well be living in: it changes a small number and leaves
every figure alone that is shown by one dimension. So no answer, and no sum or difference of answers, tells
the two apart. Of several dimensions at once only what follows from these is shown, else the pattern of their
zeros would tie the dimensions together.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import duckdb

from warehouse.catalog import load_catalog
from warehouse.reading.context import Reading

#: A code of a dimension; None outside its code list. Of ``IN_7510`` "true" and "false".
Member = str | None


class Margin(StrEnum):
    """The dimensions that lead below the city level."""

    UNIT = "unit"
    CHAIN = "chain"
    CLUSTER = "cluster"
    IN_7510 = "in_7510"


#: Which members of which dimensions a figure is made of; a dimension that is not named is whole.
Scope = Mapping[Margin, Collection[Member]]


@dataclass(frozen=True)
class Months:
    """A span of months by their first days, both ends included."""

    first: dt.date
    last: dt.date

    def __contains__(self, month: dt.date | None) -> bool:
        return month is not None and self.first <= month <= self.last


@dataclass(frozen=True)
class Swap:
    """One unit of measure moved from a member to another in a month, and back in another month, if any."""

    member: Member
    month: dt.date
    partner: Member
    partner_month: dt.date | None

    def changes(self, members: Collection[Member], months: Months) -> bool:
        """Whether it changes the sum of the members over the months."""
        return ((self.member in members) != (self.partner in members)) and (
            (self.month in months) != (self.partner_month in months)
        )


#: The swaps of each indicator by dimension.
Swaps = Mapping[str, Mapping[Margin, Sequence[Swap]]]


def is_small(value: Decimal | None) -> bool:
    """Whether a value alone must be hidden; zero and nothing are not."""
    return value is not None and 0 < value <= load_catalog().programme.small_number_maximum


class SmallNumbers:
    """What the public may not see of one indicator within a span of months."""

    def __init__(
        self,
        city: Mapping[dt.date, Decimal],
        margins: Mapping[Margin, Mapping[Member, Mapping[dt.date, Decimal]]],
        swaps: Mapping[Margin, Sequence[Swap]] | None,
    ) -> None:
        """``swaps`` None: the publication does not tell them, so that all that is not zero is hidden."""
        self._city = city
        self._margins = margins
        self._swaps: dict[tuple[Margin, Member], list[Swap]] = defaultdict(list)
        self._knows_swaps = swaps is not None
        for margin, some in (swaps or {}).items():
            for swap in some:
                self._swaps[margin, swap.member].append(swap)
                self._swaps[margin, swap.partner].append(swap)

    def hides(self, scope: Scope, months: Months) -> bool:
        """Whether the sum of the scope over the months is hidden; a sum of the whole city never is."""
        implied = _without_implied(scope)
        if implied is None:
            return False
        sums = {margin: self._sum(margin, members, months) for margin, members in implied.items()}
        if not sums or 0 in sums.values():
            return False
        city = sum((value for month, value in self._city.items() if month in months), Decimal(0))
        narrowing = [margin for margin, value in sums.items() if value != city]
        if not narrowing:
            return is_small(city)
        if len(narrowing) > 1 or not self._knows_swaps:
            return True
        [margin] = narrowing
        return is_small(sums[margin]) or self._is_swapped(margin, implied[margin], months)

    def _sum(self, margin: Margin, members: Collection[Member], months: Months) -> Decimal:
        found = self._margins[margin]
        return sum(
            (
                value
                for member in members
                for month, value in found.get(member, {}).items()
                if month in months
            ),
            Decimal(0),
        )

    def _is_swapped(self, margin: Margin, members: Collection[Member], months: Months) -> bool:
        return any(
            swap.changes(members, months) for member in members for swap in self._swaps[margin, member]
        )


def _without_implied(scope: Scope) -> Scope | None:
    """The scope without a 7510 that follows from a named chain or cluster; None where both cannot be."""
    inside = scope.get(Margin.IN_7510)
    named = any(
        None not in members for margin, members in scope.items() if margin in {Margin.CHAIN, Margin.CLUSTER}
    )
    if inside is None or not named:
        return scope
    if "true" not in inside:
        return None
    return {margin: members for margin, members in scope.items() if margin is not Margin.IN_7510}


def load_small_numbers(
    reading: Reading, indicator: str, margins: Collection[Margin], first: dt.date, last: dt.date
) -> SmallNumbers:
    """What is hidden of an indicator from ``first`` to ``last`` by these dimensions; two statements."""
    city: dict[dt.date, Decimal] = {}
    found: dict[Margin, dict[Member, dict[dt.date, Decimal]]] = {margin: {} for margin in margins}
    parts = [_CITY, *(_MARGIN.format(margin=margin.value, member=_MEMBERS[margin]) for margin in found)]
    asked = {"indicator": indicator, "first": first, "last": last}
    for row in reading.source.query(" UNION ALL ".join(parts), asked):
        if row["margin"] is None:
            city[row["month"]] = row["value"]
        else:
            found[Margin(row["margin"])].setdefault(row["member"], {})[row["month"]] = row["value"]
    swaps = load_swaps(reading, [indicator])
    return SmallNumbers(city, found, None if swaps is None else swaps.get(indicator, {}))


def load_swaps(reading: Reading, indicators: Collection[str], unit: str | None = None) -> Swaps | None:
    """The swaps of each indicator, of one unit alone or all; one statement.

    None when the publication does not tell them: code before there were swaps has built it.
    """
    try:
        rows = reading.source.query(_SWAPS, {"indicators": [*indicators], "unit": unit})
    except duckdb.CatalogException:
        return None
    swaps: dict[str, dict[Margin, list[Swap]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        swaps[row.pop("indicator")][Margin(row.pop("dimension"))].append(_swap(row))
    return swaps


def _swap(row: dict[str, Any]) -> Swap:
    return Swap(**row)


_MEMBERS = {
    Margin.UNIT: "unit",
    Margin.CHAIN: "chain",
    Margin.CLUSTER: "cluster",
    Margin.IN_7510: "CASE WHEN chain IS NOT NULL OR cluster IS NOT NULL THEN 'true' ELSE 'false' END",
}
_CITY = """
    SELECT NULL AS margin, NULL AS member, month, sum(numerator) AS value
    FROM mart.indicator_monthly
    WHERE indicator = $indicator AND month BETWEEN $first::DATE AND $last::DATE
    GROUP BY month
"""
_MARGIN = """
    SELECT '{margin}' AS margin, {member} AS member, month, sum(numerator) AS value
    FROM mart.indicator_monthly
    WHERE indicator = $indicator AND month BETWEEN $first::DATE AND $last::DATE
    GROUP BY ALL
"""
_SWAPS = """
    SELECT indicator, dimension, member, month, partner, partner_month
    FROM mart.small_number_swaps
    WHERE list_contains($indicators::VARCHAR[], indicator)
        AND ($unit::VARCHAR IS NULL OR dimension = 'unit' AND (member = $unit OR partner = $unit))
"""
