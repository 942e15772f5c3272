"""Taking decisions: each is held against what has landed, what was found in it, and what stands already.

What belongs here: who, why and what about, and the words when a decision is not taken. What does not: writing
it down (``desk``), what it leads to at the next run (``bearing``, the models).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from etl.deciding.corrections import Entry, read_corrections, refused
from etl.deciding.desk import Desk
from etl.deciding.refusal import Refused
from etl.intake.identity import understand_month
from etl.intake.personal import masked
from etl.intake.text import folded
from etl.receipts import Document, read_receipt
from warehouse import decisions
from warehouse.catalog import Catalog
from warehouse.decisions import About, Decision, DecisionLog, Kind
from warehouse.landing import Landing, Reception
from warehouse.reading.discretion import rule_for_all
from warehouse.settings import Home

_CELL = re.compile(r"[A-Za-z]{1,3}([1-9][0-9]{0,6})")
_MOST_NOTE = 2000


@dataclass(frozen=True)
class Corrected:
    """What became of a file of corrections: what was taken from it, and what was in force before."""

    taken: tuple[Decision, ...]
    known: tuple[Decision, ...]


class Decider:
    """Decides in someone's name and for a reason.

    Args:
        home: whose returns.
        catalog: its rules, ledgers and months.
        by: who decides.
        note: why.

    Raises:
        Refused: nobody, or no reason. Every method raises it too, where the decision cannot be taken.
    """

    def __init__(self, home: Home, catalog: Catalog, *, by: str | None, note: str) -> None:
        self._home = home
        self._catalog = catalog
        self._log = DecisionLog(home)
        self._by = _said("--by", by or "", "the name of who decides, such as 王工")
        self._note = _said("--note", note, "the reason, such as “2024-03 已审定”")
        self._today = decisions.today(catalog.programme.time_zone)

    # Months

    def lock(self, month: str) -> Decision:
        """Signs a month off: what comes in for it from now on is rejected."""
        period = self._period(month)
        with self._deciding() as desk:
            lock = desk.find(Kind.LOCK, About(period=period))
            if lock is not None:
                raise Refused(
                    f"{period} is locked already, by {self._told(lock)};"
                    f" `union7510 unlock {period} --note …` opens it"
                )
            return desk.record(Kind.LOCK, About(period=period))

    def unlock(self, month: str) -> Decision:
        """Opens a month again: what was rejected only because of the lock counts."""
        period = self._period(month)
        with self._deciding() as desk:
            lock = desk.find(Kind.LOCK, About(period=period))
            if lock is None:
                raise Refused(f"{period} is not locked; `union7510 decisions` lists what is in force")
            return desk.end(lock)

    # Returns

    def accept(
        self,
        return_id: str,
        rule: str,
        until: dt.date,
        *,
        sheet: str | None = None,
        row: int | None = None,
        cell: str | None = None,
    ) -> Decision:
        """Lets rows of a return count although they break a rule, up to and with the day ``until``."""
        rule = self._waivable(rule)
        if until < self._today:
            raise Refused(f"{until} is past; a waiver ends today or later, such as --until {self._today}")
        if cell is not None:
            row = _row_of(cell, row)
        if row is not None and sheet is None:
            raise Refused("a row is a row of a sheet: name it with --sheet, such as --sheet 师带徒 --row 7")
        with self._deciding() as desk:
            reception = self._received(desk, return_id)
            sheet = self._broken(reception, rule, sheet, row)
            about = About(return_id=reception.return_id, rule=rule, sheet=sheet, row=row)
            for one in desk.standing:
                if one.kind is Kind.ACCEPT and replace(one.about, until=None) == about:
                    raise Refused(
                        f"that is accepted already until {one.about.until}, by {self._told(one)};"
                        f" for another day `union7510 revoke {one.id} --note …` first"
                    )
            return desk.record(Kind.ACCEPT, replace(about, until=until.isoformat()))

    def withdraw(self, return_id: str) -> Decision:
        """Takes a return out of what counts: what it had replaced is in force again."""
        with self._deciding() as desk:
            about = About(return_id=self._received(desk, return_id).return_id)
            earlier = desk.find(Kind.WITHDRAW, about)
            if earlier is not None:
                raise Refused(
                    f"{about.return_id} is withdrawn already, by {self._told(earlier)};"
                    f" `union7510 revoke {earlier.id} --note …` brings it back"
                )
            return desk.record(Kind.WITHDRAW, about)

    def correct(self, path: Path) -> Corrected:
        """Takes a file of corrections in, all of it or nothing; those in force already are passed over.

        A run that is killed has taken the first ones; the file once more takes the others.
        """
        entries = read_corrections(path, self._catalog)
        with self._deciding() as desk:
            known, problems = self._compare(entries, desk.standing)
            if problems:
                raise refused(path, problems)
            if len(known) == len(entries):
                ids = ", ".join(dict.fromkeys(one.id for one in known.values()))
                raise Refused(f"every correction of {path.name} is in force already ({ids})")
            new = [one for number, one in enumerate(entries) if number not in known]
            taken = tuple(desk.record(Kind.CORRECT, one.about) for one in new)
            return Corrected(taken, tuple(known.values()))

    # Any decision

    def revoke(self, decision_id: str) -> Decision:
        """Undoes a decision."""
        wanted = decision_id.strip().upper()
        with self._deciding() as desk:
            decision = next((one for one in desk.log if one.id == wanted), None)
            if decision is None:
                last = f"they go up to {desk.log[-1].id}" if desk.log else "there is none yet"
                raise Refused(f"there is no decision {decision_id}; {last}: `union7510 decisions` lists them")
            if decision.ends is not None:
                raise Refused(
                    f"{decision.id} only undid {decision.ends}; to have that again, decide it once more"
                )
            if (end := decisions.ended(desk.log).get(decision.id)) is not None:
                raise Refused(f"{decision.id} was undone already, by {self._told(end)}")
            if decision not in desk.standing:
                raise Refused(f"{decision.id} held until {decision.about.until}: there is nothing to undo")
            return desk.end(decision)

    # What they lean on

    @contextmanager
    def _deciding(self) -> Iterator[Desk]:
        with self._log.deciding() as register:
            yield Desk(register, Landing(self._home).receptions(), self._today, self._by, self._note)

    def _period(self, month: str) -> str:
        months = [f"{one:%Y-%m}" for one in self._catalog.programme.months]
        period = understand_month(month)
        if period is None or period not in months:
            raise Refused(f"{month!r} is no month from {months[0]} to {months[-1]}; write it like 2024-03")
        return period

    def _waivable(self, rule: str) -> str:
        known = self._catalog.rule_by_code.get(rule.strip().upper())
        if known is not None and known.waivable:
            return known.rule
        waivable = ", ".join(one.rule for one in self._catalog.rules if one.waivable)
        if known is None:
            raise Refused(f"there is no rule {rule!r}; a decision can waive {waivable}")
        raise Refused(
            f"{known.rule} ({rule_for_all(known)['meaning_en']}) cannot be waived: what breaks it has no"
            f" value to count; a decision can waive {waivable}"
        )

    def _received(self, desk: Desk, return_id: str) -> Reception:
        wanted = return_id.strip().upper()
        for one in desk.receptions:
            if one.return_id == wanted:
                return one
        known = f"they go up to {desk.receptions[-1].return_id}" if desk.receptions else "none has landed"
        raise Refused(f"there is no return {return_id}; {known}")

    def _broken(self, reception: Reception, rule: str, sheet: str | None, row: int | None) -> str | None:
        """The sheet as the return calls it; refuses what the rule holds nothing out of."""
        return_id = reception.return_id
        try:
            receipt = read_receipt(self._home, return_id)
        except FileNotFoundError:
            raise Refused(f"{return_id} has not been checked yet; run `union7510 ingest` first") from None
        # A month that is locked may be opened; nothing else makes a rejected return count.
        fatal = {one["rule"] for one in receipt["issues"] if one["severity"] == "fatal"} - {"R007"}
        if fatal:
            raise Refused(
                f"{return_id} is rejected ({', '.join(sorted(fatal))}): none of its rows counts, whatever"
                " is waived; the unit has to send it again"
            )
        issues = [one for one in receipt["issues"] if one["rule"] == rule]
        if not issues:
            raise Refused(f"no row of {return_id} breaks {rule}; {_rules_of(receipt)}")
        if sheet is None:
            return None
        on_sheet = [one for one in issues if one["sheet"] and folded(one["sheet"]) == folded(sheet)]
        if not on_sheet:
            names = ", ".join(dict.fromkeys(one["sheet"] for one in issues if one["sheet"]))
            raise Refused(f"no row of sheet {sheet!r} of {return_id} breaks {rule}; sheets with it: {names}")
        cells = [one["cell"] for one in on_sheet]
        # Where there are too many alike, the last issue stands for the rest and names no cell.
        if row is not None and None not in cells and row not in {_row_of(cell) for cell in cells}:
            raise Refused(
                f"row {row} of sheet {on_sheet[0]['sheet']} of {return_id} does not break {rule};"
                f" cells that do: {', '.join(cells[:5])}{', …' if len(cells) > 5 else ''}"
            )
        return str(on_sheet[0]["sheet"])

    def _compare(
        self, entries: Sequence[Entry], standing: Sequence[Decision]
    ) -> tuple[dict[int, Decision], list[str]]:
        """Which entries, by number, stand already; and those that contradict what stands or each other."""
        by_guard = {_guard(one.about): one for one in standing if one.kind is Kind.CORRECT}
        seen: dict[tuple[object, ...], Entry] = {}
        known, problems = {}, []
        for number, entry in enumerate(entries):
            guard = _guard(entry.about)
            if guard in seen:
                problems.append(f"{entry.place}: the same cell as {seen[guard].place}")
            seen[guard] = entry
            if (one := by_guard.get(guard)) is None:
                continue
            if folded(one.about.value or "") == folded(entry.about.value or ""):
                known[number] = one
            else:
                problems.append(
                    f"{entry.place}: {self._told(one)} says that it means {one.about.value!r};"
                    f" `union7510 revoke {one.id} --note …` first"
                )
        return known, problems

    def _told(self, decision: Decision) -> str:
        zone = ZoneInfo(self._catalog.programme.time_zone)
        day = dt.datetime.fromisoformat(decision.at).astimezone(zone).date()
        return f"{decision.id} ({decision.by}, {day})"


def _said(option: str, text: str, example: str) -> str:
    said = text.strip()
    if not said:
        raise Refused(f"{option} is blank; it takes {example}")
    if len(said) > _MOST_NOTE:
        raise Refused(f"{option} has {len(said)} characters; it takes up to {_MOST_NOTE}")
    if masked(said) != said:
        raise Refused(f"{option} holds a personal identity number or a mobile number, which is never stored")
    return said


def _row_of(cell: str, row: int | None = None) -> int:
    """The row of a cell such as ``C7``; refuses one that lies in another row than ``row``."""
    match = _CELL.fullmatch(cell.strip())
    if match is None:
        raise Refused(f"{cell!r} is no cell; write it like C7")
    if row not in (None, int(match[1])):
        raise Refused(f"cell {cell} does not lie in row {row}; name one of them")
    return int(match[1])


def _rules_of(receipt: Document) -> str:
    rules = sorted({one["rule"] for one in receipt["issues"]})
    return f"its receipt names {', '.join(rules)}" if rules else "its receipt names no rule"


def _guard(about: About) -> tuple[object, ...]:
    """What a correction looks for, texts as they are compared."""
    where = frozenset((name, folded(text)) for name, text in about.where.items())
    return (about.unit, about.period, about.ledger, about.column, folded(about.expect or ""), where)
