"""What is told of a return to those who may not see what stands in it.

What belongs here: the words that take the place of a county's own, which may name persons or tell small
numbers. What does not: who may see what (``viewer``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from warehouse.catalog import load_catalog
from warehouse.catalog.model import Rule

_HIDDEN = "…"
#: What stands between the words of a file's name, and what is said of its month and edition.
_PLAIN = re.compile(
    r"[\W\d_]|年|月|份|第|稿|定稿|终稿|最终|最新|修订|更正|补报|重报|报送|上报|报表|月报|汇总|统计|台账|工会|总|版|表|v|final|copy",
    re.IGNORECASE,
)


def file_name_for_all(file_name: str, return_id: str) -> str:
    """The name itself where it holds nothing but units, months and words of the programme.

    Otherwise the return's id in its place: a county may have written who filled the form in.
    """
    path = PurePath(file_name)
    rest = _names().sub("", path.stem) if _names().pattern else path.stem
    suffix = path.suffix if re.fullmatch(r"\.[A-Za-z]{1,7}", path.suffix) else ""
    return file_name if suffix and not _PLAIN.sub("", rest) else f"{return_id}{suffix}"


def issue_for_all(row: dict[str, Any]) -> dict[str, Any]:
    """An issue's row with the rule's words alone: where, which rule, what would pass.

    Contents of cells and figures are left out, and so are names of sheets and columns that the catalog does
    not know.
    """
    catalog = load_catalog()
    ledger = catalog.ledger_by_name.get(row["ledger"] or "")
    column, rule = row["column_name"], catalog.rule_by_code.get(row["rule"])
    known = ledger is not None and column is not None and ledger.has_field(column)
    label = ledger.field(column).title if ledger is not None and known else None
    sheet = ledger.title if ledger is not None else None
    place = " ".join(part for part in (sheet, row["cell"]) if part)
    words: defaultdict[str, str] = defaultdict(
        lambda: _HIDDEN, label=label or _HIDDEN, sheet=sheet or _HIDDEN, ledger=sheet or _HIDDEN
    )
    meaning_zh = rule.meaning_zh.format_map(words) if rule else row["rule"]
    meaning_en = rule.meaning_en.format_map(words) if rule else row["rule"]
    expected_zh, _, expected_en = row["expected"].partition(" / ")
    return {
        **row,
        "sheet": sheet,
        "column_name": column if known else None,
        "label": label,
        "found": None,
        "message_zh": f"{place}：{meaning_zh}。应为：{expected_zh}。".removeprefix("："),
        "message_en": f"{place}: {meaning_en}. What passes: {expected_en}.".removeprefix(": "),
    }


def rule_for_all(rule: Rule) -> dict[str, str]:
    """The words of a rule, with … for what they say of a certain cell."""
    words: defaultdict[str, str] = defaultdict(lambda: _HIDDEN)
    return {
        name: getattr(rule, name).format_map(words)
        for name in ("meaning_zh", "meaning_en", "expected_zh", "expected_en")
    }


@lru_cache(1)
def _names() -> re.Pattern[str]:
    """Every name of a unit and of a ledger, the longest first."""
    catalog = load_catalog()
    names = {name for unit in catalog.units for name in (unit.unit, *unit.names)}
    names |= {name for ledger in catalog.ledgers for name in (ledger.name, ledger.title)}
    longest_first = sorted((name for name in names if name), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
