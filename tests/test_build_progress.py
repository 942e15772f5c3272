"""What the figures are: values and their states, targets, paces, coverage."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from tests.lake_world import Return, World, honour, progress, rows, training, venue
from warehouse.catalog import Catalog, Target
from warehouse.publications import Readers, open_for_reading
from warehouse.reading import Reading, Viewer
from warehouse.reading.series import series

COUNTY, OTHER, CITY, ZONE = "360731", "360730", "360799", "360792"
D = Decimal


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_ratio_is_added_up_from_its_parts(world: World) -> None:
    world.hand_in(
        Return(
            COUNTY,
            "2024-01",
            {"honours": [honour("甲", "2024-01-05", "rare_earths"), honour("乙", "2024-01-05", None)]},
        ),
        Return(OTHER, "2024-01", {"honours": [honour("丙", "2024-01-05", None)]}),
        Return(CITY, "2024-01", nil=["honours"]),
    )
    connection = world.built()
    columns = (
        "value, state, numerator, denominator, target, expected_to_date, attainment, gap, pace, forecast"
    )
    assert progress(connection, columns, "honours_7510_share", None, "2024-06") == (
        D("33.333333"), "REPORTED", 1, 3, 30, 30, D("1.111111"), D("-3.333333"), "DONE", D("33.333333"),
    )  # fmt: skip
    assert progress(connection, "value, state, pace", "honours_7510_share", OTHER, "2024-06") == (
        0,
        "ZERO",
        "NO_TARGET",
    )
    parts = "value, state, numerator, denominator"
    assert progress(connection, parts, "honours_7510_share", CITY, "2024-06") == (
        None, "NOT_APPLICABLE", 0, 0,
    )  # fmt: skip
    assert progress(connection, "value, state", "honours_7510_share", ZONE, "2024-06") == (
        None,
        "NOT_APPLICABLE",
    )
    assert progress(connection, "value, state", "honours_7510_share", "360702", "2024-06") == (
        None,
        "NOT_REPORTED",
    )


def test_paces_are_compared_exactly(world: World) -> None:
    world.hand_in(
        Return(COUNTY, "2024-06", {"activity_venues": [venue(f"甲{i}", "2024-06-05") for i in range(4)]}),
        Return(COUNTY, "2024-07", {"activity_venues": [venue(f"乙{i}", "2024-07-05") for i in range(2)]}),
        Return(COUNTY, "2024-08", {"activity_venues": [venue(f"丙{i}", "2024-08-05") for i in range(4)]}),
        Return(COUNTY, "2024-12", {"activity_venues": [venue("丁", "2024-12-05")]}),
    )
    connection = world.built()
    paces = rows(
        connection,
        "SELECT month(month), value, expected_to_date, pace, gap, attainment, forecast"
        " FROM mart.indicator_progress WHERE indicator = 'activity_venues' AND unit IS NULL"
        " AND year(month) = 2024 AND month(month) IN (5, 6, 7, 8) ORDER BY 1",
    )
    assert paces == [
        (5, None, D("4.166667"), "NOT_REPORTED", None, None, None),
        (6, 4, 5, "BEHIND", 6, D("0.4"), 8),
        (7, 6, D("5.833333"), "ON_TRACK", 4, D("0.6"), D("10.285714")),
        (8, 10, D("6.666667"), "DONE", 0, 1, 15),
    ]
    columns = "value, target, expected_to_date, pace"
    # 30 over 36 months: 10 are expected after 12, and 11 are exactly 1.1 times as many.
    assert progress(connection, columns, "venues_programme", None, "2024-12") == (11, 30, 10, "AHEAD")
    assert progress(connection, "value, pace", "venues_programme", None, "2024-11") == (10, "ON_TRACK")
    assert progress(connection, "value, pace", "venues_programme", None, "2025-01") == (11, "ON_TRACK")
    # 0.9 times the expected pass 11 between 14 and 15 months.
    assert progress(connection, "value, pace", "venues_programme", None, "2025-02") == (11, "ON_TRACK")
    assert progress(connection, "value, pace", "venues_programme", None, "2025-03") == (11, "BEHIND")


def test_a_county_scope_indicator_is_judged_by_its_units(world: World) -> None:
    def trainings(unit: str, count: int) -> Return:
        return Return(
            unit,
            "2024-03",
            {"skills_trainings": [training(f"{unit}-{i}", "2024-03-05") for i in range(count)]},
        )

    expected = [unit.unit for unit in world.catalog.units if unit.files]
    world.hand_in(*(trainings(unit, 6 if unit == COUNTY else 5) for unit in expected[:-1]))
    columns = "value, numerator, denominator, target, expected_to_date, attainment, gap, pace, forecast"
    connection = world.built()
    assert progress(connection, columns, "county_skills_trainings", None, "2024-03") == (
        96, 19, 20, 5, D("1.25"), D("0.95"), None, "BEHIND", 384,
    )  # fmt: skip
    assert progress(connection, "value, gap, pace", "county_skills_trainings", COUNTY, "2024-03") == (
        6,
        -1,
        "DONE",
    )
    assert progress(connection, "target, pace", "county_skills_trainings", ZONE, "2024-03") == (
        None,
        "NO_TARGET",
    )
    world.hand_in(trainings(expected[-1], 1))
    connection = world.built()
    assert progress(connection, "numerator, pace", "county_skills_trainings", None, "2024-04") == (
        19,
        "BEHIND",
    )
    assert progress(connection, "pace", "county_skills_trainings", None, "2024-02") == ("NOT_REPORTED",)
    world.hand_in(
        Return(
            expected[-1],
            "2024-04",
            {"skills_trainings": [training(f"丁{i}", "2024-04-05") for i in range(4)]},
        )
    )
    connection = world.built()
    assert progress(connection, "numerator, pace", "county_skills_trainings", None, "2024-04") == (20, "DONE")


def test_coverage_asks_for_every_month_and_every_ledger(world: World) -> None:
    late = "2024-03-06T00:00:00+08:00"
    in_time = "2024-03-05T23:59:59+08:00"
    both = ["activity_venues", "demonstration_unions"]
    world.hand_in(
        Return(COUNTY, "2024-01", nil=both),
        Return(COUNTY, "2024-02", nil=both, received_at=in_time),
        Return(OTHER, "2024-01", nil=both),
        Return(OTHER, "2024-02", nil=["activity_venues"], received_at=late),
        Return(COUNTY, "2024-02", nil=["activity_venues"], received_at="2024-04-01T00:00:00+08:00"),
    )
    connection = world.built()
    columns = "state, expected_units, reported_units, late_units"
    assert progress(connection, columns, "grassroots_subsidy", None, "2024-01") == ("ZERO", 20, 2, 0)
    assert progress(connection, columns, "grassroots_subsidy", None, "2024-02") == ("ZERO", 20, 1, 0)
    assert progress(connection, columns, "activity_venues", None, "2024-02") == ("ZERO", 20, 2, 1)
    assert progress(connection, columns, "activity_venues", OTHER, "2024-02") == ("ZERO", 1, 1, 1)
    assert progress(connection, columns, "activity_venues", OTHER, "2024-03") == ("ZERO", 1, 0, 0)
    assert progress(connection, columns, "activity_venues", "360702", "2024-03") == ("NOT_REPORTED", 1, 0, 0)
    assert rows(
        connection,
        "SELECT unit, return_id, late, nil, ledgers_reported, ledgers_nil, ledgers_missing"
        " FROM mart.reporting_status"
        " WHERE period = DATE '2024-02-01' AND return_id IS NOT NULL ORDER BY unit",
    ) == [(OTHER, "R000004", True, True, 0, 1, 18), (COUNTY, "R000005", False, True, 0, 2, 17)]


def test_money_adds_up_to_the_cent(world: World) -> None:
    venues = [venue("甲", "2025-02-01", "99999.99"), venue("乙", "2025-01-01", None)]
    world.hand_in(Return(COUNTY, "2025-02", {"activity_venues": venues}))
    connection = world.built()
    assert rows(
        connection, "SELECT measure, indicator, unit, year, paid FROM mart.funding WHERE paid <> 0"
    ) == [(5, "grassroots_subsidy", unit, 2025, D("99999.99")) for unit in (None, COUNTY)]
    assert progress(connection, "value, state", "grassroots_subsidy", COUNTY, "2025-01") == (0, "ZERO")


def with_targets(catalog: Catalog, *targets: Target) -> Catalog:
    return catalog.model_copy(update={"targets": targets})


def test_money_is_planned_by_targets_and_rates_or_says_why_not(world: World) -> None:
    share = target("even", level="unit", unit=COUNTY, figure="2")
    own = [
        share.model_copy(update={"indicator": indicator})
        for indicator in ("activity_venues", "liuyou_unions", "liuguifan_unions")
    ]
    world.catalog = with_targets(world.catalog, *world.catalog.targets, *own)
    world.hand_in(Return(COUNTY, "2024-02", {"activity_venues": [venue("甲", "2024-02-01")]}))
    connection = world.built()
    sql = (
        "SELECT planned, paid, paid_share, unplanned_en IS NULL, through, expected_units, reported_units"
        " FROM mart.funding WHERE indicator = ? AND year = ? AND unit IS NOT DISTINCT FROM ?"
    )
    through = dt.date(2024, 2, 1)
    # 10 × 100,000 + 20 × 20,000 + 20 × 40,000.
    assert rows(connection, sql, "grassroots_subsidy", 2024, None) == [
        (2_200_000, 100_000, D("0.045455"), True, through, 20, 0)
    ]
    assert rows(connection, sql, "grassroots_subsidy", 2024, COUNTY) == [
        (320_000, 100_000, D("0.3125"), True, through, 1, 0)
    ]
    assert rows(connection, sql, "grassroots_subsidy", 2024, OTHER) == [
        (None, None, None, False, through, 1, 0)
    ]
    assert rows(connection, sql, "grassroots_subsidy", 2025, None)[0][:2] == (2_200_000, None)
    for indicator in ("competition_subsidy", "mutual_insurance_subsidy", "childcare_subsidy"):
        assert rows(connection, sql, indicator, 2024, None)[0][:4] == (None, None, None, False)
    assert rows(
        connection, "SELECT count(*) FROM mart.funding WHERE (planned IS NULL) = (unplanned_zh IS NULL)"
    ) == [(0,)]


def test_a_target_that_changes_holds_from_its_month_on(world: World) -> None:
    first = target("even", figure="12")
    later = target("quarterly", 0, 0, 1, 1, figure="24").model_copy(
        update={"valid_from": dt.date(2024, 7, 1)}
    )
    world.catalog = with_targets(world.catalog, first, later)
    connection = world.built()
    found = {
        month: progress(connection, "target, expected_to_date", "activity_venues", None, f"2024-{month:02}")
        for month in (1, 6, 7, 9, 12)
    }
    assert found == {1: (12, 1), 6: (12, 6), 7: (24, 4), 9: (24, 12), 12: (24, 24)}
    assert rows(connection, "SELECT valid_from, valid_to, target FROM core.targets ORDER BY valid_from") == [
        (dt.date(2024, 1, 1), dt.date(2024, 6, 30), 12),
        (dt.date(2024, 7, 1), None, 24),
    ]


def target(
    phasing: str, *weights: int, level: str = "city", unit: str | None = None, figure: str = "12"
) -> Target:
    return Target.model_validate(
        {
            "indicator": "activity_venues",
            "year": 2024,
            "level": level,
            "unit": unit,
            "target": figure,
            "phasing": phasing,
            "weights": weights,
        }
    )


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (target("even"), {1: "1", 6: "6", 12: "12"}),
        (target("monthly", 0, 0, 1, *[1] * 9), {1: "0", 2: "0", 3: "1.2", 12: "12"}),
        (target("quarterly", 1, 0, 0, 3), {1: "1", 3: "3", 4: "3", 9: "3", 10: "6", 11: "9", 12: "12"}),
    ],
)
def test_a_target_is_expected_by_its_phasing(
    world: World, declared: Target, expected: dict[int, str]
) -> None:
    world.catalog = with_targets(world.catalog, declared)
    world.hand_in(Return(COUNTY, "2024-01", {"activity_venues": [venue("甲", "2024-01-05")]}))
    found = dict(
        rows(
            world.built(),
            "SELECT month(month), expected_to_date FROM mart.indicator_progress"
            " WHERE indicator = 'activity_venues' AND unit IS NULL AND year(month) = 2024",
        )
    )
    assert {month: found[month] for month in expected} == {
        month: D(figure) for month, figure in expected.items()
    }


def test_a_unit_has_its_own_target_or_that_of_each_unit(world: World) -> None:
    world.catalog = with_targets(
        world.catalog,
        target("even", level="each_unit", figure="5"),
        target("even", level="unit", unit=COUNTY, figure="7"),
    )
    world.publish()
    with closing(open_for_reading(world.publications.path("000001"))) as connection:
        found = {
            unit: progress(connection, "target", "activity_venues", unit, "2024-03")[0]
            for unit in (None, COUNTY, OTHER, ZONE)
        }
    assert found == {None: None, COUNTY: 7, OTHER: 5, ZONE: None}
    # Month by month, and in the list of indicators, the city has no target either.
    january = dt.date(2024, 1, 1)
    with Readers(world.publications).open() as reader:
        reading = Reading.of(reader, Viewer.CITY)
        monthly = {
            unit: series(reading, "activity_venues", january, january, unit).points[0].target
            for unit in found
        }
        assert reading.catalogue.indicator("activity_venues").target is None
    assert monthly == {None: None, COUNTY: D("0.583333"), OTHER: D("0.416667"), ZONE: None}


def test_a_ceiling_is_kept_only_at_the_end(world: World) -> None:
    indicators = tuple(
        indicator.model_copy(update={"comparison": "at_most"})
        if indicator.code == "activity_venues"
        else indicator
        for indicator in world.catalog.indicators
    )
    catalog = with_targets(world.catalog, target("even", figure="10"))
    world.catalog = catalog.model_copy(update={"indicators": indicators})
    world.hand_in(
        Return(COUNTY, "2024-06", {"activity_venues": [venue(f"甲{i}", "2024-06-05") for i in range(5)]}),
        Return(COUNTY, "2024-08", {"activity_venues": [venue(f"乙{i}", "2024-08-05") for i in range(5)]}),
    )
    connection = world.built()
    paces = [
        progress(connection, "pace", "activity_venues", None, f"2024-{month:02d}")[0]
        for month in range(6, 13)
    ]
    assert paces == ["ON_TRACK", "AHEAD", "BEHIND", "BEHIND", "BEHIND", "ON_TRACK", "DONE"]
