"""Zero, nil, not reported and not applicable stay apart from the ledger's cell to the marts, with coverage.

What belongs here: one small home where each state happens. What does not: SUPPRESSED, which is what the
public is shown (``test_reading_figures``); what is counted (``test_build_progress``).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lake_world import Return, Row, World, honour, rows, venue
from warehouse.catalog import Catalog

D = Decimal
#: What each unit does in March.
REPORTS, ZERO, BLANK, NIL, SILENT, LATER = "360731", "360730", "360703", "360702", "360781", "360704"
#: Is in the code list and files no returns.
NEVER = "360792"
MARCH, APRIL = "2024-03", "2024-04"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    world = World(tmp_path_factory.mktemp("states"), existing_from_april())
    world.hand_in(
        Return(REPORTS, MARCH, {"activity_venues": [paid("甲", "30000.00")], "honours": [outside("甲")]}),
        Return(ZERO, MARCH, {"activity_venues": [paid("乙", "0.00")]}),
        Return(BLANK, MARCH, {"activity_venues": [paid("丙", None)]}),
        Return(NIL, MARCH, nil=["activity_venues", "demonstration_unions"]),
        # What a silent unit gave before says nothing of March.
        Return(SILENT, "2024-02", {"activity_venues": [venue("丁", "2024-02-06")]}),
        Return(LATER, APRIL, nil=["activity_venues"], received_at="2024-05-06T00:00:00+08:00"),
    )
    with world.built() as built:
        yield built


def existing_from_april() -> Catalog:
    """The catalog, but one unit is new in April."""
    catalog = World(Path()).catalog
    units = tuple(
        unit.model_copy(update={"valid_from": unit.valid_from.replace(month=4)})
        if unit.unit == LATER
        else unit
        for unit in catalog.units
    )
    return catalog.model_copy(update={"units": units})


def paid(name: str, subsidy: str | None) -> Row:
    return venue(name, "2024-03-06", subsidy)


def outside(recipient: str) -> Row:
    """An honour of a kind that the ratio of 7510 does not look at."""
    return {**honour(recipient, "2024-03-07", None), "honour_type": "赣州工匠"}


def of_month(
    connection: duckdb.DuckDBPyConnection, indicator: str, unit: str | None, month: str
) -> tuple[Any, ...]:
    """Value and state, then the units that owe, gave, gave late and declared nil."""
    [row] = rows(
        connection,
        "SELECT value, state, expected_units, reported_units, late_units, nil_units"
        " FROM mart.indicator_status WHERE indicator = ? AND unit IS NOT DISTINCT FROM ? AND month = ?::DATE",
        indicator,
        unit,
        f"{month}-01",
    )
    return row


@pytest.mark.parametrize(
    ("indicator", "unit", "month", "expected"),
    [
        ("activity_venues", REPORTS, MARCH, (1, "REPORTED", 1, 1, 0, 0)),
        # Zero of a sum with rows, and zero by a declaration, which the last number tells from the other.
        ("liuyou_unions", NIL, MARCH, (0, "ZERO", 1, 1, 0, 1)),
        ("model_workers", REPORTS, MARCH, (0, "ZERO", 1, 1, 0, 0)),
        ("activity_venues", NIL, MARCH, (0, "ZERO", 1, 1, 0, 1)),
        # Nothing came: no value, whatever came for another month.
        ("activity_venues", SILENT, MARCH, (None, "NOT_REPORTED", 1, 0, 0, 0)),
        ("activity_venues", SILENT, "2024-02", (1, "REPORTED", 1, 1, 0, 0)),
        # Nothing was owed; in April it is, and comes late.
        ("activity_venues", LATER, MARCH, (None, "NOT_APPLICABLE", 0, 0, 0, 0)),
        ("activity_venues", LATER, APRIL, (0, "ZERO", 1, 1, 1, 1)),
        ("liuyou_unions", LATER, APRIL, (None, "NOT_REPORTED", 1, 0, 0, 0)),
        ("activity_venues", NEVER, MARCH, (None, "NOT_APPLICABLE", 0, 0, 0, 0)),
        # A ratio without a denominator is not zero.
        ("honours_7510_share", REPORTS, MARCH, (None, "NOT_APPLICABLE", 1, 1, 0, 0)),
        # Of two ledgers one is missing: the value stands, and the coverage says that it is not whole.
        ("grassroots_subsidy", REPORTS, MARCH, (30000, "REPORTED", 1, 0, 0, 0)),
        ("grassroots_subsidy", ZERO, MARCH, (0, "ZERO", 1, 0, 0, 0)),
        ("grassroots_subsidy", NIL, MARCH, (0, "ZERO", 1, 1, 0, 1)),
        # The city: 19 units owe March, one of 20 is new in April.
        ("activity_venues", None, MARCH, (3, "REPORTED", 19, 4, 0, 1)),
        ("activity_venues", None, APRIL, (0, "ZERO", 20, 1, 1, 1)),
        ("activity_venues", None, "2024-05", (None, "NOT_REPORTED", 20, 0, 0, 0)),
    ],
)
def test_the_state_of_a_month(
    connection: duckdb.DuckDBPyConnection,
    indicator: str,
    unit: str | None,
    month: str,
    expected: tuple[Any, ...],
) -> None:
    assert of_month(connection, indicator, unit, month) == expected


def test_a_blank_cell_is_no_zero(connection: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        connection, "SELECT unit, subsidy FROM core.activity_venues WHERE month = '2024-03-01' ORDER BY 1"
    ) == [
        (BLANK, None),
        (ZERO, D("0.00")),
        (REPORTS, D("30000.00")),
    ]


def test_the_progress_keeps_the_states_apart_and_says_how_far_it_is_covered(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        connection,
        "SELECT unit, value, state, expected_units, reported_units FROM mart.indicator_progress"
        " WHERE indicator = 'activity_venues' AND month = '2024-03-01' AND (unit IN ? OR unit IS NULL)"
        " ORDER BY unit NULLS FIRST",
        [REPORTS, NIL, SILENT, LATER, NEVER, "360722"],
    )
    # Nobody has given January and February, so no unit is whole.
    assert found == [
        (None, 4, "REPORTED", 19, 0),
        (NIL, 0, "ZERO", 1, 0),
        (LATER, None, "NOT_APPLICABLE", 0, 0),
        ("360722", None, "NOT_REPORTED", 1, 0),
        (REPORTS, 1, "REPORTED", 1, 0),
        (SILENT, 1, "REPORTED", 1, 0),
        (NEVER, None, "NOT_APPLICABLE", 0, 0),
    ]


def test_the_reporting_status_keeps_nil_silence_and_nothing_owed_apart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        connection,
        "SELECT unit, expected, return_id IS NOT NULL, nil, ledgers_reported, ledgers_nil, ledgers_missing"
        " FROM mart.reporting_status WHERE period = '2024-03-01' AND unit IN ? ORDER BY unit",
        [REPORTS, NIL, SILENT, LATER, NEVER],
    )
    assert found == [
        (NIL, True, True, True, 0, 2, 17),
        (LATER, False, False, None, 0, 0, 19),
        (REPORTS, True, True, False, 2, 0, 17),
        (SILENT, True, False, None, 0, 0, 19),
        (NEVER, False, False, None, 0, 0, 19),
    ]


def test_the_months_add_up_to_the_progress(connection: duckdb.DuckDBPyConnection) -> None:
    """What adds up: no rows are in one mart and not in the other, and the city is the sum of its units."""
    assert (
        rows(
            connection,
            "WITH so_far AS ("
            "  SELECT indicator, unit, month, sum(value) OVER ("
            "    PARTITION BY indicator, unit, CASE horizon WHEN 'annual' THEN year(month) END ORDER BY month"
            "  ) AS value FROM mart.indicator_status JOIN core.indicators USING (indicator)"
            "  WHERE NOT is_ratio"
            ") SELECT * FROM so_far JOIN mart.indicator_progress AS progress"
            " ON progress.indicator = so_far.indicator AND progress.month = so_far.month"
            " AND progress.unit IS NOT DISTINCT FROM so_far.unit"
            " WHERE coalesce(progress.value, 0) <> coalesce(so_far.value, 0)",
        )
        == []
    )
    assert (
        rows(
            connection,
            "SELECT indicator, month FROM mart.indicator_status JOIN core.indicators USING (indicator)"
            " WHERE NOT is_ratio GROUP BY ALL"
            " HAVING sum(value) FILTER (unit IS NULL) IS DISTINCT FROM sum(value) FILTER (unit IS NOT NULL)"
            " OR sum(expected_units) FILTER (unit IS NULL) <> sum(expected_units) FILTER (unit IS NOT NULL)"
            " OR sum(nil_units) FILTER (unit IS NULL) <> sum(nil_units) FILTER (unit IS NOT NULL)",
        )
        == []
    )
