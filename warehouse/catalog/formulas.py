"""What an indicator adds up, in words: the formula that its declaration is.

What belongs here: declared filters and values as phrases in Chinese and English. What does not: the same as
SQL (``expressions``), what the indicator means (its definition in the catalog).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from warehouse.catalog.expressions import IN_7510
from warehouse.catalog.model import Filter, Indicator, Ledger


def formula(indicator: Indicator, ledgers: Sequence[Ledger]) -> tuple[str, str]:
    """The formula over these ledgers, Chinese and English."""
    value = indicator.value
    sources_zh = "、".join(f"《{ledger.title}》" for ledger in ledgers)
    sources_en = ", ".join(f"{ledger.title} ({ledger.name})" for ledger in ledgers)
    if value.ratio is not None:
        above_zh, above_en = _conditions(value.ratio.numerator, ledgers)
        below_zh, below_en = _conditions(value.ratio.denominator, ledgers)
        chinese = f"100 × 分子 ÷ 分母，均为{sources_zh}的行数；分子：{above_zh}；分母：{below_zh}"
        english = f"100 × numerator ÷ denominator, both numbers of rows of {sources_en}; "
        return chinese, f"{english}numerator: {above_en}; denominator: {below_en}"
    where_zh, where_en = _conditions(indicator.where, ledgers)
    if value.count:
        return (
            f"{sources_zh}的行数，每行计 1；条件：{where_zh}",
            f"number of rows of {sources_en}, each counts 1; condition: {where_en}",
        )
    title = _title(value.sum or "", ledgers)
    return (
        f"{sources_zh}中“{title}”之和，空白计 0；条件：{where_zh}",
        f"sum of {title} ({value.sum}) over rows of {sources_en}, blank adds 0; condition: {where_en}",
    )


def value_column(indicator: Indicator, ledger: Ledger) -> str:
    """The column that a row's share is read from: what is added up, else what names the event."""
    return indicator.value.sum or ledger.primary_key[0]


def _conditions(where: Filter, ledgers: Sequence[Ledger]) -> tuple[str, str]:
    parts = [*_parts(where, ledgers)]
    if not parts:
        return "所有行", "every row"
    return "，且".join(zh for zh, _ in parts), " and ".join(en for _, en in parts)


def _parts(where: Filter, ledgers: Sequence[Ledger]) -> Iterator[tuple[str, str]]:
    for column, wanted in where.items():
        title = _title(column, ledgers)
        if column == IN_7510:
            yield (
                "属于重点产业链或产业集群" if wanted else "不属于任何重点产业链和产业集群",
                f"{'in' if wanted else 'outside'} the key chains and clusters",
            )
        elif wanted == "given":
            yield f"已填写“{title}”", f"{title} ({column}) is filled in"
        elif isinstance(wanted, bool):
            word_zh, word_en = ("是", "yes") if wanted else ("否", "no")
            yield f"“{title}”为{word_zh}", f"{title} ({column}) is {word_en}"
        else:
            values = _listed(wanted)
            one_of = "one of " if len(wanted) > 1 else ""
            yield f"“{title}”为{values}", f"{title} ({column}) is {one_of}{values}"


def _listed(values: Iterable[str]) -> str:
    return "、".join(values)


def _title(column: str, ledgers: Sequence[Ledger]) -> str:
    return next((ledger.field(column).title for ledger in ledgers if ledger.has_field(column)), column)
