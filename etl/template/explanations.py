"""What a column is for and what passes in it, in words: for notes, messages and instructions alike.

What belongs here: texts made of the catalog's declarations. What does not: where they stand (``ledgers``,
``instructions``), what a cell refuses (``validations``).
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

from etl.intake.wording import expected_value
from etl.template.words import Words
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField

Need = Literal["required", "conditional", "optional"]


@dataclass(frozen=True)
class Explanation:
    """All that there is to say of a column; texts that a column has not are empty."""

    title: str
    kind: str
    need: Need
    need_zh: str
    need_en: str
    meaning_zh: str
    meaning_en: str
    expected_zh: str
    expected_en: str
    example: str
    rules_zh: tuple[str, ...]
    rules_en: tuple[str, ...]

    def note(self, words: Words) -> str:
        """The note at the column's head: Chinese, then English."""
        lines = [f"{self.title}（{self.need_zh}）", self.meaning_zh]
        lines.append(f"{words.passes}：{self.expected_zh}")
        if self.example and self.example not in self.expected_zh:
            lines.append(f"{words.example}：{self.example}")
        if self.rules_zh:
            lines.append(f"{words.rules}：{'；'.join(self.rules_zh)}")
        lines.append(f"{self.meaning_en} ({self.need_en})")
        lines.append(f"{words.passes_en}: {self.expected_en}")
        if self.rules_en:
            lines.append(f"{words.rules_en}: {'; '.join(self.rules_en)}")
        return "\n".join(filter(None, lines))


def explain(
    catalog: Catalog, words: Words, ledger: Ledger, field: LedgerField, month: dt.date
) -> Explanation:
    """The words for a column of a ledger in the form of a month."""
    expected_zh, expected_en = _expected(catalog, words, ledger, field, month)
    need, need_zh, need_en = _need(words, field)
    rules = [rule for rule in ledger.rules if field.name in rule.fields]
    rates = rate_texts(catalog)
    return Explanation(
        title=field.title,
        kind=words.kinds[field.kind],
        need=need,
        need_zh=need_zh,
        need_en=need_en,
        meaning_zh=field.description_zh or "",
        meaning_en=field.description,
        expected_zh=expected_zh,
        expected_en=expected_en,
        example=example(catalog, words, field, month),
        rules_zh=tuple(rule.expected_zh.format(**rates) for rule in rules),
        rules_en=tuple(rule.expected_en.format(**rates) for rule in rules),
    )


def rate_texts(catalog: Catalog) -> dict[str, str]:
    """The rates as they stand in the rules' texts."""
    return {name: f"{amount.normalize():f}" for name, amount in catalog.rate_amounts.items()}


def event_dates(catalog: Catalog, month: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day on which an event may lie that a return of the month reports (R307)."""
    first = catalog.programme.months[0]
    return first, month.replace(day=calendar.monthrange(month.year, month.month)[1])


def example(catalog: Catalog, words: Words, field: LedgerField, month: dt.date) -> str:
    """A text that passes in a column; empty where none is declared."""
    match field.kind:
        case _ if field.example is not None:
            return field.example
        case FieldKind.ENUM:
            return field.constraints.enum[0]
        case FieldKind.CHAIN:
            return catalog.chains[0].name_zh
        case FieldKind.CLUSTER:
            return catalog.clusters[0].name_zh
        case FieldKind.BOOLEAN:
            return catalog.programme.true_values[0]
        case FieldKind.DATE:
            return f"{month:%Y-%m}-05"
        case _:
            return words.examples.get(field.kind, "")


def _expected(
    catalog: Catalog, words: Words, ledger: Ledger, field: LedgerField, month: dt.date
) -> tuple[str, str]:
    if field.name != ledger.event_date:
        return expected_value(catalog, field)
    first, last = event_dates(catalog, month)
    given = {"first": first, "last": last, "example": example(catalog, words, field, month)}
    return words.cell.event_date.format(**given), words.event_date_en.format(**given)


def _need(words: Words, field: LedgerField) -> tuple[Need, str, str]:
    if field.constraints.required:
        return "required", words.required, words.required_en
    if field.required_when_zh is not None and field.required_when_en is not None:
        return "conditional", field.required_when_zh, field.required_when_en
    return "optional", words.optional, words.optional_en
