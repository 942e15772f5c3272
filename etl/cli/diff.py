"""The command ``publications diff``: which figures are not the same, by how much, and by which returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from etl.cli.asking import TABLE_WIDTH, exact, month_span, shown, signed
from etl.cli.output import json_option, print_json
from warehouse.history.code_lists import CatalogChange
from warehouse.history.comparing import (
    Amount,
    Cause,
    Change,
    ChangedDecision,
    ChangedReturn,
    Changes,
    Comparison,
    Reclassification,
    compare,
)
from warehouse.history.manifest import Manifest
from warehouse.publications import PublicationNotFound, PublicationStore, Readers
from warehouse.reading import Reading, Viewer
from warehouse.settings import Home

#: So many lines of a kind are shown where nobody says how many.
_LIMIT = 60
#: So many returns, and months, are named in a line.
_NAMED = 4

Names = Mapping[str, str]


@click.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--indicator", help="Only figures of this indicator.")
@click.option("--unit", help="Only figures of this unit (its code).")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help=f"So many figures of a kind at most; by default {_LIMIT}, with --json all. All are counted.",
)
@json_option
def diff_command(
    before: str, after: str, indicator: str | None, unit: str | None, limit: int | None, as_json: bool
) -> None:
    """Compare publication A with publication B.

    Which figures differ, by how much, and by which returns that came, went, were replaced or checked again.
    """
    store = PublicationStore(Home.from_environment())
    if limit is None and not as_json:
        limit = _LIMIT
    try:
        if store.full_id(before) == store.full_id(after):
            raise click.UsageError(f"A and B are the same publication, {store.full_id(before)}")
        names = _names(store, before, after)
        _check(indicator, "indicator", names)
        _check(unit, "unit", names)
        found = compare(store, before, after, indicator=indicator, unit=unit, limit=limit)
    except PublicationNotFound as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json(_document(found))
    else:
        _print(found, names)


def _names(store: PublicationStore, *publications: str) -> Names:
    """Names of what is told; those of the last publication go before."""
    names: dict[str, str] = {}
    readers = Readers(store)
    for publication_id in publications:
        with readers.open(publication_id) as reader:
            catalogue = Reading.of(reader, Viewer.CITY).catalogue
        names |= {one.code: one.name_zh for one in catalogue.units}
        names |= {one.code: one.name_zh for one in catalogue.indicators}
        names |= {one.code: one.name_zh for one in catalogue.chains}
        names |= {one.code: one.name_zh for one in catalogue.clusters}
    readers.close()
    return names


def _check(code: str | None, what: str, names: Names) -> None:
    if code is not None and code not in names:
        raise click.UsageError(
            f"{code!r} is no code of an {what} of these publications".replace("an u", "a u")
        )


# The document


def _document(found: Comparison) -> dict[str, Any]:
    return {
        "from": _side(found, before=True),
        "to": _side(found, before=False),
        "catalogDiffers": found.before.catalog_version != found.after.catalog_version,
        "codeDiffers": found.before.code_version != found.after.code_version,
        "catalog": [
            {
                "list": one.code_list,
                "entry": one.entry,
                "change": one.change,
                "column": one.column,
                "before": one.before,
                "after": one.after,
            }
            for one in found.catalog
        ],
        "decisions": [
            {
                "id": one.decision,
                "kind": one.kind,
                "change": one.change,
                "by": one.decided_by,
                "at": one.decided_at.isoformat(),
                "note": one.note,
            }
            for one in found.decisions
        ],
        "reclassified": [vars(one) for one in found.reclassified],
        "rechecked": found.rechecked,
        "returns": [_return_document(one) for one in found.returns],
        "totalCount": found.totals.total,
        "totals": [_change_document(one) for one in found.totals.items],
        "monthCount": found.months.total,
        "months": [_change_document(one) for one in found.months.items],
    }


def _side(found: Comparison, *, before: bool) -> dict[str, Any]:
    from etl.cli.publications import manifest_document

    return manifest_document(found.before if before else found.after)


def _return_document(one: ChangedReturn) -> dict[str, Any]:
    return {
        "id": one.return_id,
        "change": one.change,
        "rechecked": one.rechecked,
        "unit": one.unit,
        "period": f"{one.period:%Y-%m}" if one.period else None,
        "fileName": one.file_name,
        "sha256": one.sha256,
        "statusBefore": one.status_before,
        "statusAfter": one.status_after,
        "rowsAcceptedBefore": one.accepted_before,
        "rowsAcceptedAfter": one.accepted_after,
    }


def _change_document(one: Change) -> dict[str, Any]:
    return {
        "indicator": one.indicator,
        "unit": one.unit,
        "from": f"{one.first:%Y-%m}",
        "through": f"{one.last:%Y-%m}",
        "before": _amount_document(one.before),
        "after": _amount_document(one.after),
        "difference": exact(one.difference),
        "returnCount": one.cause_count,
        "returns": [_cause_document(cause) for cause in one.causes],
    }


def _amount_document(amount: Amount) -> dict[str, Any]:
    return {
        "value": exact(amount.value),
        "state": amount.state,
        "numerator": exact(amount.numerator),
        "denominator": exact(amount.denominator),
    }


def _cause_document(cause: Cause) -> dict[str, Any]:
    return {
        "id": cause.return_id,
        "change": cause.change,
        "rechecked": cause.rechecked,
        "rowsBefore": cause.rows_before,
        "rowsAfter": cause.rows_after,
        "before": exact(cause.before),
        "after": exact(cause.after),
    }


# The words


def _print(found: Comparison, names: Names) -> None:
    click.echo(f"publication {found.before.id} → {found.after.id}")
    for (label, before), (_, after) in zip(_facts(found.before), _facts(found.after), strict=True):
        click.echo(f"  {label:<13} {before}" + (f" → {after}" if before != after else "  the same"))
    _print_lines("catalog", [_catalog_words(one) for one in found.catalog])
    _print_lines("decisions", [_decision_words(one) for one in found.decisions])
    _print_lines("classified otherwise", [_reclassified_words(one, names) for one in found.reclassified])
    _print_lines(
        f"returns ({found.rechecked} checked again)", [_return_words(one, names) for one in found.returns]
    )
    if not found.totals.total and not found.months.total:
        click.echo("no figure differs")
        return
    console = Console(width=max(Console().width, TABLE_WIDTH))
    months = _months_by_total(found)
    city = [one for one in found.totals.items if one.unit is None]
    units = [one for one in found.totals.items if one.unit is not None]
    for title, totals in (("全市 whole city", city), ("各单位 units", units)):
        if totals:
            console.print(_table(title, totals, months, names))
    _tell_more("figures", found.totals)
    _tell_more("figures of single months", found.months)


def _facts(one: Manifest) -> list[tuple[str, str]]:
    return [
        ("built", one.built_at[:19]),
        ("data through", one.data_through or "—"),
        ("returns", str(one.return_count)),
        ("rows", str(one.row_count)),
        ("catalog", one.catalog_version),
        ("code", one.code_version),
    ]


def _print_lines(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo(f"{title}:")
        for line in lines[:_LIMIT]:
            click.echo(f"  {line}")
        if len(lines) > _LIMIT:
            click.echo(f"  … and {len(lines) - _LIMIT} more: --json")


def _tell_more(what: str, changes: Changes) -> None:
    rest = changes.total - len(changes.items)
    if rest:
        click.echo(f"… and {rest} {what} more: --limit {changes.total}, --indicator, --unit, or --json")


def _catalog_words(one: CatalogChange) -> str:
    if one.column is None:
        return f"{one.code_list} {one.entry}: {one.change}"
    return f"{one.code_list} {one.entry}: {one.column} {one.before or '—'} → {one.after or '—'}"


def _decision_words(one: ChangedDecision) -> str:
    return f"{one.decision}  {one.kind}  {one.change}  by {one.decided_by}: {one.note or '—'}"


def _reclassified_words(one: Reclassification, names: Names) -> str:
    before, after = (names.get(code, code) if code else "none" for code in (one.before, one.after))
    return f"{one.dimension} {before} → {after}: rows {one.rows}, returns {one.returns}"


def _return_words(one: ChangedReturn, names: Names) -> str:
    period = f"{one.period:%Y-%m}" if one.period else "?"
    before, after = one.status_before, one.status_after
    status = after if before in (after, None) else f"{before} → {after or '—'}"
    again = ", checked again" if one.rechecked and one.change != "rechecked" else ""
    unit = names.get(one.unit or "", one.unit or "?")
    return f"{one.return_id}  {one.change}{again}  {unit} {period}  {status}  {one.file_name}"


def _months_by_total(found: Comparison) -> Mapping[Change, list[Change]]:
    """The changed months of each changed total, as far as both are within the limit."""
    by_figure: dict[tuple[str, str | None], list[Change]] = defaultdict(list)
    for month in found.months.items:
        by_figure[month.indicator, month.unit].append(month)
    return {
        total: [
            month
            for month in by_figure[total.indicator, total.unit]
            if total.first <= month.last <= total.last
        ]
        for total in found.totals.items
    }


def _table(
    title: str, changes: Sequence[Change], months: Mapping[Change, list[Change]], names: Names
) -> Table:
    table = Table(title=title, title_justify="left")
    if changes[0].unit is not None:
        table.add_column("unit", no_wrap=True)
    for heading in ("indicator", "span"):
        table.add_column(heading, overflow="fold")
    for heading in ("before", "after", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("months", "returns"):
        table.add_column(heading, overflow="fold")
    for one in changes:
        unit = [] if one.unit is None else [names.get(one.unit, one.unit)]
        table.add_row(
            *unit,
            names.get(one.indicator, one.indicator),
            month_span(one.first, one.last),
            _amount_words(one.before),
            _amount_words(one.after),
            signed(one.difference),
            _folded([_month_words(month) for month in months[one]]),
            _folded([_cause_words(cause) for cause in one.causes], one.cause_count),
        )
    return table


def _amount_words(amount: Amount) -> str:
    """The value, or why there is none."""
    return shown(amount.value) if amount.value is not None else (amount.state or "—")


def _month_words(month: Change) -> str:
    difference = signed(month.difference)
    if not difference:
        difference = f"{_amount_words(month.before)} → {_amount_words(month.after)}"
    return f"{month.first:%Y-%m} {difference}"


def _cause_words(cause: Cause) -> str:
    change = {"same": "counted otherwise"}.get(cause.change, cause.change)
    part = cause.after - cause.before
    return f"{cause.return_id} {change} {signed(part)}" if part else f"{cause.return_id} {change}"


def _folded(parts: Sequence[str], total: int | None = None) -> str:
    total = len(parts) if total is None else total
    rest = total - len(parts[:_NAMED])
    return ", ".join(parts[:_NAMED]) + (f", … {rest} more" if rest else "")
