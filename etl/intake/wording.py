"""What the issues of one ledger say: meanings and what would pass, from the catalog.

What belongs here: texts for each rule and column of a ledger. What does not: filling in a row's cell and
text, which the SQL of ``checking`` does.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from etl.intake.statements import LedgerStatements
from etl.intake.text import quoted_list
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField

_CELL_RULES = ("R201", "R202", "R203", "R204", "R205", "R206", "R207", "R208", "R209", "R210", "R211", "R107")

_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in (
            "text_key", "rule", "severity", "label", "meaning_zh", "meaning_en", "expected_zh", "expected_en"
        )
    ]
)  # fmt: skip


def issue_texts(catalog: Catalog, statements: LedgerStatements) -> pa.Table:
    """One row a text key of ``LedgerStatements.issues``; ``{detail}`` is left in the meanings."""
    return pa.Table.from_pylist(list(_texts(catalog, statements)), schema=_SCHEMA)


def _texts(catalog: Catalog, statements: LedgerStatements) -> Iterator[dict[str, str]]:
    ledger = statements.ledger
    for field in ledger.stored_fields:
        expected = expected_value(catalog, field)
        for cell_rule in _CELL_RULES:
            yield _entry(catalog, f"{cell_rule} {field.name}", cell_rule, field.title, expected)
    rates = {name: f"{amount.normalize():f}" for name, amount in catalog.rate_amounts.items()}
    event_date = ledger.field(ledger.event_date)
    for index, check in enumerate(statements.row_checks):
        if index < len(ledger.rules):
            rule = ledger.rules[index]
            expected = rule.expected_zh.format(**rates), rule.expected_en.format(**rates)
        else:
            expected = _event_date_expected(catalog)
        label = event_date.title if index >= len(ledger.rules) else ledger.field(check.fields[0]).title
        yield _entry(catalog, check.text_key, check.rule, label, expected)
    yield _entry(catalog, "R310", "R310", _key_label(ledger), ("", ""))


def _entry(catalog: Catalog, key: str, code: str, label: str, expected: tuple[str, str]) -> dict[str, str]:
    rule = catalog.rule_by_code[code]
    zh = {"label": label, "expected": expected[0], "detail": "{detail}"}
    en = {"label": label, "expected": expected[1], "detail": "{detail}"}
    return {
        "text_key": key,
        "rule": code,
        "severity": rule.severity,
        "label": label,
        "meaning_zh": rule.meaning_zh.format(**zh),
        "meaning_en": rule.meaning_en.format(**en),
        "expected_zh": rule.expected_zh.format(**zh),
        "expected_en": rule.expected_en.format(**en),
    }


def _key_label(ledger: Ledger) -> str:
    return "、".join(ledger.field(name).title for name in ledger.primary_key)


def _event_date_expected(catalog: Catalog) -> tuple[str, str]:
    months = catalog.programme.months
    return (
        f"{months[0]:%Y-%m} 至 {months[-1]:%Y-%m} 之间，且不晚于填报月份最后一天的日期",
        f"a date from {months[0]:%Y-%m} to {months[-1]:%Y-%m}, not after the end of the reported month",
    )


def expected_value(catalog: Catalog, field: LedgerField) -> tuple[str, str]:
    """What passes in a cell of a field, in Chinese and English."""
    kind, limits = catalog.expected_by_kind[field.kind], field.constraints
    values = "、".join(limits.enum)
    if field.kind is FieldKind.CHAIN:
        values = quoted_list([chain.name_zh for chain in catalog.chains])
    elif field.kind is FieldKind.CLUSTER:
        values = quoted_list([cluster.name_zh for cluster in catalog.clusters])
    zh, en = [kind.expected_zh.format(values=values)], [kind.expected_en.format(values=values)]
    for limit, word_zh, word_en in (
        (limits.minimum, "不小于", "at least"),
        (limits.exclusive_minimum, "大于", "more than"),
        (limits.maximum, "不大于", "at most"),
    ):
        if limit is not None:
            zh.append(f"{word_zh} {limit}")
            en.append(f"{word_en} {limit}")
    return "，".join(zh), ", ".join(en)
