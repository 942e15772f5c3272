"""Values, states, exact text, and which small numbers are hidden."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.reading.figures import Amount, ValueState, decimal_text, figure, quotient
from warehouse.reading.suppression import hidden_places, is_small

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


def test_a_single_hidden_group_takes_the_next_smallest_with_it() -> None:
    values = {("a",): D(5), ("b",): D(40), ("c",): D(25), ("d",): D(0)}
    assert hidden_places(values) == {("a",), ("c",)}


def test_two_hidden_groups_are_enough() -> None:
    assert hidden_places({("a",): D(5), ("b",): D(40), ("c",): D(3)}) == {("a",), ("c",)}


def test_hiding_in_a_table_goes_along_rows_and_columns() -> None:
    values = {
        ("a", 1): D(5),
        ("a", 2): D(30),
        ("b", 1): D(20),
        ("b", 2): D(60),
    }
    assert hidden_places(values) == set(values)


_TABLES = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(0, 30).map(D), max_size=25
)


@given(_TABLES)
def test_no_line_gives_away_its_only_hidden_group(values: dict[tuple[int, int], D]) -> None:
    hidden = hidden_places(values)
    assert all(values[place] > 0 for place in hidden)
    assert hidden >= {place for place, value in values.items() if is_small(value)}
    for dimension in (0, 1):
        for member in range(5):
            line = {place for place in values if place[1 - dimension] == member}
            others = {place for place in line - hidden if values[place] > 0}
            assert len(line & hidden) != 1 or not others
