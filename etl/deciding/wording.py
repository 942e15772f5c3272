"""Decisions in words.

What belongs here: what a decision is about, and that a correction is stale. What does not: why a decision is
not taken (``acts``, ``corrections``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warehouse.catalog import Catalog, Ledger
from warehouse.decisions import About, Decision, Kind
from warehouse.reading.decisions import StaleCorrection


def as_document(decision: Decision) -> dict[str, Any]:
    """A decision for programs; what it is not about is left out."""
    about = {name: part for name, part in vars(decision.about).items() if part not in (None, {})}
    document: dict[str, Any] = {
        "id": decision.id,
        "kind": decision.kind.value,
        "by": decision.by,
        "at": decision.at,
        "note": decision.note,
        "last_sequence": decision.last_sequence,
        **about,
    }
    return {**document, "ends": decision.ends} if decision.ends else document


def in_words(decision: Decision, catalog: Catalog) -> str:
    """What was decided, in one line."""
    about = decision.about
    words = _correction(about, catalog) if about.expect is not None else _simple(about)
    if decision.ends is not None and decision.kind is Kind.REVOKE:
        return f"revoke {decision.ends} ({words})"
    return f"{decision.kind} {words}"


def _simple(about: About) -> str:
    if about.return_id is None:
        return about.period or ""
    parts = [about.return_id]
    if about.rule is not None:
        parts.append(about.rule)
    if about.sheet is not None:
        parts.append(f"sheet {about.sheet}")
    if about.row is not None:
        parts.append(f"row {about.row}")
    if about.until is not None:
        parts.append(f"until {about.until}")
    return " ".join(parts)


def _correction(about: About, catalog: Catalog) -> str:
    unit = catalog.unit_by_code.get(about.unit or "")
    title, titles = _titles(catalog.ledger_by_name.get(about.ledger or ""), about.ledger or "")
    where = ", ".join(f"{titles.get(name, name)} “{text}”" for name, text in about.where.items())
    return (
        f"{unit.name_zh if unit else about.unit} {about.period} {title}"
        f" {titles.get(about.column or '', about.column)} “{about.expect}” → “{about.value}”"
        f"{f' where {where}' if where else ''}"
    )


def _titles(ledger: Ledger | None, name: str) -> tuple[str, dict[str, str]]:
    """A ledger's title and those of its columns, as far as the catalog still knows them."""
    if ledger is None:
        return name, {}
    return ledger.title, {field.name: field.title for field in ledger.fields}


def stale_words(stale: StaleCorrection, catalog: Catalog) -> Iterator[str]:
    """That no cell shows what a correction expects any more, and what to do: in Chinese, then in English."""
    unit, ledger = catalog.unit_by_code.get(stale.unit), catalog.ledger_by_name.get(stale.ledger)
    name_zh, name_en = (unit.name_zh, unit.name_en) if unit else (stale.unit, stale.unit)
    title, titles = _titles(ledger, stale.ledger)
    column = titles.get(stale.column, stale.column)
    month, command = f"{stale.period:%Y-%m}", f"union7510 revoke {stale.decision} --note …"
    yield (
        f"更正 {stale.decision} 已失效：{name_zh} {month} 有效的“{title}”中，“{column}”"
        f"已没有一处是“{stale.expected}”（原应更正为“{stale.corrected}”）。"
        f"请核对来源；来源已改正的，用 {command} 撤销本更正。"
    )
    yield (
        f"correction {stale.decision} is stale: in {name_en}'s {title} for {month}, as far as it"
        f" is in force, no “{column}” reads “{stale.expected}” any more (to be “{stale.corrected}”). Compare"
        f" the source; where it was mended, end the correction with {command}."
    )
