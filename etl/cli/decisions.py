"""Commands that decide about returns: lock, unlock, accept, withdraw, correct, revoke, decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from etl.cli.output import json_option, print_json, say
from warehouse.catalog import Catalog, load_catalog
from warehouse.settings import Home, user

if TYPE_CHECKING:  # brings the whole intake, which only who decides needs
    from etl.deciding import Decider
    from warehouse.decisions import Decision

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _decision_options(function: _Command) -> _Command:
    """Who and why, and the form of the answer: the same for every decision."""
    note = click.option("--note", required=True, metavar="TEXT", help="Why; it is kept with the decision.")
    by = click.option(
        "--by",
        default=user,
        metavar="NAME",
        help="Who decides; by default UNION7510_USER, or your own name.",
    )
    return note(by(json_option(function)))


_month = click.argument("period", metavar="PERIOD")
_return = click.argument("return_id", metavar="RETURN")


@click.command()
@_month
@_decision_options
def lock(period: str, by: str | None, note: str, as_json: bool) -> None:
    """Sign a month off: what comes in for PERIOD (such as 2024-03) from now on is rejected (R007).

    What was accepted before stays. `union7510 unlock PERIOD` opens the month again.
    """
    with _deciding(by, note) as decider:
        decision = decider.lock(period)
    _tell(decision, as_json, "lock_next", period=decision.about.period)


@click.command()
@_month
@_decision_options
def unlock(period: str, by: str | None, note: str, as_json: bool) -> None:
    """Open a locked month again: returns rejected only because of the lock count at the next ingest."""
    with _deciding(by, note) as decider:
        decision = decider.unlock(period)
    _tell(decision, as_json, "unlock_next", period=decision.about.period)


@click.command()
@_return
@click.option("--rule", required=True, help="The rule that is set aside, such as R302.")
@click.option("--sheet", help="Only rows of this sheet.")
@click.option("--row", type=click.IntRange(min=1), help="Only this row of the sheet.")
@click.option("--cell", help="Only the row of this cell of the sheet, such as C7.")
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day on which it holds, such as 2024-12-31.",
)
@_decision_options
def accept(
    return_id: str,
    rule: str,
    sheet: str | None,
    row: int | None,
    cell: str | None,
    until: dt.datetime,
    by: str | None,
    note: str,
    as_json: bool,
) -> None:
    """Let rows of RETURN count although they break a rule, until a day.

    Without --sheet all of its rows that break the rule, else those of the sheet, or one row of it.
    """
    with _deciding(by, note) as decider:
        decision = decider.accept(return_id, rule, until.date(), sheet=sheet, row=row, cell=cell)
    _tell(decision, as_json, "accept_next", until=decision.about.until, id=decision.id)


@click.command()
@_return
@_decision_options
def withdraw(return_id: str, by: str | None, note: str, as_json: bool) -> None:
    """Take RETURN out of what counts: ledger by ledger, the one that it had replaced is in force again."""
    with _deciding(by, note) as decider:
        decision = decider.withdraw(return_id)
    _tell(decision, as_json, "withdraw_next", return_id=decision.about.return_id, id=decision.id)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_decision_options
def correct(file: Path, by: str | None, note: str, as_json: bool) -> None:
    """Take in a YAML file of corrections; nothing of it where anything is wrong with it.

    An entry: unit, period, ledger, column, expect (what the cell reads), value (what it means), and where
    (column: text), which says in which rows. Entries that are in force already are passed over.
    """
    from etl.deciding.wording import as_document, in_words
    from etl.deciding.words import listed, words

    with _deciding(by, note) as decider:
        corrected = decider.correct(file)
    if as_json:
        taken = [as_document(one) for one in corrected.taken]
        print_json({"decisions": taken, "known": [one.id for one in corrected.known]})
    else:
        for one in corrected.taken:
            click.echo(f"{one.id}  {in_words(one, load_catalog())}")
    if corrected.known:
        say(str(words("correct_known", ids=listed(one.id for one in corrected.known))))
    for remark in corrected.remarks:
        say(str(remark))
    say(str(words("correct_next")))


@click.command()
@click.argument("decision_id", metavar="DECISION")
@_decision_options
def revoke(decision_id: str, by: str | None, note: str, as_json: bool) -> None:
    """Undo DECISION (such as D000007): it is as if it had not been taken, and stays on record."""
    with _deciding(by, note) as decider:
        decision = decider.revoke(decision_id)
    _tell(decision, as_json, "revoke_next", ends=decision.ends)


@click.command("decisions")
@click.option("--in-force", "only_standing", is_flag=True, help="Only those in force today.")
@json_option
def list_decisions(only_standing: bool, as_json: bool) -> None:
    """List the decisions about returns; a star marks what is in force today."""
    from etl.deciding.wording import as_document
    from warehouse import decisions

    catalog = load_catalog()
    log = decisions.DecisionLog(Home.from_environment()).decisions()
    standing = {one.id for one in decisions.in_force(log, decisions.today(catalog.programme.time_zone))}
    ends = decisions.ended(log)
    shown = [one for one in log if one.id in standing or not only_standing]
    if not as_json:
        for line in _listed(shown, standing, ends, catalog):
            click.echo(line)
        return
    documents = []
    for one in shown:
        end = {"ended_by": ends[one.id].id} if one.id in ends else {}
        documents.append({**as_document(one), "in_force": one.id in standing, **end})
    print_json(documents)


def tell_stale_corrections(home: Home, catalog: Catalog) -> list[str]:
    """Says of each correction that no cell needs any more that it is stale; returns their ids."""
    from etl.deciding.wording import stale_words
    from warehouse.publications import PublicationStore, Readers
    from warehouse.reading.decisions import stale_corrections

    with Readers(PublicationStore(home)).open() as reader:
        stale = stale_corrections(reader)
    for one in stale:
        say(str(stale_words(one, catalog)))
    return [one.decision for one in stale]


def _listed(
    shown: Iterable[Decision], standing: set[str], ends: dict[str, Decision], catalog: Catalog
) -> Iterator[str]:
    from etl.deciding.wording import in_words
    from etl.deciding.words import words

    zone = ZoneInfo(catalog.programme.time_zone)
    for one in shown:
        at = dt.datetime.fromisoformat(one.at).astimezone(zone)
        star = "*" if one.id in standing else " "
        undone = f" [{words('undone_by').in_line} {ends[one.id].id}]" if one.id in ends else ""
        what = in_words(one, catalog)
        yield f"{star} {one.id}  {at:%Y-%m-%d %H:%M}  {one.by}  {what}{undone}: {one.note}"


@contextmanager
def _deciding(by: str | None, note: str) -> Iterator[Decider]:
    """One who decides; what cannot be decided is a wrong call."""
    from etl.deciding import Decider, Refused

    try:
        yield Decider(Home.from_environment(), load_catalog(), by=by, note=note)
    except Refused as error:
        raise click.UsageError(str(error)) from None


def _tell(decision: Decision, as_json: bool, what_next: str, **details: object) -> None:
    """What was decided, and what happens next, in the words of that name."""
    from etl.deciding.wording import as_document, in_words
    from etl.deciding.words import words

    if as_json:
        print_json(as_document(decision))
    else:
        click.echo(f"{decision.id}  {in_words(decision, load_catalog())}")
    say(str(words(what_next, **details)))


COMMANDS: tuple[click.Command, ...] = (lock, unlock, accept, withdraw, correct, revoke, list_decisions)
