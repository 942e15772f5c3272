"""Issues that are found while a file is read, before its rows are checked together.

What belongs here: one issue as an object, and its texts from the catalog's register of rules.
What does not: issues of rows, which are made set-based (``checking``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from etl.intake.personal import masked
from warehouse.catalog import Catalog

#: A text longer than this is cut where an issue quotes it.
QUOTE_LENGTH = 100


@dataclass(frozen=True)
class Finding:
    """One broken rule; ``details`` and the two ``detail`` texts fill the placeholders of the rule's texts."""

    rule: str
    sheet: str | None = None
    ledger: str | None = None
    cell: str | None = None
    column_name: str | None = None
    label: str | None = None
    found: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    detail_zh: str = ""
    detail_en: str = ""


def is_fatal(catalog: Catalog, finding: Finding) -> bool:
    """Whether a finding rejects its return."""
    return catalog.rule_by_code[finding.rule].severity == "fatal"


def texts(catalog: Catalog, finding: Finding) -> dict[str, str | None]:
    """``found``, ``expected`` and the messages of a finding; none quotes a personal number."""
    rule = catalog.rule_by_code[finding.rule]
    found = masked(finding.found)[:QUOTE_LENGTH] if finding.found else None
    common = {
        "sheet": finding.sheet or "",
        "ledger": catalog.ledger_by_name[finding.ledger].title if finding.ledger else "",
        "label": masked(finding.label or ""),
        "found": found or "",
        **{name: masked(text) for name, text in finding.details.items()},
    }
    zh = {**common, "detail": masked(finding.detail_zh)}
    en = {**common, "detail": masked(finding.detail_en or finding.detail_zh)}
    expected_zh, expected_en = rule.expected_zh.format(**zh), rule.expected_en.format(**en)
    place = " ".join(filter(None, (finding.sheet, finding.cell)))
    problem_zh = _quoting(rule.meaning_zh.format(**zh), "，填的是", found)
    problem_en = _quoting(rule.meaning_en.format(**en), "; found ", found)
    return {
        "found": found,
        "expected": f"{expected_zh} / {expected_en}",
        "message_zh": f"{place}{'：' if place else ''}{problem_zh}。应为：{expected_zh}。",
        "message_en": f"{place}{': ' if place else ''}{problem_en}. What passes: {expected_en}.",
    }


def _quoting(meaning: str, phrase: str, found: str | None) -> str:
    """The meaning with what was found, where it does not quote it already."""
    return meaning if found is None or found in meaning else f"{meaning}{phrase}“{found}”"
