"""The command ``explain``: one figure down to the cells that it is made of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from etl.cli.asking import (
    TABLE_WIDTH,
    asking,
    exact,
    latest_year,
    month_span,
    publication_option,
    shown,
    through_option,
    unit_option,
    year_option,
)
from etl.cli.output import json_option, print_json
from etl.cli.progress import progress_document
from warehouse.reading.catalogue import Unit
from warehouse.reading.explanation import Explanation, Row, explain

#: So many rows are shown where nobody says how many.
_LIMIT = 20


@click.command("explain")
@click.argument("indicator")
@year_option
@through_option
@unit_option
@publication_option
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"So many rows at most; by default {_LIMIT}, with --json all. All are counted.",
)
@json_option
def explain_command(
    indicator: str,
    year: int | None,
    through: dt.date | None,
    unit: str | None,
    publication_id: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Explain a figure of INDICATOR: its formula, who is missing, and every row down to its cell."""
    if limit is None and not as_json:
        limit = _LIMIT
    with asking(publication_id) as reading:
        wanted = year if year is not None else latest_year(reading, through)
        found = explain(reading, indicator, wanted, through, unit, limit)
        units = reading.catalogue.unit_by_code
    if as_json:
        print_json(_document(found))
    else:
        _print(found, units)


def _document(found: Explanation) -> dict[str, Any]:
    indicator = found.progress.indicator
    return {
        "publication": found.publication_id,
        **progress_document(found.progress),
        "definitionZh": indicator.definition_zh,
        "definitionEn": indicator.definition_en,
        "formulaZh": found.formula_zh,
        "formulaEn": found.formula_en,
        "rowCount": found.row_count,
        "byUnit": [
            {
                "unit": {"code": part.unit},
                "rowCount": part.row_count,
                "numerator": exact(part.numerator),
                "denominator": exact(part.denominator),
            }
            for part in found.parts
        ],
        "rows": [_row_document(row) for row in found.rows],
    }


def _row_document(row: Row) -> dict[str, Any]:
    return {
        "ledger": row.ledger,
        "unit": {"code": row.unit},
        "month": f"{row.month:%Y-%m}",
        "happenedOn": row.happened_on.isoformat(),
        "numerator": exact(row.numerator),
        "denominator": exact(row.denominator),
        "returnId": row.return_id,
        "fileName": row.file_name,
        "sha256": row.sha256,
        "sheet": row.sheet,
        "row": row.row,
        "column": row.column_name,
        "cell": row.cell,
    }


def _print(found: Explanation, units: dict[str, Unit]) -> None:
    figure = found.progress
    indicator, coverage = figure.indicator, figure.coverage
    where = units[figure.unit].name_zh if figure.unit is not None else "全市 whole city"
    value = f"{shown(figure.value)} {indicator.unit_of_measure}" if figure.value is not None else "—"
    missing = "、".join(units[unit].name_zh for unit in coverage.missing)
    missing = f"; missing: {missing}" if missing else ""
    expected = f", expected by now {shown(figure.expected_to_date)}" if figure.target is not None else ""
    fraction = ""
    if figure.numerator is not None and figure.denominator is not None:
        of = f"{shown(figure.numerator)} / {shown(figure.denominator)}"
        fraction = f"  {of} units have reached the target" if not indicator.is_ratio else f"  = {of}"
    lines = [
        f"{indicator.name_zh} · {indicator.name_en} ({indicator.code})",
        f"{where} · {month_span(figure.first, figure.through)} · publication {found.publication_id}",
        "",
        f"定义 definition   {indicator.definition_zh}",
        f"                  {indicator.definition_en}",
        f"公式 formula      {found.formula_zh or '—'}",
        f"                  {found.formula_en or 'this publication is older than formulas'}",
        f"数值 value        {value}  {figure.state.name}{fraction}",
        f"目标 target       {shown(figure.target) or '—'}{expected}  {figure.pace.name}",
        f"上报 reported     {coverage.reported} of {coverage.expected} units, {coverage.late} late{missing}",
        f"明细 rows         {found.row_count}",
    ]
    click.echo("\n".join(lines))
    console = Console(width=max(Console().width, TABLE_WIDTH))
    if figure.unit is None and found.parts:
        console.print(_parts_table(found, units))
    if found.rows:
        console.print(_rows_table(found, units))
    if len(found.rows) < found.row_count:
        click.echo(
            f"… and {found.row_count - len(found.rows)} rows more: --limit {found.row_count}, or --json"
        )


def _parts_table(found: Explanation, units: dict[str, Unit]) -> Table:
    table = Table(title="各单位 by unit", title_justify="left")
    table.add_column("unit", no_wrap=True)
    for heading in ("rows", "adds", "of"):
        table.add_column(heading, justify="right", no_wrap=True)
    for part in found.parts:
        table.add_row(
            units[part.unit].name_zh, str(part.row_count), shown(part.numerator), shown(part.denominator)
        )
    return table


def _rows_table(found: Explanation, units: dict[str, Unit]) -> Table:
    table = Table(title="明细 rows", title_justify="left")
    for heading in ("unit", "date"):
        table.add_column(heading, no_wrap=True)
    table.add_column("adds", justify="right", no_wrap=True)
    for heading in ("return", "file", "sha256", "sheet", "cell"):
        table.add_column(heading, overflow="fold")
    for row in found.rows:
        table.add_row(
            units[row.unit].name_zh,
            row.happened_on.isoformat(),
            shown(row.numerator),
            row.return_id,
            row.file_name,
            row.sha256[:12],
            row.sheet,
            row.cell or f"row {row.row}",
        )
    return table


COMMANDS = (explain_command,)
