"""Commands from files to a publication: sample, check, submit, ingest, rebuild."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.arguments import understood_period, understood_unit
from etl.cli.output import (
    SystemFailed,
    end_with_data_problems,
    json_option,
    print_json,
    progress_bar,
    say,
)
from warehouse.catalog import Catalog, load_catalog
from warehouse.landing import Reception
from warehouse.settings import Home

if TYPE_CHECKING:  # heavy, and most commands receive nothing
    from etl.receiving import Received

_paths = click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, readable=True, path_type=Path),
)


_unit = click.option(
    "--unit", callback=understood_unit, help="The unit's code or name, when the file does not tell it."
)
_period = click.option(
    "--period",
    callback=understood_period,
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
@click.option(
    "--receipt",
    "receipt_folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a copy of each file with the wrong cells coloured and commented into DIR.",
)
@json_option
def check(
    paths: Sequence[Path], unit: str | None, period: str | None, receipt_folder: Path | None, as_json: bool
) -> None:
    """Check files without submitting them; exit 1 if anything would be held out."""
    from etl.cli.answers import print_closing, print_receipts
    from etl.cli.receipts import write_beside
    from etl.deciding import Bearing
    from etl.intake import Stated, check_returns
    from etl.intake.isolation import ReadingRoom, ReadRequest
    from etl.intake.personal import without_numbers
    from etl.receipts import has_problems, public, receipts

    catalog = load_catalog()
    files = list(_files(paths))
    stated = Stated(unit, period)
    bearing = Bearing.today(Home.from_environment(), catalog).on_what_comes_now()
    requests = [
        ReadRequest(path, path.name, return_id=str(number), stated=stated, circumstances=bearing)
        for number, path in enumerate(files)
    ]
    with ReadingRoom(catalog) as room:
        reads = list(room.read_all(requests))
        batch = check_returns(catalog, reads)
    documents = receipts(
        batch,
        {str(number): without_numbers(str(path)) for number, path in enumerate(files)},
        {one.return_id: one.sheet_names for one in reads},
    )
    if as_json:
        print_json({"files": [_without_id(public(document)) for document in documents]})
    else:
        print_receipts(documents)
        print_closing(documents, batch)
    if receipt_folder is not None:
        write_beside(receipt_folder, documents, files, catalog)
    if any(has_problems(document) for document in documents):
        end_with_data_problems()


@click.command()
@_paths
@_unit
@_period
@click.option(
    "--submitter",
    callback=understood_unit,
    help="The unit that hands the files in; the city may do so for all.",
)
@json_option
def submit(
    paths: Sequence[Path], unit: str | None, period: str | None, submitter: str | None, as_json: bool
) -> None:
    """Land files as they are; prints the return ids. `ingest` checks them.

    Of a file that holds personal identity numbers, mobile numbers or the like, a copy without them is landed.
    """
    from etl.intake import Stated
    from etl.intake.personal import without_numbers
    from etl.receiving import receive_files

    home = Home.from_environment()
    published = cache(lambda: _published_statuses(home))

    def status(return_id: str) -> str:
        return published().get(return_id) or _checked_status(home, return_id)

    received = []
    for one in receive_files(home, load_catalog(), _files(paths), Stated(unit, period, submitter)):
        reception = one.reception
        document: dict[str, object] = {
            "id": reception.return_id,
            "file": without_numbers(str(one.path)),
            "sha256": reception.sha256,
            "unit": reception.unit,
            "period": reception.period,
            "status": status(reception.return_id) if one.duplicate else "RECEIVED",
        }
        if one.duplicate:
            document["duplicate"] = True
        if reception.redacted:
            document["redacted"] = True
        received.append(document)
        if not as_json:
            columns = [reception.return_id, reception.unit or "?", reception.period or "?"]
            click.echo("  ".join([*columns, str(document["file"]), *_remarks(one, str(document["status"]))]))
    if as_json:
        print_json({"returns": received})
    again = sum("duplicate" in document for document in received)
    landed = len(received) - again
    say(f"收到 {landed} 个文件，另有 {again} 个以前收到过；接着运行 union7510 ingest")
    say(f"{landed} files landed, {again} had been received before; `union7510 ingest` comes next")
    if redacted := sum("redacted" in document for document in received):
        say(
            f"其中 {redacted} 个文件含身份证号、手机号或姓名，一律不保存；在哪里，见回执（R211）\n"
            f"personal data: {redacted} of the files held identity numbers, mobile numbers or names that are "
            "never stored; their receipts say where (R211)"
        )


def _published_statuses(home: Home) -> dict[str, str]:
    """What has become of each return, as the publication of now says."""
    from warehouse.publications import NoPublication, PublicationStore, Readers

    with suppress(NoPublication), Readers(PublicationStore(home)).open() as reader:
        rows = reader.query("SELECT return_id, status FROM core.returns")
        return {one["return_id"]: one["status"] for one in rows}
    return {}


def _checked_status(home: Home, return_id: str) -> str:
    """The status of a return that no publication has."""
    from etl.receipts import read_receipt

    try:
        return str(read_receipt(home, return_id)["status"])
    except FileNotFoundError:
        return "RECEIVED"


def _remarks(one: Received, status: str) -> Iterator[str]:
    from etl.receipts.wording import status_words

    if one.duplicate:
        yield f"（以前收到过 received before: {status_words(status)}）"
    if one.reception.content_sha256 is None:
        yield "（含个人信息，未保存 not stored: it holds personal data）"
    elif one.reception.redacted:
        yield "（已去掉个人信息后保存 stored without its personal data）"


@click.command()
@json_option
def ingest(as_json: bool) -> None:
    """Run the Dagster job: check what has landed, build the warehouse, audit it, publish it."""
    from etl.processing import pending
    from etl.receipts import has_problems

    home, catalog = Home.from_environment(), load_catalog()
    documents, stale = _run(home, catalog, pending(home, catalog), as_json)
    if stale or any(has_problems(document) for document in documents):
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
) -> tuple[list[dict[str, Any]], list[str]]:
    """Runs the job over landed returns and prints what became of them.

    Returns their receipts, and the corrections that are stale.
    """
    from etl.cli.answers import print_receipts
    from etl.cli.decisions import tell_stale_corrections
    from etl.cli.publications import tell_rollback
    from etl.cli.receipts import tell_workbooks
    from etl.receipts import read_receipt
    from etl.running import RunFailed, run_ingest
    from warehouse.publications import PublicationStore

    rollback = PublicationStore(home).rollback_in_force()
    try:
        with progress_bar("check") as progress:
            publication_id = run_ingest(home, catalog, receptions, progress, recheck=recheck)
    except RunFailed as error:
        raise SystemFailed(str(error)) from None
    documents = [read_receipt(home, one.return_id) for one in receptions]
    stale = tell_stale_corrections(home, catalog)
    if as_json:
        keys = ("id", "unit", "period", "status", "rows_accepted", "rows_held_out")
        returns = [{key: document[key] for key in keys} for document in documents]
        more = {"stale_corrections": stale} if stale else {}
        print_json({"publication": publication_id, "returns": returns, **more})
    else:
        told = [document for document in documents if document["issues"]]
        print_receipts(told, everything="receipts/{id}.json")
        click.echo(f"publication {publication_id}: {len(documents)} returns checked")
    tell_workbooks(home, documents)
    tell_rollback(rollback, publication_id)
    return documents, stale


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    """The files named, and those directly in the folders named; hidden and temporary ones are left out."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        members = sorted(one for one in path.iterdir() if one.is_file() and one.name[0] not in ".~")
        if not members:
            raise click.UsageError(f"{path} 中没有文件 there is no file in {path}")
        yield from members


def _without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "id"}


COMMANDS = (sample, check, submit, ingest, rebuild)
