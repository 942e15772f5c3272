"""Types around returns: what came in, what was found in it, and what was decided about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Protocol

import strawberry

from graphql_api.code_lists import CodeLists, Unit
from graphql_api.connections import Connection, connection
from graphql_api.context import given
from graphql_api.enums import DecisionKind, ReturnStatus, Severity
from graphql_api.fields import resolved
from graphql_api.nodes import Node
from graphql_api.scalars import YearMonth
from warehouse.reading import Reading, decisions, issues, returns
from warehouse.reading.pages import Page

First = Annotated[int, strawberry.argument(description="Most items of the page, 0 to 200 (每页条数).")]
After = Annotated[
    str | None,
    strawberry.argument(description="Cursor behind which the page begins, `pageInfo.endCursor` (游标)."),
]
OfSeverity = Annotated[
    Severity | None, strawberry.argument(description="Issues of this severity only (严重程度).")
]


@strawberry.type(description="How many issues of one severity a return has (问题数).")
class IssueCount:
    """A count by severity."""

    severity: Severity = strawberry.field(description="The severity (严重程度).")
    count: int = strawberry.field(description="Number of issues, above 0 (数量).")


@strawberry.type(description="What was found in a return: which rule, where, and what would pass (校验问题).")
class Issue:
    """An issue."""

    rule: str = strawberry.field(description="Code of the rule, such as R104 (规则编号).")
    severity: Severity = strawberry.field(description="How grave it is (严重程度).")
    sheet: str | None = strawberry.field(description="Sheet of the workbook (工作表).")
    cell: str | None = strawberry.field(description="Cell of the sheet, such as C7 (单元格).")
    column: str | None = strawberry.field(description="Code of the column, as the catalog names it (列代码).")
    label: str | None = strawberry.field(description="Label of the column, as the sheet shows it (列名).")
    found: str | None = strawberry.field(
        description="What stood there; null also where it names a person and is not for the viewer (原值)."
    )
    expected: str = strawberry.field(description="What would pass, in Chinese / English (应填内容).")
    message_zh: str = strawberry.field(description="The whole message in Chinese (中文说明).")
    message_en: str = strawberry.field(description="The whole message in English (英文说明).")


_PERSONAL = "null where it is not for the viewer"


@strawberry.type(description="What undid a decision (撤销).")
class Ending:
    """The end of a decision."""

    id: strawberry.ID = strawberry.field(description="Id of the decision that did it (决定编号).")
    decided_at: dt.datetime = strawberry.field(description="When it was decided (决定时间).")
    decided_by: str | None = strawberry.field(description=f"Who decided; {_PERSONAL} (决定人).")
    note: str | None = strawberry.field(description=f"Why; {_PERSONAL} (理由).")


@strawberry.type(description="What was decided about a return, by whom, when and why (决定).")
class Decision:
    """A decision that bears, or bore, on a return."""

    id: strawberry.ID = strawberry.field(description="Id, in the order of deciding (编号).")
    kind: DecisionKind = strawberry.field(description="What is decided (类别).")
    in_force: bool = strawberry.field(
        description="Whether it stood when the publication was built (是否有效)."
    )
    decided_at: dt.datetime = strawberry.field(description="When it was decided (决定时间).")
    decided_by: str | None = strawberry.field(description=f"Who decided; {_PERSONAL} (决定人).")
    note: str | None = strawberry.field(description=f"Why; {_PERSONAL} (理由).")
    rule: str | None = strawberry.field(description="ACCEPT: the rule that is set aside (规则编号).")
    sheet: str | None = strawberry.field(description="ACCEPT: the sheet it is limited to (工作表).")
    row: int | None = strawberry.field(description="ACCEPT: the row of the sheet it is limited to (行号).")
    until: dt.date | None = strawberry.field(description="ACCEPT: the last day on which it holds (有效期至).")
    ledger: str | None = strawberry.field(description="CORRECT: the ledger, as the catalog names it (台账).")
    column: str | None = strawberry.field(
        description="CORRECT: the column, as the catalog names it (列代码)."
    )
    expected: str | None = strawberry.field(description=f"CORRECT: what the cell reads; {_PERSONAL} (原值).")
    corrected: str | None = strawberry.field(description=f"CORRECT: what it means; {_PERSONAL} (更正为).")
    ended: Ending | None = strawberry.field(description="What undid it; null while nothing has (撤销).")


class Details(Protocol):
    """What belongs to a return, and is read when it is asked for."""

    def issues(
        self, return_id: str, severity: Severity | None, first: int, after: str | None
    ) -> Connection[Issue]:
        """A page of its issues."""

    def decisions(self, return_id: str) -> list[Decision]:
        """What was decided about it."""


class ReturnDetails:
    """What belongs to the returns of one list: read for all of them with the first that is asked for."""

    def __init__(self, reading: Reading, ids: Sequence[str]) -> None:
        self._reading = reading
        self._ids = ids
        self._pages: dict[tuple[Severity | None, int, str | None], dict[str, Page[issues.Issue]]] = {}
        self._decisions: dict[str, tuple[decisions.Decision, ...]] | None = None

    def issues(
        self, return_id: str, severity: Severity | None, first: int, after: str | None
    ) -> Connection[Issue]:
        key = (severity, first, after)
        if key not in self._pages:
            self._pages[key] = issues.issues(self._reading, self._ids, *key)
        return connection(self._pages[key][return_id], _issue)

    def decisions(self, return_id: str) -> list[Decision]:
        if self._decisions is None:
            self._decisions = decisions.decisions(self._reading, self._ids)
        return [_decision(each) for each in self._decisions[return_id]]


@strawberry.type(description="One file of one unit and month, as it was received and checked (报表).")
class Return(Node):
    """A return of known unit and month."""

    details: strawberry.Private[Details]
    id: strawberry.ID = strawberry.field(description="Id, in the order of reception (编号).")
    unit: Unit = strawberry.field(description="The unit that reports (填报单位).")
    period: YearMonth = strawberry.field(description="The month reported on (统计月份).")
    revision: int = strawberry.field(description="1, 2, 3 … among the returns of its unit and month (版次).")
    status: ReturnStatus = strawberry.field(description="What has become of it (状态).")
    received_at: dt.datetime = strawberry.field(description="When it was received (接收时间).")
    file_name: str = strawberry.field(description="The file's name as it came (文件名).")
    sha256: str = strawberry.field(description="SHA-256 of the file's bytes, in hexadecimal (文件校验值).")
    rows_accepted: int = strawberry.field(description="Rows that were accepted (采纳行数).")
    rows_held_out: int = strawberry.field(description="Rows that were held out for an error (未采纳行数).")
    withdrawn: bool = strawberry.field(
        description="Whether it was decided that it does not count; its status is then REPLACED, or REJECTED "
        "as before (是否已撤回)."
    )
    locked_out: bool = strawberry.field(
        description="Whether it came after its month was signed off, by a lock that stands: it is REJECTED "
        "(是否因锁定退回)."
    )
    issue_counts: list[IssueCount] = strawberry.field(
        description="Number of issues by severity, the gravest first; severities without any are left out "
        "(问题统计)."
    )

    @resolved(description="The issues, in the order of the file (问题清单).")
    def issues(
        self,
        severity: OfSeverity = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> Connection[Issue]:
        """A page of issues."""
        return self.details.issues(self.id, given(severity), first, given(after))

    @resolved(
        description="What was decided about it, in force or not, in the order of deciding: locks of its "
        "month from before it, waivers, withdrawals, corrections of its unit and month (决定)."
    )
    def decisions(self) -> list[Decision]:
        """All of them."""
        return self.details.decisions(self.id)


@strawberry.type(
    description="A file of which the unit or the month is unknown; it is always rejected (未能识别的报表)."
)
class UnassignedReturn(Node):
    """A return that belongs to no unit or month."""

    details: strawberry.Private[Details]
    id: strawberry.ID = strawberry.field(description="Id, in the order of reception (编号).")
    unit: Unit | None = strawberry.field(description="The unit, where only the month is unknown (填报单位).")
    period: YearMonth | None = strawberry.field(
        description="The month, where only the unit is unknown (统计月份)."
    )
    status: ReturnStatus = strawberry.field(description="What has become of it (状态).")
    received_at: dt.datetime = strawberry.field(description="When it was received (接收时间).")
    file_name: str = strawberry.field(description="The file's name as it came (文件名).")
    sha256: str = strawberry.field(description="SHA-256 of the file's bytes, in hexadecimal (文件校验值).")
    issue_counts: list[IssueCount] = strawberry.field(
        description="Number of issues by severity, the gravest first (问题统计)."
    )

    @resolved(description="The issues: why the unit or the month is not known (问题清单).")
    def issues(
        self,
        severity: OfSeverity = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> Connection[Issue]:
        """A page of issues."""
        return self.details.issues(self.id, given(severity), first, given(after))


class ReturnsById:
    """The returns behind one list of things: read for all of them with the first that is asked for."""

    def __init__(self, reading: Reading, codes: CodeLists, ids: Sequence[str]) -> None:
        self._reading = reading
        self._codes = codes
        self._ids = ids
        self._found: dict[str, Return] | None = None

    def get(self, return_id: str) -> Return | None:
        """The return; None when it is unknown, or of an unknown unit or month."""
        if self._found is None:
            details = ReturnDetails(self._reading, self._ids)
            self._found = {
                each.id: return_type(each, self._codes, details)
                for each in returns.returns_by_id(self._reading, self._ids).values()
            }
        return self._found.get(return_id)


def return_type(each: returns.Return, codes: CodeLists, details: ReturnDetails) -> Return:
    """A return as a GraphQL object; ``details`` is shared by the returns of its list."""
    return Return(
        details=details,
        id=strawberry.ID(each.id),
        unit=codes.units[each.unit],
        period=YearMonth(each.period),
        revision=each.revision,
        status=each.status,
        received_at=each.received_at,
        file_name=each.file_name,
        sha256=each.sha256,
        rows_accepted=each.rows_accepted,
        rows_held_out=each.rows_held_out,
        withdrawn=each.withdrawn,
        locked_out=each.locked_out,
        issue_counts=_counts(each.issue_counts),
    )


def unassigned_return_type(
    each: returns.UnassignedReturn, codes: CodeLists, details: ReturnDetails
) -> UnassignedReturn:
    """The same for a return of unknown unit or month."""
    return UnassignedReturn(
        details=details,
        id=strawberry.ID(each.id),
        unit=codes.unit(each.unit),
        period=None if each.period is None else YearMonth(each.period),
        status=each.status,
        received_at=each.received_at,
        file_name=each.file_name,
        sha256=each.sha256,
        issue_counts=_counts(each.issue_counts),
    )


def _counts(counts: Sequence[tuple[Severity, int]]) -> list[IssueCount]:
    return [IssueCount(severity=severity, count=count) for severity, count in counts]


def _issue(each: issues.Issue) -> Issue:
    return Issue(
        rule=each.rule,
        severity=each.severity,
        sheet=each.sheet,
        cell=each.cell,
        column=each.column,
        label=each.label,
        found=each.found,
        expected=each.expected,
        message_zh=each.message_zh,
        message_en=each.message_en,
    )


def _decision(each: decisions.Decision) -> Decision:
    ended = each.ended
    return Decision(
        id=strawberry.ID(each.id),
        kind=each.kind,
        in_force=each.in_force,
        decided_at=each.at,
        decided_by=each.by,
        note=each.note,
        rule=each.rule,
        sheet=each.sheet,
        row=each.row,
        until=each.until,
        ledger=each.ledger,
        column=each.column,
        expected=each.expected,
        corrected=each.corrected,
        ended=None
        if ended is None
        else Ending(id=strawberry.ID(ended.id), decided_at=ended.at, decided_by=ended.by, note=ended.note),
    )
