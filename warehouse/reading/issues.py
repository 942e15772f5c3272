"""What was found in returns: which rule, where, what stood there, what would pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from warehouse.reading.context import Reading
from warehouse.reading.discretion import issue_for_all
from warehouse.reading.pages import Page, decode_cursor, encode_cursor, page
from warehouse.reading.problems import check_page_size


class Severity(StrEnum):
    """How grave an issue is, the gravest first."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Issue:
    """One issue; ``found`` is None where nothing stood, and where the viewer may not see it.

    Who may not see it is told where and which rule, in the rule's words alone.
    """

    number: int
    rule: str
    severity: Severity
    sheet: str | None
    cell: str | None
    column: str | None
    label: str | None
    found: str | None
    expected: str
    message_zh: str
    message_en: str


def issue_counts(reading: Reading, ids: Collection[str]) -> dict[str, tuple[tuple[Severity, int], ...]]:
    """How many issues of each severity each return has, the gravest first; one statement."""
    rows = reading.source.query(
        "SELECT return_id, severity, count(*) AS count FROM core.issues"
        " WHERE list_contains($ids::VARCHAR[], return_id) GROUP BY ALL",
        {"ids": [*ids]},
    )
    counts: dict[str, dict[Severity, int]] = defaultdict(dict)
    for row in rows:
        counts[row["return_id"]][Severity(row["severity"])] = row["count"]
    return {
        return_id: tuple((severity, found[severity]) for severity in Severity if severity in found)
        for return_id, found in counts.items()
    }


def issues(
    reading: Reading,
    ids: Sequence[str],
    severity: Severity | None = None,
    first: int = 50,
    after: str | None = None,
) -> dict[str, Page[Issue]]:
    """One page of issues of each return, in the order of the file; two statements.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    check_page_size(first)
    key = decode_cursor("issues", [int], after)
    parameters = {"ids": [*ids], "severity": severity and severity.value}
    totals = {
        row["return_id"]: row["total"]
        for row in reading.source.query(
            f"SELECT return_id, count(*) AS total FROM core.issues WHERE {_CONDITION} GROUP BY return_id",
            parameters,
        )
    }
    rows = reading.source.query(
        f"SELECT issues.*, returns.unit FROM core.issues JOIN core.returns USING (return_id)"
        f" WHERE {_CONDITION} AND issue_number > $after"
        " QUALIFY row_number() OVER (PARTITION BY return_id ORDER BY issue_number) <= $rows"
        " ORDER BY return_id, issue_number",
        {**parameters, "after": key[0] if key else 0, "rows": first + 1},
    )
    found: dict[str, list[Issue]] = defaultdict(list)
    for row in rows:
        found[row["return_id"]].append(_issue(reading, row))
    return {
        return_id: page(
            found[return_id],
            first,
            after,
            totals.get(return_id, 0),
            lambda each: encode_cursor("issues", each.number),
        )
        for return_id in ids
    }


def _issue(reading: Reading, row: dict[str, Any]) -> Issue:
    if not reading.viewer.sees_contents_of(row["unit"]):
        row = issue_for_all(row)
    return Issue(
        number=row["issue_number"],
        rule=row["rule"],
        severity=Severity(row["severity"]),
        sheet=row["sheet"],
        cell=row["cell"],
        column=row["column_name"],
        label=row["label"],
        found=row["found"],
        expected=row["expected"],
        message_zh=row["message_zh"],
        message_en=row["message_en"],
    )


_CONDITION = (
    "list_contains($ids::VARCHAR[], return_id) AND ($severity::VARCHAR IS NULL OR severity = $severity)"
)
