"""What differs between two publications, counted without SQL: the other way to the same answer.

What belongs here: reading whole tables into Python and comparing them there. What does not: expectations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from warehouse.publications import PublicationStore, Readers

#: Indicator, unit (None is the city), first month and last month.
Place = tuple[str, str | None, dt.date, dt.date]
#: Value, state, numerator and denominator.
Told = tuple[Decimal | None, str, Decimal | None, Decimal | None]


def changed_figures(
    store: PublicationStore, before: str, after: str, *, totals: bool
) -> dict[Place, tuple[Told, Told]]:
    """Every figure that is not the same, on both sides."""
    one, other = (_figures(store, each, totals=totals) for each in (before, after))
    assert one.keys() == other.keys()
    return {place: (one[place], other[place]) for place in one if one[place] != other[place]}


def _figures(store: PublicationStore, publication_id: str, *, totals: bool) -> Mapping[Place, Told]:
    with Readers(store).open(publication_id) as reader:
        rows = reader.query(f"FROM mart.indicator_{'progress' if totals else 'status'}")
    if totals:
        ends: dict[tuple[str, dt.date], dt.date] = {}
        for row in rows:
            key = (row["indicator"], row["from_month"])
            ends[key] = max(row["month"], ends.get(key, row["month"]))
        rows = [row for row in rows if ends[row["indicator"], row["from_month"]] == row["month"]]
    return {_place(row): _told(row) for row in rows}


def _place(row: Mapping[str, Any]) -> Place:
    return (row["indicator"], row["unit"], row.get("from_month", row["month"]), row["month"])


def _told(row: Mapping[str, Any]) -> Told:
    return (row["value"], row["state"], row["numerator"], row["denominator"])
