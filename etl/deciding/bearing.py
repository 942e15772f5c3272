"""What was decided, as it bears on each return that is read.

What belongs here: from the log to the intake's ``Circumstances``. What does not: what the intake makes of
them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from etl.intake.circumstances import Circumstances, Correction, Waiver
from warehouse import decisions
from warehouse.catalog import Catalog
from warehouse.decisions import Decision, DecisionLog, Kind
from warehouse.landing import Reception
from warehouse.settings import Home


class Bearing:
    """What stands on one day, made once for many returns.

    Args:
        log: every decision.
        day: on which is asked.
        time_zone: in which a return's day of reception is told.
    """

    def __init__(self, log: Sequence[Decision], day: dt.date, time_zone: str) -> None:
        standing = decisions.in_force(log, day)
        self._day = day
        self._zone = ZoneInfo(time_zone)
        self._locks = [
            (_first_day(one), one.last_sequence) for one in standing if one.kind is Kind.LOCK
        ]  # fmt: skip
        self._corrections = tuple(_correction(one) for one in standing if one.kind is Kind.CORRECT)
        waivers: dict[str, list[Waiver]] = defaultdict(list)
        for one in standing:
            if one.kind is Kind.ACCEPT and one.about.return_id is not None:
                waivers[one.about.return_id].append(_waiver(one))
        self._waivers = {return_id: _widest(some) for return_id, some in waivers.items()}

    @classmethod
    def today(cls, home: Home, catalog: Catalog) -> Bearing:
        """What stands today."""
        time_zone = catalog.programme.time_zone
        return cls(DecisionLog(home).decisions(), decisions.today(time_zone), time_zone)

    def on(self, reception: Reception) -> Circumstances:
        """What bears on a return that has landed: of the locks, those that were there before it."""
        received_at = dt.datetime.fromisoformat(reception.received_at)
        return Circumstances(
            received_on=received_at.astimezone(self._zone).date(),
            locked_months=frozenset(month for month, last in self._locks if last < reception.sequence),
            waivers=self._waivers.get(reception.return_id, ()),
            corrections=self._corrections,
        )

    def on_what_comes_now(self) -> Circumstances:
        """What bears on a file that would be handed in now; that it is wrong is for its unit to know."""
        return Circumstances(
            received_on=self._day, locked_months=frozenset(month for month, _ in self._locks)
        )


def _first_day(decision: Decision) -> dt.date:
    return dt.date.fromisoformat(f"{decision.about.period}-01")


def _waiver(decision: Decision) -> Waiver:
    about = decision.about
    return Waiver(decision.id, about.rule or "", about.sheet, about.row)


def _widest(waivers: Iterable[Waiver]) -> tuple[Waiver, ...]:
    """Without those that another one includes, so that a row is accepted by one decision."""
    kept: list[Waiver] = []
    for waiver in sorted(waivers, key=lambda one: (one.sheet is not None, one.row is not None, one.decision)):
        if not any(_includes(wider, waiver) for wider in kept):
            kept.append(waiver)
    return tuple(kept)


def _includes(wider: Waiver, waiver: Waiver) -> bool:
    return (
        wider.rule == waiver.rule
        and wider.sheet in (None, waiver.sheet)
        and wider.row in (None, waiver.row)
    )  # fmt: skip


def _correction(decision: Decision) -> Correction:
    about = decision.about
    return Correction(
        decision=decision.id,
        unit=about.unit or "",
        period=_first_day(decision),
        ledger=about.ledger or "",
        column=about.column or "",
        expect=about.expect or "",
        value=about.value or "",
        where=about.where,
    )
