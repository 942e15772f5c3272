"""The command ``progress``: all indicators against their targets."""

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
    publication_option,
    shown,
    through_option,
    unit_option,
    year_option,
)
from etl.cli.output import json_option, print_json
from warehouse.reading.progress import Progress, progress


@click.command("progress")
@year_option
@through_option
@unit_option
@publication_option
@json_option
def progress_command(
    year: int | None, through: dt.date | None, unit: str | None, publication_id: str | None, as_json: bool
) -> None:
    """Show the progress of all indicators against their targets."""
    with asking(publication_id) as reading:
        rows = progress(
            reading, year if year is not None else latest_year(reading, through), through, unit=unit
        )
        names = {one.code: one.name_zh for one in reading.catalogue.units}
    if as_json:
        print_json([progress_document(one) for one in rows])
    else:
        where = names[unit] if unit is not None else "全市 whole city"
        Console(width=max(Console().width, TABLE_WIDTH)).print(_table(rows, where))


def progress_document(one: Progress) -> dict[str, Any]:
    """One indicator's progress under GraphQL's field names; decimals are exact texts."""
    coverage = one.coverage
    return {
        "indicator": {
            "code": one.indicator.code,
            "nameZh": one.indicator.name_zh,
            "nameEn": one.indicator.name_en,
            "unitOfMeasure": one.indicator.unit_of_measure,
            "unitOfMeasureEn": one.indicator.unit_of_measure_en,
        },
        "unit": {"code": one.unit} if one.unit is not None else None,
        "from": f"{one.first:%Y-%m}",
        "through": f"{one.through:%Y-%m}",
        "value": exact(one.value),
        "state": one.state.name,
        "numerator": exact(one.numerator),
        "denominator": exact(one.denominator),
        "target": exact(one.target),
        "expectedToDate": exact(one.expected_to_date),
        "attainment": exact(one.attainment),
        "gap": exact(one.gap),
        "pace": one.pace.name,
        "forecast": exact(one.forecast),
        "coverage": {
            "expected": coverage.expected,
            "reported": coverage.reported,
            "late": coverage.late,
            "missing": [{"code": unit} for unit in coverage.missing],
        },
    }


def _table(rows: list[Progress], where: str) -> Table:
    span = f"{rows[0].through:%Y-%m}" if rows else ""
    table = Table(title=f"工会助力7510 · {where} · {span}", title_justify="left")
    for heading in ("#", "指标", "indicator"):
        table.add_column(heading, no_wrap=True)
    for heading in ("value", "target", "expected", "attained"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("pace", no_wrap=True)
    table.add_column("reported", justify="right", no_wrap=True)
    for one in rows:
        table.add_row(
            str(one.indicator.measure),
            one.indicator.name_zh,
            one.indicator.code,
            f"{shown(one.value)} {one.indicator.unit_of_measure}" if one.value is not None else "—",
            shown(one.target),
            shown(one.expected_to_date),
            f"{one.attainment:.0%}" if one.attainment is not None else "",
            one.pace.name,
            f"{one.coverage.reported}/{one.coverage.expected}",
        )
    return table


COMMANDS = (progress_command,)
