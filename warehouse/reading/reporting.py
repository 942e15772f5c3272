"""Which units have reported which ledgers of a month, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from warehouse.reading.context import Reading, today
from warehouse.reading.problems import check_month


class ReportingState(StrEnum):
    """What has come of a unit's return of a month."""

    NOT_DUE = "NOT_DUE"
    AWAITED = "AWAITED"
    ON_TIME = "ON_TIME"
    LATE = "LATE"
    NIL = "NIL"
    NOT_EXPECTED = "NOT_EXPECTED"


_RECEIVED = {ReportingState.ON_TIME, ReportingState.LATE, ReportingState.NIL}


@dataclass(frozen=True)
class ReportingCell:
    """One unit in one month: its first non-rejected return gives the time, its last one the id.

    ``rejected_id`` is its newest return of all, where that one was rejected.
    """

    unit: str
    state: ReportingState
    expected: bool
    late: bool
    received_at: dt.datetime | None
    return_id: str | None
    rejected_id: str | None
    ledgers_reported: int
    ledgers_nil: int
    ledgers_missing: int

    @property
    def received(self) -> bool:
        return self.state in _RECEIVED


@dataclass(frozen=True)
class Reporting:
    """One month: all units in code-list order, and how many of those that owe a return gave it."""

    period: dt.date
    due_on: dt.date
    expected: int
    received: int
    on_time: int
    cells: tuple[ReportingCell, ...]


def reporting(reading: Reading, period: dt.date, now: dt.date | None = None) -> Reporting:
    """The state of a month's reporting on the day ``now``; one statement.

    Raises:
        InputProblem: ``period`` is no month of the programme.
    """
    check_month("period", period, reading.catalogue.months)
    rows = reading.source.query(_STATUS, {"period": period, "today": now or today()})
    cells = tuple(map(_cell, rows))
    owed = [cell for cell in cells if cell.expected]
    return Reporting(
        period=period,
        due_on=rows[0]["due_on"],
        expected=len(owed),
        received=sum(cell.received for cell in owed),
        on_time=sum(cell.received and not cell.late for cell in owed),
        cells=cells,
    )


def _cell(row: dict[str, Any]) -> ReportingCell:
    return ReportingCell(
        unit=row["unit"],
        state=ReportingState(row["state"]),
        expected=row["expected"],
        late=bool(row["late"]),
        received_at=row["received_at"],
        return_id=row["return_id"],
        rejected_id=row["rejected_id"],
        ledgers_reported=row["ledgers_reported"],
        ledgers_nil=row["ledgers_nil"],
        ledgers_missing=row["ledgers_missing"],
    )


#: What has come of a row of ``mart.reporting_status`` by the day ``$today``.
STATE = """
    CASE
        WHEN return_id IS NOT NULL AND nil THEN 'NIL'
        WHEN return_id IS NOT NULL AND late THEN 'LATE'
        WHEN return_id IS NOT NULL THEN 'ON_TIME'
        WHEN NOT expected THEN 'NOT_EXPECTED'
        WHEN $today::DATE <= due_on THEN 'NOT_DUE'
        ELSE 'AWAITED'
    END
"""
_STATUS = f"""
    SELECT status.*, {STATE} AS state, rejected_id
    FROM mart.reporting_status AS status
    JOIN core.units USING (unit)
    LEFT JOIN (
        SELECT
            unit,
            CASE max_by(status, sequence) WHEN 'REJECTED' THEN max_by(return_id, sequence) END AS rejected_id
        FROM core.returns
        WHERE period = $period::DATE
        GROUP BY unit
    ) USING (unit)
    WHERE period = $period::DATE
    ORDER BY position
"""
