"""A plain re-count of the accepted rows: replacement, duplicates, figures, states, coverage, paces.

Written a second time from the rules of counting, in Python, without the project's SQL and its models.
What belongs here: from returns in the order of their reception to figures. What does not: which rows an
indicator counts (``indicators``).
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from tests.support.indicators import EXPECTATIONS, KEYS, Expectation, Values
from tests.support.returns import Return, Row, next_month

#: The city; else a unit's code.
Scope = str | None
State = Literal["REPORTED", "ZERO", "NOT_REPORTED", "NOT_APPLICABLE"]

_PACES = ("BEHIND", "ON_TRACK", "AHEAD", "DONE")
MONTHS = tuple(dt.date(year, month, 1) for year in (2024, 2025, 2026) for month in range(1, 13))


@dataclass(frozen=True)
class Units:
    """The code list of units, in its order."""

    codes: tuple[str, ...]
    #: Those that owe a return for every month of the programme.
    expected: frozenset[str]
    municipal: frozenset[str]


@dataclass(frozen=True)
class Received:
    """A return with its place in the order of reception, and whether it came after the due day."""

    sequence: int
    each: Return
    late: bool


@dataclass(frozen=True)
class Event:
    """One row that counts."""

    ledger: str
    unit: str
    month: dt.date
    values: Values


@dataclass(frozen=True)
class Contribution:
    """What an event adds to an indicator."""

    unit: str
    chain: str | None
    cluster: str | None
    month: dt.date
    numerator: Decimal
    denominator: Decimal | None

    def member(self, dimension: str) -> str | dt.date | int | None:
        if dimension == "YEAR":
            return self.month.year
        found: str | dt.date | None = getattr(self, dimension.lower())
        return found


@dataclass(frozen=True)
class Figure:
    """A value as a fraction, and why it is what it is; numerator and denominator of a ratio."""

    value: Fraction | None
    state: State
    numerator: int | None = None
    denominator: int | None = None


@dataclass(frozen=True)
class Coverage:
    """How many units owe, have given and were late with what a figure needs, and who has not given it."""

    expected: int
    reported: int
    late: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """What is to be told of an indicator, scope and month; numbers rounded to six decimals."""

    first: dt.date
    value: Decimal | None
    state: State
    numerator: Decimal | None
    denominator: Decimal | None
    target: Decimal | None
    expected_to_date: Decimal | None
    attainment: Decimal | None
    gap: Decimal | None
    pace: str
    forecast: Decimal | None
    coverage: Coverage


def natural_key(ledger: str, row: Row) -> tuple[str, ...]:
    """What makes two rows the same event: texts after NFKC and without blanks."""
    columns, _ = KEYS[ledger]
    return tuple(_comparable(row.values.get(column)) for column in columns)


def _comparable(value: object) -> str:
    return "" if value is None else "".join(unicodedata.normalize("NFKC", str(value)).split())


def rounded(value: Fraction) -> Decimal:
    """Half up to six decimals; the sign does not matter to what half means."""
    magnitude = int(abs(value) * 1_000_000 + Fraction(1, 2))
    return Decimal(magnitude if value >= 0 else -magnitude).scaleb(-6)


class Recount:
    """The figures of some returns."""

    def __init__(self, units: Units, received: Sequence[Received]) -> None:
        self.units = units
        self._accepted = [one for one in received if one.each.flaw is None]

    # Which rows count

    @cached_property
    def in_force(self) -> dict[tuple[str, dt.date, str], Received]:
        """By unit, month and ledger, the last accepted return that has rows of it or declares it nil."""
        return {
            (one.each.unit, one.each.month, ledger): one
            for one in self._accepted
            for ledger, state in one.each.states().items()
            if state in {"rows", "nil"}
        }

    @cached_property
    def _late(self) -> dict[tuple[str, dt.date, str], bool]:
        """Whether what first reported a ledger came too late; a correction changes nothing."""
        late: dict[tuple[str, dt.date, str], bool] = {}
        for one in self._accepted:
            for ledger, state in one.each.states().items():
                if state in {"rows", "nil"}:
                    late.setdefault((one.each.unit, one.each.month, ledger), one.late)
        return late

    @cached_property
    def events(self) -> list[Event]:
        """Each event once in the whole city: a county's row before the city's, then the first received."""
        counted: dict[tuple[str, tuple[str, ...]], tuple[tuple[bool, int], Event]] = {}
        for (unit, _, ledger), one in self.in_force.items():
            rank = (unit in self.units.municipal, one.sequence)
            for row in _accepted_rows(one.each, ledger):
                key = (ledger, natural_key(ledger, row))
                if key in counted and counted[key][0] < rank:
                    continue
                happened_on = row.values[KEYS[ledger][1]]
                assert isinstance(happened_on, dt.date)
                counted[key] = (rank, Event(ledger, unit, happened_on.replace(day=1), row.values))
        return [event for _, event in counted.values()]

    @cached_property
    def contributions(self) -> dict[str, list[Contribution]]:
        """By indicator, what each event adds."""
        return {code: list(self._contributions(expected)) for code, expected in EXPECTATIONS.items()}

    def _contributions(self, expected: Expectation) -> Iterator[Contribution]:
        for event in self.events:
            term = expected.term(event.values) if event.ledger in expected.ledgers else None
            if term is not None:
                chain, cluster = event.values.get("chain"), event.values.get("cluster")
                assert chain is None or isinstance(chain, str)
                assert cluster is None or isinstance(cluster, str)
                yield Contribution(event.unit, chain, cluster, event.month, *term)

    # What was reported

    def anything_reported(self, code: str, scope: Scope, months: Iterable[dt.date]) -> bool:
        """Whether any ledger of the indicator is in force in the scope and months."""
        units = self.units.codes if scope is None else (scope,)
        ledgers = EXPECTATIONS[code].ledgers
        return any(
            (unit, month, ledger) in self.in_force
            for month in months for unit in units for ledger in ledgers
        )  # fmt: skip

    def coverage(self, code: str, scope: Scope, months: Sequence[dt.date]) -> Coverage:
        """A unit has reported when every ledger of every month is in force."""
        ledgers = EXPECTATIONS[code].ledgers
        owing = [u for u in self.units.codes if u in self.units.expected and scope in {None, u}]
        reported, late, missing = 0, 0, []
        for unit in owing:
            needed = [(unit, month, ledger) for month in months for ledger in ledgers]
            if not all(key in self.in_force for key in needed):
                missing.append(unit)
                continue
            reported += 1
            late += any(self._late[key] for key in needed)
        return Coverage(len(owing), reported, late, tuple(missing))

    # Figures

    def figure(self, code: str, rows: Sequence[Contribution], *, reported: bool, expected: bool) -> Figure:
        """The value of rows, and its state where nothing or nothing but zeros stands behind it."""
        if not rows and not reported:
            return Figure(None, "NOT_REPORTED" if expected else "NOT_APPLICABLE")
        numerator = sum((row.numerator for row in rows), Decimal(0))
        state: State = "REPORTED" if numerator else "ZERO"
        if not EXPECTATIONS[code].is_ratio:
            return Figure(Fraction(numerator), state)
        denominator = len(rows)
        if denominator == 0:
            return Figure(None, "NOT_APPLICABLE", 0, 0)
        return Figure(100 * Fraction(numerator) / denominator, state, int(numerator), denominator)

    def scoped_figure(self, code: str, scope: Scope, months: Sequence[dt.date]) -> Figure:
        """The figure of the city or a unit over some months."""
        rows = [row for row in self.contributions[code] if row.month in months and scope in {None, row.unit}]
        return self.figure(
            code,
            rows,
            reported=self.anything_reported(code, scope, months),
            expected=scope is None or scope in self.units.expected,
        )

    def progress(self, code: str, scope: Scope, month: dt.date) -> Progress:
        """From the start of the indicator's horizon through a month."""
        expected = EXPECTATIONS[code]
        months = horizon(expected, month)
        share = share_of_horizon(expected, month)
        figure = self.scoped_figure(code, scope, months)
        target = self._target(expected, scope)
        to_date = None if target is None else target * (1 if expected.is_ratio else share)
        value = figure.value
        shown = None if value is None else rounded(value)
        attainment = None if value is None or target is None else value / target
        gap = None if shown is None or target is None else target - shown
        numerator, denominator = figure.numerator, figure.denominator
        pace = _pace(value, target, to_date)
        if expected.by_counties and scope is None and value is not None:
            units = [self.progress(code, unit, month) for unit in sorted(self.units.expected)]
            numerator = sum(unit.value is not None and unit.value >= (target or 0) for unit in units)
            denominator = len(units)
            attainment, gap = Fraction(numerator, denominator), None
            slowest = min(_PACES.index(unit.pace) if unit.pace in _PACES else 0 for unit in units)
            pace = "DONE" if numerator == denominator else _PACES[slowest]
        forecast = None if value is None else value / (1 if expected.is_ratio else share)
        return Progress(
            first=months[0],
            value=shown,
            state=figure.state,
            numerator=None if numerator is None else Decimal(numerator),
            denominator=None if denominator is None else Decimal(denominator),
            target=None if target is None else Decimal(target),
            expected_to_date=None if to_date is None else rounded(Fraction(to_date)),
            attainment=None if attainment is None else rounded(attainment),
            gap=gap,
            pace=pace,
            forecast=None if forecast is None else rounded(forecast),
            coverage=self.coverage(code, scope, months),
        )

    def _target(self, expected: Expectation, scope: Scope) -> int | None:
        if expected.by_counties:
            return expected.target if scope is None or scope in self.units.expected else None
        return expected.target if scope is None else None


def _accepted_rows(each: Return, ledger: str) -> Iterator[Row]:
    """The rows of a ledger that no rule holds out; of the same event twice in one return, the first."""
    seen = set()
    for sheet in each.sheets:
        if sheet.ledger != ledger or sheet.state != "rows":
            continue
        for row in sheet.rows:
            key = natural_key(ledger, row)
            if not row.held_out and key not in seen:
                seen.add(key)
                yield row


def horizon(expected: Expectation, month: dt.date) -> tuple[dt.date, ...]:
    """The months over which an indicator adds up, through ``month``."""
    first = month.replace(month=1) if expected.horizon == "annual" else MONTHS[0]
    return tuple(each for each in MONTHS if first <= each <= month)


def share_of_horizon(expected: Expectation, month: dt.date) -> Fraction:
    """How much of the year, or of the programme, is over with ``month``."""
    return len(horizon(expected, month)) * monthly_share(expected)


def monthly_share(expected: Expectation) -> Fraction:
    """How much of the year, or of the programme, one month is."""
    return Fraction(1, 12 if expected.horizon == "annual" else 36)


def _pace(value: Fraction | None, target: int | None, to_date: Fraction | int | None) -> str:
    if target is None or to_date is None:
        return "NO_TARGET"
    if value is None:
        return "NOT_REPORTED"
    if value >= target:
        return "DONE"
    if 10 * value >= 11 * to_date:
        return "AHEAD"
    return "ON_TRACK" if 10 * value >= 9 * to_date else "BEHIND"


def is_late(received_at: dt.datetime, month: dt.date) -> bool:
    """Whether a return came after the 5th of the next month, by the clocks of China."""
    china = dt.timezone(dt.timedelta(hours=8))
    return received_at.astimezone(china).date() > next_month(month).replace(day=5)
