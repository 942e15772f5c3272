"""Commands that read publications: progress, publications list and show."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from etl.cli.output import SystemFailed, json_option, print_json
from warehouse.publications import NoPublication, PublicationNotFound, PublicationStore, Readers
from warehouse.reading import InputProblem, Reading, Viewer
from warehouse.reading.progress import Progress, progress
from warehouse.settings import Home

#: Columns that the table needs; a narrower terminal wraps its lines.
_TABLE_WIDTH = 140


class Month(click.ParamType[dt.date]):
    """A month, such as 2024-03, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Raises: click.BadParameter: the text is no month."""
        try:
            return dt.date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail(f"{value!r} is no month; write it like 2024-03", param, ctx)


@click.command("progress")
@click.option("--year", type=int, help="A year of the programme; by default that of the latest data.")
@click.option("--through", type=Month(), help="The last month counted; by default the latest with data.")
@click.option("--unit", help="Code of a unit; by default the whole city.")
@json_option
def progress_command(year: int | None, through: dt.date | None, unit: str | None, as_json: bool) -> None:
    """Show the progress of all indicators against their targets."""
    try:
        with Readers(PublicationStore(Home.from_environment())).open() as reader:
            reading = Reading.of(reader, Viewer.CITY)
            if year is None:
                year = (through or reading.catalogue.data_through or reading.catalogue.months[0]).year
            rows = progress(reading, year, through, unit=unit)
            names = {one.code: one.name_zh for one in reading.catalogue.units}
    except NoPublication as error:
        raise SystemFailed(str(error)) from None
    except InputProblem as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json([_progress_document(one) for one in rows])
    else:
        where = names[unit] if unit is not None else "全市 whole city"
        Console(width=max(Console().width, _TABLE_WIDTH)).print(_progress_table(rows, where))


def _progress_document(one: Progress) -> dict[str, Any]:
    """One indicator's progress under GraphQL's field names; decimals are exact texts."""
    coverage = one.coverage
    return {
        "indicator": {
            "code": one.indicator.code,
            "nameZh": one.indicator.name_zh,
            "nameEn": one.indicator.name_en,
            "unitOfMeasure": one.indicator.unit_of_measure,
        },
        "unit": {"code": one.unit} if one.unit is not None else None,
        "from": f"{one.first:%Y-%m}",
        "through": f"{one.through:%Y-%m}",
        "value": _text(one.value),
        "state": one.state.name,
        "numerator": _text(one.numerator),
        "denominator": _text(one.denominator),
        "target": _text(one.target),
        "expectedToDate": _text(one.expected_to_date),
        "attainment": _text(one.attainment),
        "gap": _text(one.gap),
        "pace": one.pace.name,
        "forecast": _text(one.forecast),
        "coverage": {
            "expected": coverage.expected,
            "reported": coverage.reported,
            "late": coverage.late,
            "missing": [{"code": unit} for unit in coverage.missing],
        },
    }


def _progress_table(rows: list[Progress], where: str) -> Table:
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
            f"{_shown(one.value)} {one.indicator.unit_of_measure}" if one.value is not None else "—",
            _shown(one.target),
            _shown(one.expected_to_date),
            f"{one.attainment:.0%}" if one.attainment is not None else "",
            one.pace.name,
            f"{one.coverage.reported}/{one.coverage.expected}",
        )
    return table


def _text(value: Decimal | None) -> str | None:
    """The exact value without trailing zeros."""
    return None if value is None else f"{value.normalize():f}"


def _shown(value: Decimal | None) -> str:
    """At most two decimals, for the eye."""
    return "" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


@click.group()
def publications() -> None:
    """Read the publications that are kept."""


@publications.command("list")
@json_option
def list_publications(as_json: bool) -> None:
    """List the publications, the newest first."""
    store = PublicationStore(Home.from_environment())
    documents = [_publication_document(store, one) for one in reversed(store.ids())]
    if as_json:
        print_json(documents)
        return
    for document in documents:
        mark = "*" if document["current"] else " "
        click.echo(
            f"{mark} {document['id']}  {document['publishedAt']}  through {document['dataThrough'] or '—'}  "
            f"{document['returnCount']} returns, {document['rowCount']} rows"
        )


@publications.command("show")
@click.argument("publication_id", metavar="ID")
@json_option
def show_publication(publication_id: str, as_json: bool) -> None:
    """Show one publication and what it was built from."""
    store = PublicationStore(Home.from_environment())
    try:
        document = _publication_document(store, publication_id, with_sources=True)
    except PublicationNotFound as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json(document)
        return
    for key, value in document.items():
        if key != "sources":
            click.echo(f"{key}: {value}")
    for source in document["sources"]:
        click.echo(f"  {source['returnId']}  {source['sha256'][:12]}  {source['fileName']}")


def _publication_document(
    store: PublicationStore, publication_id: str, *, with_sources: bool = False
) -> dict[str, Any]:
    with Readers(store).open(publication_id) as reader:
        [row] = reader.query("FROM meta.publication")
        document: dict[str, Any] = {
            "id": row["publication_id"],
            "publishedAt": row["built_at"].isoformat(),
            "dataThrough": f"{row['data_through']:%Y-%m}" if row["data_through"] else None,
            "returnCount": row["return_count"],
            "rowCount": row["row_count"],
            "catalogVersion": row["catalog_version"],
            "codeVersion": row["code_version"],
            "current": reader.is_current,
        }
        if with_sources:
            sources = reader.query("FROM meta.sources ORDER BY return_id")
            document["sources"] = [
                {"returnId": one["return_id"], "sha256": one["sha256"], "fileName": one["file_name"]}
                for one in sources
            ]
    return document


COMMANDS: tuple[click.Command, ...] = (progress_command, publications)
