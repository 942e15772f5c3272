"""What was decided about returns, as a publication shows it.

What belongs here: the decisions that bear on returns, and corrections that are stale. What does not: taking
decisions.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from warehouse.reading.context import Reading, Source


class DecisionKind(StrEnum):
    """What is decided about a return; that a decision was undone is told at the decision."""

    LOCK = "lock"
    ACCEPT = "accept"
    WITHDRAW = "withdraw"
    CORRECT = "correct"


@dataclass(frozen=True)
class Ending:
    """What undid a decision."""

    id: str
    at: dt.datetime
    by: str | None
    note: str | None


@dataclass(frozen=True)
class Decision:
    """One decision that bears, or bore, on a return.

    Names of people may stand in ``by``, ``note``, ``expected`` and ``corrected``: they are None for who may
    not see them.
    """

    id: str
    kind: DecisionKind
    in_force: bool
    at: dt.datetime
    by: str | None
    note: str | None
    rule: str | None
    sheet: str | None
    row: int | None
    until: dt.date | None
    ledger: str | None
    column: str | None
    expected: str | None
    corrected: str | None
    ended: Ending | None


@dataclass(frozen=True)
class StaleCorrection:
    """A correction in force that no cell in force needs any more."""

    decision: str
    unit: str
    period: dt.date
    ledger: str
    column: str
    expected: str
    corrected: str


def decisions(reading: Reading, ids: Collection[str]) -> dict[str, tuple[Decision, ...]]:
    """The decisions that bear, or bore, on each return, in the order of deciding; one statement.

    A lock bears on the returns of its month that came after it, a correction on those of its unit and month.
    """
    found: dict[str, list[Decision]] = defaultdict(list)
    for row in reading.source.query(_DECISIONS, {"ids": [*ids]}):
        found[row["on_return"]].append(_decision(row, shown=reading.viewer.sees_contents_of(row["on_unit"])))
    return {return_id: tuple(found[return_id]) for return_id in ids}


def stale_corrections(source: Source) -> list[StaleCorrection]:
    """Corrections that are stale; an older publication knows of none. Two statements."""
    if not source.query(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = 'core' AND table_name = 'corrections'"
    ):
        return []
    rows = source.query(
        "SELECT DISTINCT decision, unit, period, ledger, column_name AS column, expected_text AS expected,"
        " corrected_text AS corrected FROM core.corrections WHERE is_stale ORDER BY decision"
    )
    return [StaleCorrection(**row) for row in rows]


def _decision(row: dict[str, Any], *, shown: bool) -> Decision:
    ended = None
    if row["ended_id"] is not None:
        ended = Ending(
            row["ended_id"],
            row["ended_at"],
            row["ended_by"] if shown else None,
            row["ended_note"] if shown else None,
        )
    return Decision(
        id=row["decision"],
        kind=DecisionKind(row["kind"]),
        in_force=row["in_force"],
        at=row["decided_at"],
        by=row["decided_by"] if shown else None,
        note=row["note"] if shown else None,
        rule=row["rule"],
        sheet=row["sheet"],
        row=row["row"],
        until=row["valid_until"],
        ledger=row["ledger"],
        column=row["column_name"],
        expected=row["expected_text"] if shown else None,
        corrected=row["corrected_text"] if shown else None,
        ended=ended,
    )


_DECISIONS = """
    SELECT
        returns.return_id AS on_return,
        returns.unit AS on_unit,
        decisions.* EXCLUDE (ended_by),
        endings.decision AS ended_id,
        endings.decided_at AS ended_at,
        endings.decided_by AS ended_by,
        endings.note AS ended_note
    FROM core.returns
    JOIN core.decisions
        ON decisions.kind IN ('accept', 'withdraw') AND decisions.return_id = returns.return_id
        OR decisions.kind = 'lock'
            AND decisions.period = returns.period AND decisions.last_sequence < returns.sequence
        OR decisions.kind = 'correct'
            AND decisions.period = returns.period AND decisions.unit = returns.unit
    LEFT JOIN core.decisions AS endings ON endings.decision = decisions.ended_by
    WHERE list_contains($ids::VARCHAR[], returns.return_id)
    ORDER BY on_return, decisions.decision
"""
