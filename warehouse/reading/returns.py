"""Returns as they were received and checked.

What belongs here: lists of returns and single ones. What does not: their issues (``issues``), their rows
(``contributions``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from warehouse.reading.context import Reading
from warehouse.reading.discretion import file_name_for_all
from warehouse.reading.issues import Severity, issue_counts
from warehouse.reading.pages import Page, decode_cursor, encode_cursor, page
from warehouse.reading.problems import check_month, check_page_size


class ReturnStatus(StrEnum):
    """What has become of a return."""

    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    ACCEPTED_WITH_ISSUES = "ACCEPTED_WITH_ISSUES"
    REJECTED = "REJECTED"
    REPLACED = "REPLACED"


@dataclass(frozen=True)
class Return:
    """One return of a known unit and month; ``period`` is the month's first day."""

    id: str
    sequence: int
    unit: str
    period: dt.date
    revision: int
    status: ReturnStatus
    received_at: dt.datetime
    file_name: str
    sha256: str
    rows_accepted: int
    rows_held_out: int
    withdrawn: bool
    locked_out: bool
    issue_counts: tuple[tuple[Severity, int], ...]


@dataclass(frozen=True)
class UnassignedReturn:
    """A return of which the unit or the month is not known; it is always rejected."""

    id: str
    sequence: int
    status: ReturnStatus
    received_at: dt.datetime
    file_name: str
    sha256: str
    unit: str | None
    period: dt.date | None
    issue_counts: tuple[tuple[Severity, int], ...]


def returns(
    reading: Reading,
    unit: str | None = None,
    period: dt.date | None = None,
    status: ReturnStatus | None = None,
    first: int = 20,
    after: str | None = None,
) -> Page[Return]:
    """Returns of known unit and month, the newest first; three statements.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    reading.catalogue.check_unit(unit)
    if period is not None:
        check_month("period", period, reading.catalogue.months)
    condition = (
        "unit IS NOT NULL AND period IS NOT NULL"
        " AND ($unit::VARCHAR IS NULL OR unit = $unit)"
        " AND ($period::DATE IS NULL OR period = $period)"
        " AND ($status::VARCHAR IS NULL OR status = $status)"
    )
    parameters = {"unit": unit, "period": period, "status": status and status.value}
    rows, total = _newest(reading, "returns", condition, parameters, first, after)
    found = _with_counts(reading, rows)
    return page(found, first, after, total, lambda each: encode_cursor("returns", each.sequence))


def unassigned_returns(reading: Reading, first: int = 20, after: str | None = None) -> Page[UnassignedReturn]:
    """Returns of unknown unit or month, the newest first; three statements.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    rows, total = _newest(reading, "unassigned", "unit IS NULL OR period IS NULL", {}, first, after)
    counts = issue_counts(reading, [row["id"] for row in rows])
    found = [_unassigned(_shown(reading, row), counts.get(row["id"], ())) for row in rows]
    return page(found, first, after, total, lambda each: encode_cursor("unassigned", each.sequence))


def returns_by_id(reading: Reading, ids: Collection[str]) -> dict[str, Return]:
    """The returns of known unit and month among ``ids``; two statements."""
    rows = reading.source.query(
        f"{_RETURNS} WHERE list_contains($ids::VARCHAR[], return_id)"
        " AND unit IS NOT NULL AND period IS NOT NULL",
        {"ids": [*ids]},
    )
    return {each.id: each for each in _with_counts(reading, rows)}


def unassigned_by_id(reading: Reading, ids: Collection[str]) -> list[UnassignedReturn]:
    """The returns of unknown unit or month among ``ids``; two statements."""
    rows = reading.source.query(
        f"{_RETURNS} WHERE list_contains($ids::VARCHAR[], return_id) AND (unit IS NULL OR period IS NULL)",
        {"ids": [*ids]},
    )
    counts = issue_counts(reading, [row["id"] for row in rows])
    return [_unassigned(_shown(reading, row), counts.get(row["id"], ())) for row in rows]


def _newest(
    reading: Reading,
    kind: str,
    condition: str,
    parameters: dict[str, Any],
    first: int,
    after: str | None,
) -> tuple[list[dict[str, Any]], int]:
    """One row more than the page holds, and the length of the whole list."""
    check_page_size(first)
    key = decode_cursor(kind, [int], after)
    [count] = reading.source.query(
        f"SELECT count(*) AS total FROM core.returns WHERE {condition}", parameters
    )
    rows = reading.source.query(
        f"{_RETURNS} WHERE ({condition}) AND ($before::BIGINT IS NULL OR sequence < $before)"
        " ORDER BY sequence DESC LIMIT $rows",
        {**parameters, "before": key and key[0], "rows": first + 1},
    )
    return rows, count["total"]


def _with_counts(reading: Reading, rows: list[dict[str, Any]]) -> list[Return]:
    counts = issue_counts(reading, [row["id"] for row in rows])
    return [Return(**_shown(reading, row), issue_counts=counts.get(row["id"], ())) for row in rows]


def _shown(reading: Reading, row: dict[str, Any]) -> dict[str, Any]:
    """A return's row as the viewer may see it."""
    if not reading.viewer.sees_contents_of(row["unit"]):
        row = {**row, "file_name": file_name_for_all(row["file_name"], row["id"])}
    return {**row, "status": ReturnStatus(row["status"])}


def _unassigned(row: dict[str, Any], counts: tuple[tuple[Severity, int], ...]) -> UnassignedReturn:
    return UnassignedReturn(
        id=row["id"],
        sequence=row["sequence"],
        status=row["status"],
        received_at=row["received_at"],
        file_name=row["file_name"],
        sha256=row["sha256"],
        unit=row["unit"],
        period=row["period"],
        issue_counts=counts,
    )


_RETURNS = """
    SELECT
        return_id AS id, sequence, unit, period, coalesce(revision, 1) AS revision, status, received_at,
        file_name, sha256, rows_accepted, rows_held_out, withdrawn, locked_out
    FROM core.returns
"""
