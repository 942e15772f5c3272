"""What the sheet 校验结果 says, as plain data.

What belongs here: the words and the order of that sheet. What does not: where they stand (``layout``), how a
library writes them (``annotated``, ``fresh``).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from etl.receipts.documents import Document
from etl.receipts.grouping import grouped
from etl.receipts.wording import SEVERITIES, Issue, row_of, statement, status_words, visible

if TYPE_CHECKING:
    from warehouse.catalog import Catalog

#: The county's own file, a new one with the cells as they were read, or a new one with this sheet only.
Kind = Literal["own", "copy", "list"]

#: So many issues are listed, coloured and commented; the rest is counted.
MOST_LINES = 20_000
#: So many cells are commented: with 3,000 comments LibreOffice takes half a minute to open a file.
MOST_COMMENTS = 1_000

#: Rules whose cells hold what is never kept: a receipt does not hand it on either.
_PERSONAL_RULES = frozenset({"R211"})
_PLACEHOLDER = re.compile(r"[（ ]*[（(]?\{detail\}[）)]?|“?\{\w+\}”?")


@dataclass(frozen=True)
class Line:
    """One issue; ``place`` is its cell, or the first cell of its row, where it has one.

    ``remark`` is what a comment says of it, without its place. ``emptied`` says what of the file is not
    handed on: the cell, or all below it.
    """

    severity: str
    rule: str
    sheet: str
    place: str
    is_cell: bool
    column: str
    found: str
    expected: str
    message_zh: str
    message_en: str
    remark: str
    emptied: str = ""


@dataclass(frozen=True)
class Count:
    """A rule's issues, listed or not."""

    rule: str
    severity: str
    count: int
    sheets: str
    meaning_zh: str
    meaning_en: str


@dataclass(frozen=True)
class Page:
    """The whole sheet; ``omitted`` says what the list or the comments leave out, if they do."""

    title: str
    facts: tuple[tuple[str, str | int], ...]
    advice: str
    lines: tuple[Line, ...]
    omitted: str
    counts: tuple[Count, ...]

    def in_order_of(self, sheet_names: Sequence[str]) -> Page:
        """With the lines in the order of a workbook's sheets; what concerns the whole file comes first."""
        order = {name: number for number, name in enumerate(sheet_names)}
        return replace(self, lines=tuple(sorted(self.lines, key=lambda line: order.get(line.sheet, -1))))


def make_page(
    document: Document, file_name: str, catalog: Catalog, kind: Kind, is_senders_own: bool = False
) -> Page:
    """The sheet of a receipt for a workbook of this kind; in a sender's own hands no cell is emptied."""
    issues = grouped(document["issues"])
    unit = catalog.unit_by_code[document["unit"]].name_zh if document["unit"] else ""
    listed = issues[:MOST_LINES]
    return Page(
        title=" · ".join(filter(None, ("校验结果 Receipt", unit, document["period"]))),
        facts=(
            ("回执 Return", visible(document["id"])),
            ("文件 File", visible(file_name)),
            ("单位 Unit", f"{document['unit']} {unit}" if unit else "不明 unknown"),
            ("月份 Month", document["period"] or "不明 unknown"),
            ("采纳行数 Rows accepted", document["rows_accepted"]),
            ("结果 Status", status_words(document["status"])),
            ("未采纳行数 Rows held out", document["rows_held_out"]),
            ("问题 Issues", _severity_counts(issues)),
        ),
        advice=_advice(document, kind),
        lines=tuple(_line(issue, is_senders_own) for issue in listed),
        omitted=_omitted(len(issues) - len(listed), len(listed) if kind != "list" else 0),
        counts=tuple(_counts(issues, catalog)),
    )


def _severity_counts(issues: Sequence[Issue]) -> str:
    counts = Counter(issue["severity"] for issue in issues)
    parts = [f"{words} {counts[name]:,}" for name, words in SEVERITIES.items() if counts[name]]
    return "，".join(parts) or "没有 none"


def _advice(document: Document, kind: Kind) -> str:
    if not document["issues"]:
        return "没有发现问题，无需修改。\nNo issues were found; there is nothing to change."
    if kind == "list":
        return (
            "请在原文件中按下表逐一改正后重新报送。\nMend your own file as listed below, and send it again."
        )
    anew = kind == "copy"
    return (
        "请在本文件中逐一改正标色的单元格（批注写明原因），保存后用原来的方式重新报送；本表会自动忽略，不必删除。"
        + ("本文件只含读到的数据，不含原格式。" if anew else "")
        + "\nMend the coloured cells in this file (each comment says why), save it and send it again as "
        "before; this sheet is ignored and may stay."
        + (" It holds the cells as they were read, without your formats." if anew else "")
    )


def _omitted(unlisted: int, marked: int) -> str:
    parts = []
    if unlisted:
        parts.append(
            f"另有 {unlisted:,} 处问题未列出、未标色，请先改正已列出的，再校验一次。"
            f" {unlisted:,} more issues are neither listed nor coloured: mend those listed, then check again."
        )
    if marked > MOST_COMMENTS:
        parts.append(
            f"批注只写在前 {MOST_COMMENTS:,} 个单元格，其余只标色，原因见本表。"
            f" Only the first {MOST_COMMENTS:,} cells are commented; the reasons of all stand here."
        )
    return "\n".join(parts)


def _line(issue: Issue, is_senders_own: bool) -> Line:
    said, row = statement(issue), row_of(issue)
    cell = issue["cell"] or ""
    emptied = issue["rule"] in _PERSONAL_RULES and bool(cell) and not is_senders_own
    severity = SEVERITIES.get(issue["severity"], issue["severity"])
    remark_zh = f"{said.zh}{_quoted('，填的是', issue['found'])}。" + (
        f"应为：{said.passes_zh}。" if said.passes_zh else ""
    )
    remark_en = f"{said.en}{_quoted('; found ', issue['found'])}." + (
        f" What passes: {said.passes_en}." if said.passes_en else ""
    )
    if emptied:
        remark_zh += "本回执中已删去。"
        remark_en += " It was removed from this receipt."
    return Line(
        severity=issue["severity"],
        rule=issue["rule"],
        sheet=visible(issue["sheet"]),
        place=cell or (f"A{row}" if row else ""),
        is_cell=bool(cell),
        column=visible(issue.get("label") or issue["column"]),
        found=visible(issue["found"]),
        expected=visible(issue["expected"]),
        message_zh=visible(issue["message_zh"]),
        message_en=visible(issue["message_en"]),
        remark=f"{severity} {issue['rule']}\n{remark_zh}\n{remark_en}",
        emptied=("cell" if issue["column"] else "below") if emptied else "",
    )


def _quoted(phrase: str, found: str | None) -> str:
    return f"{phrase}“{visible(found)}”" if found else ""


def _counts(issues: Sequence[Issue], catalog: Catalog) -> list[Count]:
    """A rule may have issues of two severities, such as where a decision lets a row count."""
    sheets: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for issue in issues:
        sheets[issue["rule"], issue["severity"]][visible(issue["sheet"])] += 1
    found = []
    for (rule, severity), counted in sorted(sheets.items()):
        register = catalog.rule_by_code.get(rule)
        found.append(
            Count(
                rule,
                severity,
                counted.total(),
                "、".join(filter(None, counted)),
                _general(register.meaning_zh) if register else "",
                _general(register.meaning_en) if register else "",
            )
        )
    return found


def _general(meaning: str) -> str:
    """A rule's meaning without the words of one issue."""
    return _PLACEHOLDER.sub(lambda match: "" if "detail" in match[0] else "“…”", meaning)
