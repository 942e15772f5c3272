"""The log while a decision is taken: what stands, what has landed, and the hand that writes.

What belongs here: what every kind of decision needs. What does not: whether it may be taken (``acts``), the
log's files (``warehouse.decisions``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from warehouse import decisions
from warehouse.decisions import About, Decision, Kind, Register
from warehouse.landing import Reception


class Desk:
    """The locked log, on a day, in someone's name and for a reason."""

    def __init__(
        self, register: Register, receptions: Sequence[Reception], today: dt.date, by: str, note: str
    ) -> None:
        self._register = register
        self._by, self._note = by, note
        self._last_sequence = max((one.sequence for one in receptions), default=0)
        self.receptions = receptions
        self.standing = decisions.in_force(register.decisions, today)

    @property
    def log(self) -> Sequence[Decision]:
        """Every decision, in force or not."""
        return self._register.decisions

    def find(self, kind: Kind, about: About) -> Decision | None:
        """The decision of this kind about this that stands."""
        return next((one for one in self.standing if (one.kind, one.about) == (kind, about)), None)

    def record(self, kind: Kind, about: About, ends: str | None = None) -> Decision:
        """Writes a decision down."""
        return self._register.record(
            kind, about, by=self._by, note=self._note, last_sequence=self._last_sequence, ends=ends
        )

    def end(self, decision: Decision) -> Decision:
        """Writes down what undoes a decision."""
        kind = Kind.UNLOCK if decision.kind is Kind.LOCK else Kind.REVOKE
        return self.record(kind, decision.about, decision.id)
