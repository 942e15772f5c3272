"""Values and their states, as every question shows them.

What belongs here: the words for states and paces, a value from its numerator and denominator, exact text.
What does not: SQL. The rules are those of ``warehouse/models/stage/figures.sql``.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import NamedTuple

#: Enough digits for any DECIMAL(38, 6) times 100.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_SIX_DECIMALS = Decimal("0.000001")


class ValueState(StrEnum):
    """Why a value is what it is."""

    REPORTED = "REPORTED"
    ZERO = "ZERO"
    NOT_REPORTED = "NOT_REPORTED"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    SUPPRESSED = "SUPPRESSED"


class Pace(StrEnum):
    """A value to date against what is expected to date."""

    DONE = "DONE"
    AHEAD = "AHEAD"
    ON_TRACK = "ON_TRACK"
    BEHIND = "BEHIND"
    NO_TARGET = "NO_TARGET"
    NOT_REPORTED = "NOT_REPORTED"


class Amount(NamedTuple):
    """What was added up, and what was reported in the same scope."""

    numerator: Decimal
    denominator: Decimal
    has_rows: bool
    #: Whether any ledger of the indicator is in force there.
    reported: bool
    #: Whether any unit owes a report there.
    expected: bool


class Figure(NamedTuple):
    """A value and its state; numerator and denominator of a ratio only."""

    value: Decimal | None
    state: ValueState
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    def hidden(self) -> Figure:
        """The same figure for those who may not see it."""
        return Figure(None, ValueState.SUPPRESSED)


def figure(amount: Amount, *, is_ratio: bool) -> Figure:
    """The value of what was added up: the sum, or 100 x the quotient of a ratio."""
    if not (amount.has_rows or amount.reported):
        return Figure(None, ValueState.NOT_REPORTED if amount.expected else ValueState.NOT_APPLICABLE)
    state = ValueState.REPORTED if amount.numerator else ValueState.ZERO
    if not is_ratio:
        return Figure(amount.numerator, state)
    if not amount.denominator:
        return Figure(None, ValueState.NOT_APPLICABLE, amount.numerator, amount.denominator)
    return Figure(
        quotient(100 * amount.numerator, amount.denominator), state, amount.numerator, amount.denominator
    )


def quotient(dividend: Decimal, divisor: Decimal | int) -> Decimal:
    """``dividend ÷ divisor``, rounded half up to six decimals."""
    return _EXACT.divide(dividend, Decimal(divisor)).quantize(_SIX_DECIMALS, context=_EXACT)


def decimal_text(value: Decimal) -> str:
    """The exact value without an exponent or trailing zeros: ``90``, ``1234.5``."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
