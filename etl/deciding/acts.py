"""Taking decisions: each is held against what has landed, what was found in it, and what stands already.

What belongs here: who, why and what about, and when a decision is not taken. What does not: the words
(``words``), writing it down (``desk``), what it leads to at the next run (``bearing``, the models).
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
from etl.deciding.refusal import refusal
from etl.deciding.trial import Trial, TriedValue
from etl.deciding.words import Words, listed, words
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
    """What became of a file of corrections: what was taken from it, and what was in force before.

    ``remarks`` tell of values that were taken and yet may not count as they are.
    """

    taken: tuple[Decision, ...]
    known: tuple[Decision, ...]
    remarks: tuple[Words, ...]


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
        self._by = _said("--by", by or "")
        self._note = _said("--note", note)
        self._today = decisions.today(catalog.programme.time_zone)

    # Months

    def lock(self, month: str) -> Decision:
        """Signs a month off: what comes in for it from now on is rejected."""
        period = self._period(month)
        with self._deciding() as desk:
            lock = desk.find(Kind.LOCK, About(period=period))
            if lock is not None:
                raise refusal("locked_already", period=period, decision=self._told(lock))
            return desk.record(Kind.LOCK, About(period=period))

    def unlock(self, month: str) -> Decision:
        """Opens a month again: what was rejected only because of the lock counts."""
        period = self._period(month)
        with self._deciding() as desk:
            lock = desk.find(Kind.LOCK, About(period=period))
            if lock is None:
                raise refusal("not_locked", period=period)
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
            raise refusal("past_day", until=until, today=self._today)
        if cell is not None:
            row = _row_of(cell, row)
        if row is not None and sheet is None:
            raise refusal("row_without_sheet")
        with self._deciding() as desk:
            reception = self._received(desk, return_id)
            sheet = self._broken(reception, rule, sheet, row)
            about = About(return_id=reception.return_id, rule=rule, sheet=sheet, row=row)
            for one in desk.standing:
                if one.kind is Kind.ACCEPT and replace(one.about, until=None) == about:
                    raise refusal(
                        "accepted_already", until=one.about.until, decision=self._told(one), id=one.id
                    )
            return desk.record(Kind.ACCEPT, replace(about, until=until.isoformat()))

    def withdraw(self, return_id: str) -> Decision:
        """Takes a return out of what counts: what it had replaced is in force again."""
        with self._deciding() as desk:
            about = About(return_id=self._received(desk, return_id).return_id)
            earlier = desk.find(Kind.WITHDRAW, about)
            if earlier is not None:
                raise refusal(
                    "withdrawn_already", id=about.return_id, decision=self._told(earlier), end=earlier.id
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
                ids = listed(dict.fromkeys(one.id for one in known.values()))
                raise refusal("all_in_force", file=path.name, ids=ids)
            new = [one for number, one in enumerate(entries) if number not in known]
            tried = Trial(self._catalog).of(one.about for one in new)
            problems = [_never_passes(new[number], value) for number, value in tried if value.never_passes]
            if problems:
                raise refused(path, problems)
            taken = tuple(desk.record(Kind.CORRECT, one.about) for one in new)
            remarks = tuple(_may_not_pass(taken[number], value) for number, value in tried)
            return Corrected(taken, tuple(known.values()), remarks)

    # Any decision

    def revoke(self, decision_id: str) -> Decision:
        """Undoes a decision."""
        wanted = decision_id.strip().upper()
        with self._deciding() as desk:
            decision = next((one for one in desk.log if one.id == wanted), None)
            if decision is None:
                last = desk.log[-1].id if desk.log else None
                known = words("decisions_up_to", last=last) if last else words("no_decisions")
                raise refusal("no_decision", given=decision_id, known=known)
            if decision.ends is not None:
                raise refusal("only_undid", id=decision.id, ends=decision.ends)
            if (end := decisions.ended(desk.log).get(decision.id)) is not None:
                raise refusal("undone_already", id=decision.id, decision=self._told(end))
            if decision not in desk.standing:
                raise refusal("held_until", id=decision.id, until=decision.about.until)
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
            raise refusal("no_month", given=month, first=months[0], last=months[-1])
        return period

    def _waivable(self, rule: str) -> str:
        known = self._catalog.rule_by_code.get(rule.strip().upper())
        if known is not None and known.waivable:
            return known.rule
        waivable = listed(one.rule for one in self._catalog.rules if one.waivable)
        if known is None:
            raise refusal("unknown_rule", rule=rule, waivable=waivable)
        said = rule_for_all(known)
        meaning = Words(said["meaning_zh"], said["meaning_en"])
        raise refusal("not_waivable", rule=known.rule, meaning=meaning, waivable=waivable)

    def _received(self, desk: Desk, return_id: str) -> Reception:
        wanted = return_id.strip().upper()
        for one in desk.receptions:
            if one.return_id == wanted:
                return one
        last = desk.receptions[-1].return_id if desk.receptions else None
        known = words("returns_up_to", last=last) if last else words("no_returns")
        raise refusal("no_return", given=return_id, known=known)

    def _broken(self, reception: Reception, rule: str, sheet: str | None, row: int | None) -> str | None:
        """The sheet as the return calls it; refuses what the rule holds nothing out of."""
        return_id = reception.return_id
        try:
            receipt = read_receipt(self._home, return_id)
        except FileNotFoundError:
            raise refusal("not_checked", id=return_id) from None
        # A month that is locked may be opened; nothing else makes a rejected return count.
        fatal = {one["rule"] for one in receipt["issues"] if one["severity"] == "fatal"} - {"R007"}
        if fatal:
            raise refusal("rejected", id=return_id, rules=listed(sorted(fatal)))
        issues = [one for one in receipt["issues"] if one["rule"] == rule]
        if not issues:
            raise refusal("not_broken", id=return_id, rule=rule, named=_rules_of(receipt))
        if sheet is None:
            return None
        on_sheet = [one for one in issues if one["sheet"] and folded(one["sheet"]) == folded(sheet)]
        if not on_sheet:
            names = listed(dict.fromkeys(one["sheet"] for one in issues if one["sheet"]))
            raise refusal("not_broken_on_sheet", id=return_id, sheet=sheet, rule=rule, sheets=names)
        cells = [one["cell"] for one in on_sheet]
        # Where there are too many alike, the last issue stands for the rest and names no cell.
        if row is not None and None not in cells and row not in {_row_of(cell) for cell in cells}:
            told = listed([*cells[:5], *(["…"] if len(cells) > 5 else [])])
            name = on_sheet[0]["sheet"]
            raise refusal("not_broken_in_row", id=return_id, sheet=name, row=row, rule=rule, cells=told)
        return str(on_sheet[0]["sheet"])

    def _compare(
        self, entries: Sequence[Entry], standing: Sequence[Decision]
    ) -> tuple[dict[int, Decision], list[Words]]:
        """Which entries, by number, stand already; and those that contradict what stands or each other."""
        by_guard = {_guard(one.about): one for one in standing if one.kind is Kind.CORRECT}
        seen: dict[tuple[object, ...], Entry] = {}
        known, problems = {}, []
        for number, entry in enumerate(entries):
            guard = _guard(entry.about)
            if guard in seen:
                problems.append(entry.problem("same_cell", other=seen[guard].place))
            seen[guard] = entry
            if (one := by_guard.get(guard)) is None:
                continue
            if folded(one.about.value or "") == folded(entry.about.value or ""):
                known[number] = one
            else:
                problems.append(
                    entry.problem("contradicts", decision=self._told(one), value=one.about.value, id=one.id)
                )
        return known, problems

    def _told(self, decision: Decision) -> Words:
        zone = ZoneInfo(self._catalog.programme.time_zone)
        day = dt.datetime.fromisoformat(decision.at).astimezone(zone).date()
        return words("taken_by", id=decision.id, by=decision.by, day=day)


def _said(option: str, text: str) -> str:
    said = text.strip()
    if not said:
        example = words(f"example_of_{option.removeprefix('--')}")
        raise refusal("blank_option", option=option, example=example)
    if len(said) > _MOST_NOTE:
        raise refusal("long_option", option=option, count=len(said), most=_MOST_NOTE)
    if masked(said) != said:
        raise refusal("personal_option", option=option)
    return said


def _row_of(cell: str, row: int | None = None) -> int:
    """The row of a cell such as ``C7``; refuses one that lies in another row than ``row``."""
    match = _CELL.fullmatch(cell.strip())
    if match is None:
        raise refusal("no_cell", cell=cell)
    if row not in (None, int(match[1])):
        raise refusal("other_row", cell=cell, row=row)
    return int(match[1])


def _rules_of(receipt: Document) -> Words:
    rules = sorted({one["rule"] for one in receipt["issues"]})
    return words("receipt_names", rules=listed(rules)) if rules else words("receipt_names_none")


def _never_passes(entry: Entry, tried: TriedValue) -> Words:
    return entry.problem("never_passes", **vars(tried))


def _may_not_pass(decision: Decision, tried: TriedValue) -> Words:
    return words("may_not_pass", id=decision.id, **vars(tried))


def _guard(about: About) -> tuple[object, ...]:
    """What a correction looks for, texts as they are compared."""
    where = frozenset((name, folded(text)) for name, text in about.where.items())
    return (about.unit, about.period, about.ledger, about.column, folded(about.expect or ""), where)
