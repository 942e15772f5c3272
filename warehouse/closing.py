"""Which months are closed: nothing more is expected of them.

What belongs here: the rule. What does not: what it means for a return (``etl.deciding``, rule R007) or for
files (``compaction``).
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from warehouse import decisions
from warehouse.catalog import Catalog
from warehouse.decisions import DecisionLog, Kind
from warehouse.settings import Home


def closed_months(home: Home, catalog: Catalog, day: dt.date | None = None) -> frozenset[dt.date]:
    """The months that are locked, and those after which the next month's returns have come due.

    Until then units send what they forgot, or what a receipt has told them to mend. ``day``: today by
    default.
    """
    day = day or decisions.today(catalog.programme.time_zone)
    standing = decisions.in_force(DecisionLog(home).decisions(), day)
    locked = {
        dt.date.fromisoformat(f"{one.about.period}-01") for one in standing if one.kind is Kind.LOCK
    }  # fmt: skip
    past = {
        month
        for month, following in pairwise((*catalog.programme.months, _after(catalog.programme.last_month)))
        if day > _after(following).replace(day=catalog.programme.due_day)
    }
    return frozenset(locked | past)


def _after(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return (month + dt.timedelta(days=31)).replace(day=1)
