"""What was decided about returns: an append-only log, and what of it is in force.

What belongs here: the shape of a decision, writing and reading the log, what stands on a day. What does not:
whether a decision may be taken (``etl.deciding``), what it does to rows (``etl.intake``, the models).

A decision is never changed or removed. What undoes it is a decision of its own, which names it in ``ends``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from warehouse import storage
from warehouse.settings import Home

#: How long a decision waits for another one to be written, in seconds.
LOCK_TIMEOUT = 60


class Kind(StrEnum):
    """What is decided; ``unlock`` ends a lock, ``revoke`` any other decision."""

    LOCK = "lock"
    UNLOCK = "unlock"
    ACCEPT = "accept"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    REVOKE = "revoke"


@dataclass(frozen=True)
class About:
    """What a decision is about; which parts are given follows from its kind.

    A lock is about a ``period`` (``YYYY-MM``). A withdrawal is about a return, an acceptance about a return's
    rows that break a ``rule``, on all sheets or one, in all rows or one, up to and with the day ``until``. A
    correction is about the cells of ``column`` that read ``expect`` in a unit's ledger and month, in rows
    whose cells read as ``where`` says, and which mean ``value``. What undoes a decision repeats what that was
    about.
    """

    period: str | None = None
    return_id: str | None = None
    rule: str | None = None
    sheet: str | None = None
    row: int | None = None
    until: str | None = None
    unit: str | None = None
    ledger: str | None = None
    column: str | None = None
    expect: str | None = None
    value: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """Who decided what, when and why.

    ``last_sequence`` is that of the last return received before, 0 before any. ``ends`` is the decision that
    this one undoes.
    """

    id: str
    kind: Kind
    by: str
    at: str
    note: str
    last_sequence: int
    about: About
    ends: str | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the day is not past the decision's last one."""
        return self.about.until is None or day <= dt.date.fromisoformat(self.about.until)


def ended(log: Sequence[Decision]) -> dict[str, Decision]:
    """The decision that undid each decision that was undone, by its id."""
    return {one.ends: one for one in log if one.ends is not None}


def in_force(log: Sequence[Decision], day: dt.date) -> list[Decision]:
    """What stands on a day, in the order in which it was decided.

    What was undone or has expired does not stand, nor does what undid it: that has done its work.
    """
    gone = ended(log)
    return [one for one in log if one.ends is None and one.id not in gone and one.holds_on(day)]


def today(time_zone: str) -> dt.date:
    """The day in the programme's time zone, by which decisions expire."""
    return dt.datetime.now(ZoneInfo(time_zone)).date()


class DecisionLog:
    """The decisions of a home: one file a decision, in the order of deciding."""

    def __init__(self, home: Home) -> None:
        self.root = home.decisions

    def decisions(self) -> list[Decision]:
        """Every decision, the first one first."""
        return [_read(json.loads(path.read_bytes())) for path in sorted(self.root.glob("[0-9]*.json"))]

    @contextmanager
    def deciding(self) -> Iterator[Register]:
        """The one place where decisions are added; holds the log's lock, so that what was read still stands.

        Raises:
            storage.Busy: another process is deciding for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            storage.remove_temporaries(self.root)
            yield Register(self, self.decisions())


class Register:
    """Takes decisions down, one after the other, while the log is locked."""

    def __init__(self, log: DecisionLog, decisions: Sequence[Decision]) -> None:
        self._log = log
        self.decisions = list(decisions)

    def record(
        self, kind: Kind, about: About, *, by: str, note: str, last_sequence: int, ends: str | None = None
    ) -> Decision:
        """Adds a decision; when this returns it is safe on disk."""
        number = int(self.decisions[-1].id[1:]) + 1 if self.decisions else 1
        decision = Decision(
            id=f"D{number:06d}",
            kind=kind,
            by=by,
            at=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
            note=note,
            last_sequence=last_sequence,
            about=about,
            ends=ends,
        )
        content = json.dumps(_written(decision), ensure_ascii=False, indent=1).encode()
        storage.write_file(self._log.root / f"{number:06d}.json", content)
        self.decisions.append(decision)
        return decision


def _written(decision: Decision) -> dict[str, Any]:
    """The decision as its file tells it: what it is not about is left out."""
    document = asdict(decision)
    document["about"] = {name: part for name, part in document["about"].items() if part not in (None, {})}
    return document


def _read(document: dict[str, Any]) -> Decision:
    return Decision(**{**document, "kind": Kind(document["kind"]), "about": About(**document["about"])})
