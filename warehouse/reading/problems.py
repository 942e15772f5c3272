"""What is wrong with a question, in words, and the checks that say so.

What belongs here: checks of arguments. What does not: states of the data, which are answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

#: Most items that one page may hold.
PAGE_MAXIMUM = 200
_SHOWN_CHARACTERS = 80


def shortened(text: str, maximum: int = _SHOWN_CHARACTERS) -> str:
    """``text``, or its beginning when it is longer than ``maximum`` characters."""
    return text if len(text) <= maximum else f"{text[:maximum]}…"


class InputProblem(ValueError):
    """A value that cannot be answered; ``expected`` says in words what can, with an example."""

    def __init__(self, argument: str, given: object, expected: str) -> None:
        self.argument = argument
        self.given = shortened(str(given))
        self.expected = expected
        super().__init__(f"{argument}: {self.given!r} cannot be answered; expected {expected}")


class Forbidden(Exception):
    """The viewer may not see what was asked for; the message says what and who may."""


def month_text(month: dt.date) -> str:
    """``2024-03`` for the first day of March 2024."""
    return f"{month:%Y-%m}"


def check_code(argument: str, code: str, known: Collection[str], where: str) -> None:
    """Raises: InputProblem: ``code`` is not among ``known``; ``where`` names the query that lists them."""
    if code not in known:
        example = next(iter(known), "")
        raise InputProblem(argument, code, f"a code that {where} lists, for example {example}")


def check_codes(argument: str, codes: Iterable[str], known: Collection[str], where: str) -> None:
    """Raises: InputProblem: one of ``codes`` is not among ``known``."""
    for code in codes:
        check_code(argument, code, known, where)


def check_year(argument: str, year: int, months: Sequence[dt.date]) -> None:
    """Raises: InputProblem: ``year`` is no year of the programme."""
    first, last = months[0].year, months[-1].year
    if not first <= year <= last:
        raise InputProblem(argument, year, f"a year of the programme, {first} to {last}, for example {first}")


def check_month(argument: str, month: dt.date, months: Sequence[dt.date]) -> None:
    """Raises: InputProblem: ``month`` is no month of the programme."""
    if not months[0] <= month <= months[-1]:
        span = f"{month_text(months[0])} to {month_text(months[-1])}"
        expected = f"a month of the programme, {span}, for example {month_text(months[0])}"
        raise InputProblem(argument, month_text(month), expected)


def check_span(first: dt.date, last: dt.date, months: Sequence[dt.date]) -> None:
    """Raises: InputProblem: a month outside the programme, or a span that ends before it begins."""
    check_month("from", first, months)
    check_month("to", last, months)
    if first > last:
        raise InputProblem(
            "from", month_text(first), f"a month not after to, for example from {month_text(last)}"
        )


def check_page_size(first: int, maximum: int = PAGE_MAXIMUM) -> None:
    """Raises: InputProblem: a page cannot hold ``first`` items."""
    if not 0 <= first <= maximum:
        raise InputProblem("first", first, f"a number of items from 0 to {maximum}, for example 20")
