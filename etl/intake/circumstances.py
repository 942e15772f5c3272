"""What bears on one return besides its file: when it was received, and what was decided about it.

What belongs here: the shapes in which decisions reach the intake. What does not: the log of decisions
(``warehouse.decisions``), and what they do to rows (``checking``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Waiver:
    """A decision that rows count although they break ``rule``: all of the return, of a sheet, or one row."""

    decision: str
    rule: str
    sheet: str | None = None
    row: int | None = None


@dataclass(frozen=True)
class Correction:
    """A decision that a cell means ``value``, as long as the source still shows ``expect``.

    The cell is in ``column`` of the rows of a unit's ledger and month whose cells read as ``where`` says
    (column: text). Texts are those typed in the source, compared after NFKC and without blanks; the value is
    checked like one that the unit had typed.
    """

    decision: str
    unit: str
    period: dt.date
    ledger: str
    column: str
    expect: str
    value: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Circumstances:
    """All of it; ``locked_months`` are first days of months that were signed off when the return came in."""

    received_on: dt.date | None = None
    locked_months: frozenset[dt.date] = frozenset()
    waivers: tuple[Waiver, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def digest(self, unit: str | None, period: dt.date | None) -> str:
        """A short name of what was decided about a return of this unit and month; empty where nothing was.

        When it was received never changes, so that is no part of it.
        """
        decided = [f"locked {month}" for month in self.locked_months if month == period]
        decided += [waiver.decision for waiver in self.waivers]
        decided += [one.decision for one in self.corrections if (one.unit, one.period) == (unit, period)]
        if not decided:
            return ""
        return hashlib.sha256("\n".join(sorted(decided)).encode()).hexdigest()[:12]
