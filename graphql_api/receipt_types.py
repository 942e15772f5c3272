"""A return that is in no publication yet: as it was landed, and as its receipt tells it.

What belongs here: receipts as GraphQL objects. What does not: returns of a publication (``return_types``).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import strawberry

from graphql_api.code_lists import CodeLists
from graphql_api.connections import Connection, connection
from graphql_api.enums import ReturnStatus, Severity
from graphql_api.return_types import Decision, Issue, IssueCount, Return
from graphql_api.scalars import YearMonth
from warehouse.landing import Reception
from warehouse.reading.pages import decode_cursor, encode_cursor, page
from warehouse.reading.problems import check_page_size

if TYPE_CHECKING:
    from etl.receipts import Document


class ReceiptDetails:
    """What belongs to a return that was just received, by its receipt; a ``return_types.Details``."""

    def __init__(self, document: Document) -> None:
        self._issues = [*enumerate(document["issues"], start=1)]

    def issues(
        self, _return_id: str, severity: Severity | None, first: int, after: str | None
    ) -> Connection[Issue]:
        """A page of issues, in the order of the file."""
        check_page_size(first)
        key = decode_cursor("issues", [int], after)
        found = [each for each in self._issues if severity is None or each[1]["severity"] == severity.value]
        rest = [each for each in found if key is None or each[0] > int(key[0])]
        shown = page(rest, first, after, len(found), lambda each: encode_cursor("issues", each[0]))
        return connection(shown, lambda each: issue_of(each[1]))

    def decisions(self, _return_id: str) -> list[Decision]:
        """None yet: a publication tells them."""
        return []


def return_of(document: Document, reception: Reception, codes: CodeLists) -> Return | None:
    """The return; None where its unit or month is not known."""
    unit = None if document["unit"] is None else codes.units.get(document["unit"])
    if unit is None or document["period"] is None:
        return None
    counts = Counter(Severity(issue["severity"]) for issue in document["issues"])
    return Return(
        details=ReceiptDetails(document),
        id=strawberry.ID(reception.return_id),
        unit=unit,
        period=YearMonth(dt.date.fromisoformat(f"{document['period']}-01")),
        revision=document.get("revision") or 1,
        status=ReturnStatus(document["status"]),
        received_at=dt.datetime.fromisoformat(reception.received_at),
        file_name=reception.file_name,
        sha256=reception.sha256,
        rows_accepted=document["rows_accepted"],
        rows_held_out=document["rows_held_out"],
        withdrawn=False,
        locked_out=any(issue["rule"] == "R007" for issue in document["issues"]),
        issue_counts=[
            IssueCount(severity=severity, count=counts[severity]) for severity in Severity if counts[severity]
        ],
    )


def issue_of(issue: dict[str, Any]) -> Issue:
    """An issue as a receipt tells it to the unit itself."""
    return Issue(
        rule=issue["rule"],
        severity=Severity(issue["severity"]),
        sheet=issue["sheet"],
        cell=issue["cell"],
        column=issue["column"],
        label=issue.get("label"),
        found=issue["found"],
        expected=issue["expected"],
        message_zh=issue["message_zh"],
        message_en=issue["message_en"],
    )
