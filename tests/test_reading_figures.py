"""Values, states and exact text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from warehouse.reading.figures import Amount, ValueState, decimal_text, figure, quotient

D = Decimal


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("90.000000", "90"),
        ("1234.50", "1234.5"),
        ("-0.00", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("99999999999999999999999999999999.123456", "99999999999999999999999999999999.123456"),
    ],
)
def test_decimals_are_exact_text_without_trailing_zeros(value: str, text: str) -> None:
    assert decimal_text(D(value)) == text


@pytest.mark.parametrize(
    ("numerator", "denominator", "has_rows", "reported", "expected", "is_ratio", "value", "state"),
    [
        (5, 0, True, True, True, False, D(5), ValueState.REPORTED),
        (5, 0, True, False, False, False, D(5), ValueState.REPORTED),
        (0, 0, False, True, True, False, D(0), ValueState.ZERO),
        (0, 0, False, False, True, False, None, ValueState.NOT_REPORTED),
        (0, 0, False, False, False, False, None, ValueState.NOT_APPLICABLE),
        (0, 0, False, True, True, True, None, ValueState.NOT_APPLICABLE),
        (0, 4, True, True, True, True, D(0), ValueState.ZERO),
        (2, 3, True, True, True, True, D("66.666667"), ValueState.REPORTED),
    ],
)
def test_value_and_state(
    *,
    numerator: int,
    denominator: int,
    has_rows: bool,
    reported: bool,
    expected: bool,
    is_ratio: bool,
    value: D | None,
    state: ValueState,
) -> None:
    amount = Amount(D(numerator), D(denominator), has_rows, reported, expected)
    found = figure(amount, is_ratio=is_ratio)
    assert (found.value, found.state) == (value, state)


def test_quotients_are_rounded_half_up() -> None:
    assert quotient(D(1), 2_000_000) == D("0.000001")
    assert quotient(D(-1), 2_000_000) == D("-0.000001")
