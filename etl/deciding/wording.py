"""Decisions in words.

What belongs here: what a decision is about, and that a correction is stale. What does not: why a decision is
not taken (``acts``, ``corrections``), the texts themselves (``words``).
"""

from __future__ import annotations

from typing import Any

from etl.deciding.words import Words, words
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
    kind = words(f"kind_{decision.kind}").in_line
    what = _correction(about, catalog) if about.expect is not None else _simple(about)
    if decision.ends is not None and decision.kind is Kind.REVOKE:
        return f"{kind} {decision.ends} ({what})"
    return f"{kind} {what}"


def _simple(about: About) -> str:
    if about.return_id is None:
        return about.period or ""
    parts = [about.return_id]
    if about.rule is not None:
        parts.append(about.rule)
    if about.sheet is not None:
        parts.append(f"{words('about_sheet').in_line} {about.sheet}")
    if about.row is not None:
        parts.append(f"{words('about_row').in_line} {about.row}")
    if about.until is not None:
        parts.append(f"{words('about_until').in_line} {about.until}")
    return " ".join(parts)


def _correction(about: About, catalog: Catalog) -> str:
    unit = catalog.unit_by_code.get(about.unit or "")
    title, titles = _titles(catalog.ledger_by_name.get(about.ledger or ""), about.ledger or "")
    conditions = ", ".join(f"{titles.get(name, name)} “{text}”" for name, text in about.where.items())
    where = f" {words('about_where').in_line} {conditions}" if conditions else ""
    return (
        f"{unit.name_zh if unit else about.unit} {about.period} {title}"
        f" {titles.get(about.column or '', about.column)} “{about.expect}” → “{about.value}”{where}"
    )


def _titles(ledger: Ledger | None, name: str) -> tuple[str, dict[str, str]]:
    """A ledger's title and those of its columns, as far as the catalog still knows them."""
    if ledger is None:
        return name, {}
    return ledger.title, {field.name: field.title for field in ledger.fields}


def stale_words(stale: StaleCorrection, catalog: Catalog) -> Words:
    """That no cell shows what a correction expects any more, and what to do."""
    unit, ledger = catalog.unit_by_code.get(stale.unit), catalog.ledger_by_name.get(stale.ledger)
    title, titles = _titles(ledger, stale.ledger)
    return words(
        "stale",
        decision=stale.decision,
        unit=Words(unit.name_zh, unit.name_en) if unit else stale.unit,
        period=f"{stale.period:%Y-%m}",
        ledger=title,
        column=titles.get(stale.column, stale.column),
        expected=stale.expected,
        corrected=stale.corrected,
    )
