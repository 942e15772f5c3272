"""The words of receipts: severities, statuses, and a message taken apart.

What belongs here: what workbook and terminal say alike. What does not: the rules' own texts, which come from
the catalog and stand in the issues.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Issue = Mapping[str, Any]

#: The sheet of ours in a receipt workbook; ``form.yaml`` lists it among the sheets that are no ledgers.
RECEIPT_SHEET = "校验结果"

#: From the worst on.
SEVERITIES: Mapping[str, str] = {
    "fatal": "退回 fatal",
    "error": "错误 error",
    "warning": "提醒 warning",
    "info": "提示 info",
}
STATUSES: Mapping[str, str] = {
    "ACCEPTED": "全部采纳",
    "ACCEPTED_WITH_ISSUES": "部分采纳",
    "REJECTED": "退回",
}

# What no XML may hold, and what would move a terminal's cursor or colours.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Statement:
    """What an issue says, without its place and what was found there."""

    zh: str
    en: str
    passes_zh: str
    passes_en: str

    @property
    def passes(self) -> str:
        return " / ".join(filter(None, (self.passes_zh, self.passes_en)))


@dataclass(frozen=True)
class _Phrases:
    """How the messages of one language are put together (``etl.intake.findings`` and ``add_issues.sql``)."""

    row: re.Pattern[str]
    colon: str
    found: str
    passes: str
    stop: str
    blank: str


_ZH = _Phrases(re.compile(r" 第 (\d+) 行："), "：", "，填的是“{}”", "。应为：", "。", "")
_EN = _Phrases(re.compile(r" row (\d+): "), ": ", "; found “{}”", ". What passes: ", ".", " ")


def display_width(text: str) -> int:
    """Columns that a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def is_receipt_sheet(name: str) -> bool:
    """Whether a sheet is that of a receipt, maybe of a former one that was sent back."""
    return "".join(name.split()) == RECEIPT_SHEET


def status_words(status: str) -> str:
    """A status in both languages."""
    return f"{STATUSES.get(status, '')} {status}".strip()


def visible(text: object) -> str:
    """A text of strangers without characters that files cannot hold or terminals obey."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", "" if text is None else str(text))


def row_of(issue: Issue) -> int | None:
    """The row that an issue without a cell names."""
    match = None if issue["cell"] else _ZH.row.match(issue["message_zh"].removeprefix(issue["sheet"] or ""))
    return int(match[1]) if match else None


def statement(issue: Issue) -> Statement:
    """The messages of an issue taken apart; a message of another form stays whole."""
    zh, passes_zh = _parted(issue, issue["message_zh"], _ZH)
    en, passes_en = _parted(issue, issue["message_en"], _EN)
    return Statement(visible(zh), visible(en), visible(passes_zh), visible(passes_en))


def _parted(issue: Issue, message: str, phrases: _Phrases) -> tuple[str, str]:
    """What a message says, and what would pass; words after both are a part of what it says."""
    said, passes, rest = message.partition(phrases.passes)
    said = _without_place(said, issue, phrases).removesuffix(phrases.found.format(issue["found"]))
    if not passes:
        return said.removesuffix(phrases.stop), ""
    passing = next((one for one in _sides(issue["expected"] or "") if rest.startswith(one)), None)
    if passing is None:
        return said, rest.removesuffix(phrases.stop)
    more = rest.removeprefix(passing).removeprefix(phrases.stop).strip().removesuffix(phrases.stop)
    return (f"{said}{phrases.stop}{phrases.blank}{more}" if more else said), passing


def _without_place(said: str, issue: Issue, phrases: _Phrases) -> str:
    sheet, cell = issue["sheet"] or "", issue["cell"] or ""
    place = f"{sheet} {cell}".strip()
    if place and said.startswith(f"{place}{phrases.colon}"):
        return said.removeprefix(f"{place}{phrases.colon}")
    row = phrases.row.match(said.removeprefix(sheet))
    return said.removeprefix(sheet)[row.end() :] if sheet and row else said


@functools.lru_cache(maxsize=1024)
def _sides(expected: str) -> tuple[str, ...]:
    """What may be the Chinese or the English side of ``expected``, the longest first."""
    marks = [match.start() for match in re.finditer(" / ", expected)]
    sides = [expected[:at] for at in marks] + [expected[at + 3 :] for at in marks]
    return tuple(sorted(filter(None, sides), key=len, reverse=True))
