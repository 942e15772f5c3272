"""Commands from files to a publication: sample, check, submit, ingest, rebuild."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from etl.cli.output import (
    SystemFailed,
    end_with_data_problems,
    json_option,
    print_json,
    print_receipts,
    progress_bar,
    say,
)
from etl.intake.identity import UnitNames, understand_month
from warehouse.catalog import Catalog, load_catalog
from warehouse.landing import Reception
from warehouse.settings import Home

_paths = click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, readable=True, path_type=Path),
)


def _understood_unit(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The code of the unit that is meant; an unknown one is a wrong call, not a wrong return."""
    if value is None:
        return None
    unit = UnitNames(load_catalog()).understand(value)
    if unit is None:
        raise click.BadParameter(f"{value!r} is no unit; write its six-digit code or its name")
    return unit


def _understood_period(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """The month that is meant, as ``YYYY-MM``; one outside the programme is a wrong call."""
    if value is None:
        return None
    months = [f"{month:%Y-%m}" for month in load_catalog().programme.months]
    period = understand_month(value)
    if period not in months:
        raise click.BadParameter(
            f"{value!r} is no month from {months[0]} to {months[-1]}; write it like 2024-03"
        )
    return period


_unit = click.option(
    "--unit", callback=_understood_unit, help="The unit's code or name, when the file does not tell it."
)
_period = click.option(
    "--period",
    callback=_understood_period,
    help="The month, such as 2024-03, when the file does not tell it.",
)


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--year", default=2024, show_default=True, help="Year of the returns.")
@click.option("--months", default=6, show_default=True, help="So many months from January on.")
@click.option("--units", default="all", show_default=True, help="Codes parted by commas, or all.")
@click.option("--seed", default=7510, show_default=True, help="Another seed gives other returns.")
@click.option("--rows", type=click.IntRange(min=1), help="Rows in every ledger of every workbook.")
def sample(directory: Path, year: int, months: int, units: str, seed: int, rows: int | None) -> None:
    """Write realistic synthetic returns, marked as synthetic, into DIRECTORY."""
    from etl.sample import SampleError, write_samples

    wanted = None if units == "all" else [unit.strip() for unit in units.split(",")]
    try:
        with progress_bar("sample") as progress:
            written = write_samples(
                directory, load_catalog(), year=year, months=months, units=wanted, seed=seed, rows=rows,
                progress=progress,
            )  # fmt: skip
    except SampleError as error:
        raise click.UsageError(str(error)) from None
    say(f"{len(written)} workbooks in {directory}")


@click.command()
@_paths
@_unit
@_period
@json_option
def check(paths: Sequence[Path], unit: str | None, period: str | None, as_json: bool) -> None:
    """Check files without submitting them; exit 1 if anything would be held out."""
    from etl.intake import ReturnReader, Stated, check_returns
    from etl.receipts import has_problems, receipts

    catalog = load_catalog()
    reader = ReturnReader(catalog)
    files = list(_files(paths))
    read = [
        reader.read(path.read_bytes(), path.name, return_id=str(number), stated=Stated(unit, period))
        for number, path in enumerate(files)
    ]
    batch = check_returns(catalog, read)
    documents = receipts(batch, {str(number): str(path) for number, path in enumerate(files)})
    if as_json:
        print_json({"files": [_without_id(document) for document in documents]})
    else:
        print_receipts(documents)
    if any(has_problems(document) for document in documents):
        end_with_data_problems()


@click.command()
@_paths
@_unit
@_period
@click.option(
    "--submitter",
    callback=_understood_unit,
    help="The unit that hands the files in; the city may do so for all.",
)
@json_option
def submit(
    paths: Sequence[Path], unit: str | None, period: str | None, submitter: str | None, as_json: bool
) -> None:
    """Land files as they are; prints the return ids. `ingest` checks them."""
    from etl.intake import Stated
    from etl.receiving import receive_files

    received = []
    for one in receive_files(
        Home.from_environment(), load_catalog(), _files(paths), Stated(unit, period, submitter)
    ):
        reception = one.reception
        document: dict[str, object] = {
            "id": reception.return_id,
            "file": str(one.path),
            "sha256": reception.sha256,
            "unit": reception.unit,
            "period": reception.period,
            "status": "RECEIVED",
        }
        if one.duplicate:
            document["duplicate"] = True
        received.append(document)
        if not as_json:
            columns = [reception.return_id, reception.unit or "?", reception.period or "?", str(one.path)]
            click.echo("  ".join([*columns, "(received before)"] if one.duplicate else columns))
    if as_json:
        print_json({"returns": received})
    again = sum("duplicate" in document for document in received)
    say(f"{len(received) - again} files landed, {again} had been received before")


@click.command()
@json_option
def ingest(as_json: bool) -> None:
    """Run the Dagster job: check what has landed, build the warehouse, audit it, publish it."""
    from etl.processing import pending
    from etl.receipts import has_problems

    home, catalog = Home.from_environment(), load_catalog()
    documents = _run(home, catalog, pending(home, catalog), as_json)
    if any(has_problems(document) for document in documents):
        end_with_data_problems()


@click.command()
@json_option
def rebuild(as_json: bool) -> None:
    """Check everything that ever landed again, and build and publish from it.

    Problems of the data were told when they came in: exit code 0 means that the rebuild is done.
    """
    from warehouse.landing import Landing

    home = Home.from_environment()
    _run(home, load_catalog(), Landing(home).receptions(), as_json, recheck=True)


def _run(
    home: Home, catalog: Catalog, receptions: Sequence[Reception], as_json: bool, *, recheck: bool = False
) -> list[dict[str, Any]]:
    """Runs the job over landed returns and prints what became of them; returns their receipts."""
    from etl.receipts import read_receipt
    from etl.running import RunFailed, run_ingest

    try:
        with progress_bar("check") as progress:
            publication_id = run_ingest(home, catalog, receptions, progress, recheck=recheck)
    except RunFailed as error:
        raise SystemFailed(str(error)) from None
    documents = [read_receipt(home, one.return_id) for one in receptions]
    if as_json:
        keys = ("id", "unit", "period", "status", "rows_accepted", "rows_held_out")
        returns = [{key: document[key] for key in keys} for document in documents]
        print_json({"publication": publication_id, "returns": returns})
    else:
        print_receipts([document for document in documents if document["issues"]])
        click.echo(f"publication {publication_id}: {len(documents)} returns checked")
    return documents


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    """The files named, and those directly in the folders named; hidden and temporary ones are left out."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        members = sorted(one for one in path.iterdir() if one.is_file() and one.name[0] not in ".~")
        if not members:
            raise click.UsageError(f"there is no file in {path}")
        yield from members


def _without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "id"}


COMMANDS = (sample, check, submit, ingest, rebuild)
