"""What differs between two publications, by how much and by which returns."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.lake_world import Return, World, honour, training, venue
from tests.support.changes import changed_figures
from tests.support.history import built_once
from tests.support.publications import publish_again, publish_older
from warehouse.catalog import load_catalog
from warehouse.decisions import About, DecisionLog, Kind
from warehouse.history.comparing import Change, Changes, Comparison, compare
from warehouse.publications import PublicationNotFound, PublicationStore, Readers
from warehouse.settings import Home

COUNTY, OTHER, CITY = "360731", "360730", "360799"
MARCH = dt.date(2024, 3, 1)
SHARED = training("焊工", "2024-03-05")


def publish(world: World) -> str:
    """Builds and publishes what the world holds."""
    result, connection = world.build()
    connection.close()
    assert result.passed, [audit for audit in result.audits if not audit.passed]
    return PublicationStore(world.home).publish(result.candidate)


def correction(world: World) -> None:
    """A correction takes one row away, one over from the city, and adds one; another unit declares nil."""
    world.hand_in(
        Return(
            COUNTY,
            "2024-03",
            {
                "skills_trainings": [training("甲", "2024-03-05"), SHARED, training("丁", "2024-02-08")],
                "activity_venues": [venue("戊", "2024-03-09", "20000.00")],
            },
        ),
        Return(OTHER, "2024-03", nil=["honours"]),
    )


FIRST_RETURNS = (
    Return(
        COUNTY,
        "2024-03",
        {
            "skills_trainings": [training("甲", "2024-03-05"), training("乙", "2024-03-06")],
            "honours": [honour("丙", "2024-03-07", None), honour("己", "2024-03-08", "electronics")],
            "activity_venues": [venue("戊", "2024-03-09")],
        },
    ),
    Return(CITY, "2024-03", {"skills_trainings": [SHARED, training("庚", "2024-03-05")]}),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> PublicationStore:
    """Publication 1; 2 after a correction; 3 after a return was checked again; 4 after one was withdrawn."""
    return PublicationStore(Home(built_once(tmp_path_factory, "compared", four_publications)))


def four_publications(folder: Path) -> None:
    world = World(folder)
    world.hand_in(*FIRST_RETURNS)
    publish(world)
    correction(world)
    publish(world)
    both = [honour("丙", "2024-03-07", "rare_earths"), honour("己", "2024-03-08", "electronics")]
    world.check({"R000001": Return(COUNTY, "2024-03", {"honours": both})})
    publish(world)
    with DecisionLog(world.home).deciding() as register:
        about = About(return_id="R000003")
        register.record(Kind.WITHDRAW, about, by="王", note="错报", last_sequence=4)
    publish(world)


Compare = Callable[[str, str], Comparison]


@pytest.fixture(scope="module")
def compared(store: PublicationStore) -> Compare:
    """Each comparison of them is made once."""
    return functools.cache(functools.partial(compare, store))


@pytest.fixture
def corrected(compared: Compare) -> Comparison:
    return compared("1", "2")


def found(changes: Changes, indicator: str, unit: str | None) -> Change:
    [one] = [one for one in changes.items if (one.indicator, one.unit) == (indicator, unit)]
    return one


def causes(change: Change) -> dict[str, tuple[str, int, int, int, int]]:
    return {
        one.return_id: (one.change, one.rows_before, one.rows_after, int(one.before), int(one.after))
        for one in change.causes
    }


def values(change: Change) -> tuple[int | None, int | None]:
    """Before and after; all are whole numbers here."""
    before, after = (side.value for side in (change.before, change.after))
    return (None if before is None else int(before), None if after is None else int(after))


@pytest.mark.parametrize(("before", "after"), [("1", "2"), ("2", "1"), ("2", "3"), ("3", "4")])
@pytest.mark.parametrize("totals", [True, False], ids=["totals", "months"])
def test_every_changed_figure_is_told_and_no_other(
    store: PublicationStore, compared: Compare, before: str, after: str, totals: bool
) -> None:
    comparison = compared(before, after)
    changes = comparison.totals if totals else comparison.months
    told = {
        (one.indicator, one.unit, one.first, one.last): tuple(
            (side.value, side.state, side.numerator, side.denominator) for side in (one.before, one.after)
        )
        for one in changes.items
    }
    assert told == changed_figures(store, before, after, totals=totals)
    assert (len(told), len(changes.items)) == (changes.total, changes.total)
    assert told


@pytest.mark.parametrize(("before", "after"), [("1", "2"), ("2", "3"), ("3", "4"), ("4", "1")])
def test_the_parts_of_the_returns_add_up_to_the_difference(
    compared: Compare, before: str, after: str
) -> None:
    ratios = {indicator.code for indicator in load_catalog().indicators if indicator.is_ratio}
    comparison = compared(before, after)
    additive = [
        one
        for one in (*comparison.totals.items, *comparison.months.items)
        if one.indicator not in ratios and one.difference is not None
    ]
    assert any(one.difference for one in additive)
    for one in additive:
        assert sum(cause.after - cause.before for cause in one.causes) == one.difference, one
        assert one.causes, one


def test_a_correction_is_told_with_what_it_replaces(corrected: Comparison) -> None:
    trainings = found(corrected.totals, "county_skills_trainings", COUNTY)
    assert (values(trainings), trainings.difference) == ((2, 3), Decimal(1))
    # March is the same, with other rows; February is new.
    assert causes(trainings) == {"R000003": ("added", 0, 1, 0, 1)}
    money = found(corrected.months, "grassroots_subsidy", COUNTY)
    assert (money.first, money.last, values(money)) == (MARCH, MARCH, (100000, 20000))
    assert causes(money) == {
        "R000001": ("replaced", 1, 0, 100000, 0),
        "R000003": ("added", 0, 1, 0, 20000),
    }


def test_a_row_that_counts_elsewhere_names_the_return_that_displaced_it(corrected: Comparison) -> None:
    of_city = found(corrected.months, "county_skills_trainings", CITY)
    assert values(of_city) == (2, 1)
    assert causes(of_city) == {"R000002": ("same", 2, 1, 2, 1), "R000003": ("added", 0, 0, 0, 0)}


def test_and_the_other_way_round_the_return_that_no_longer_does(compared: Compare) -> None:
    of_city = found(compared("2", "1").months, "county_skills_trainings", CITY)
    assert causes(of_city) == {"R000002": ("same", 1, 2, 1, 2), "R000003": ("withdrawn", 0, 0, 0, 0)}


def test_a_nil_declaration_changes_a_state(corrected: Comparison) -> None:
    medals = found(corrected.months, "may_day_medals", OTHER)
    assert (medals.before.state, medals.after.state) == ("NOT_REPORTED", "ZERO")
    assert (values(medals), medals.difference) == ((None, 0), None)
    assert causes(medals) == {"R000004": ("added", 0, 0, 0, 0)}


def test_the_returns_are_told(corrected: Comparison) -> None:
    assert [(one.return_id, one.change, one.rechecked) for one in corrected.returns] == [
        ("R000001", "replaced", False),
        ("R000003", "added", False),
        ("R000004", "added", False),
    ]
    assert (corrected.rechecked, corrected.reclassified, corrected.catalog) == (0, (), ())
    assert not corrected.is_empty


def test_a_return_that_was_checked_again_and_chains_that_were_assigned_otherwise(
    compared: Compare,
) -> None:
    checked = compared("2", "3")
    [one] = checked.returns
    assert (one.return_id, one.change, one.rechecked, one.accepted_before, one.accepted_after) == (
        *("R000001", "rechecked", True, 5, 2),
    )
    [moved] = checked.reclassified
    assert (moved.dimension, moved.before, moved.after, moved.rows) == ("chain", None, "rare_earths", 1)
    share = found(checked.totals, "honours_7510_share", COUNTY)
    assert values(share) == (50, 100)
    assert causes(share) == {"R000001": ("rechecked", 2, 2, 1, 2)}


def test_a_withdrawn_return_is_told_with_the_decision_and_with_what_counts_again(compared: Compare) -> None:
    withdrawn = compared("3", "4")
    [decision] = withdrawn.decisions
    assert (decision.decision, decision.kind, decision.change, decision.decided_by, decision.note) == (
        *("D000001", "withdraw", "added", "王", "错报"),
    )
    assert [(one.return_id, one.change) for one in withdrawn.returns] == [("R000003", "withdrawn")]
    of_city = found(withdrawn.months, "county_skills_trainings", CITY)
    assert values(of_city) == (1, 2)
    assert causes(of_city) == {"R000002": ("same", 1, 2, 1, 2), "R000003": ("withdrawn", 0, 0, 0, 0)}
    back = compared("4", "3")
    assert [one.change for one in back.decisions] == ["removed"]
    assert [(one.return_id, one.change) for one in back.returns] == [("R000003", "restored")]


def test_the_city_comes_first_and_a_limit_counts_what_it_leaves_out(
    store: PublicationStore, corrected: Comparison
) -> None:
    whole = corrected
    units = [one.unit for one in whole.totals.items]
    assert None in units
    assert units == sorted(units, key=lambda unit: unit is not None)
    limited = compare(store, "1", "2", limit=2)
    assert limited.totals.items == whole.totals.items[:2]
    assert (limited.totals.total, limited.months.total) == (whole.totals.total, whole.months.total)


def test_one_indicator_or_one_unit_alone(store: PublicationStore, corrected: Comparison) -> None:
    whole = corrected
    narrowed = compare(store, "1", "2", indicator="grassroots_subsidy")
    assert narrowed.totals.items == tuple(
        one for one in whole.totals.items if one.indicator == "grassroots_subsidy"
    )
    of_county = compare(store, "1", "2", unit=COUNTY)
    assert of_county.months.items == tuple(one for one in whole.months.items if one.unit == COUNTY)
    assert 0 < of_county.months.total < whole.months.total


def test_the_same_inputs_differ_in_nothing(store: PublicationStore, home: Home) -> None:
    copies = PublicationStore(home)
    for _ in range(2):
        publish_again(store, "1", copies)
    same = compare(copies, "1", "2")
    assert same.is_empty
    assert (same.catalog, same.rechecked, same.before.inputs) == ((), 0, same.after.inputs)


def test_an_unknown_publication_is_told(store: PublicationStore) -> None:
    for ids in (("1", "9"), ("9", "1")):
        with pytest.raises(PublicationNotFound, match="'9'"):
            compare(store, *ids)


def test_comparing_beside_readers_of_the_same_files(store: PublicationStore) -> None:
    readers = Readers(store)
    with readers.open("1") as one, readers.open("2") as other:
        assert compare(store, "1", "2").totals.total
        assert [reader.query("SELECT publication_id FROM meta.publication") for reader in (one, other)] == [
            [{"publication_id": "000001"}],
            [{"publication_id": "000002"}],
        ]
    readers.close()


# Another catalog


def test_another_catalog_is_told(store: PublicationStore, home: Home) -> None:
    copies = PublicationStore(home)
    publish_again(store, "1", copies)
    publish_again(
        store,
        "1",
        copies,
        """
        UPDATE meta.publication SET catalog_version = 'another';
        UPDATE core.chains SET name_zh = '新材料', confirmed = TRUE WHERE chain = 'electronics';
        UPDATE core.targets SET target = target + 10
        WHERE indicator = 'county_skills_trainings' AND year = 2024 AND level = 'each_unit';
        DELETE FROM core.indicators WHERE indicator = 'childcare_subsidy';
        INSERT INTO core.clusters SELECT * REPLACE ('new_cluster' AS cluster) FROM core.clusters LIMIT 1;
        UPDATE core.indicators SET formula_en = 'otherwise' WHERE indicator = 'model_workers';
        """,
    )
    differs = compare(copies, "1", "2")
    assert (differs.after.catalog_version, differs.before.catalog_version) == (
        "another",
        load_catalog().version,
    )
    assert sorted(
        (one.code_list, one.entry, one.change, one.column, one.after)
        for one in differs.catalog
        if one.column is not None
    ) == [
        ("chains", "electronics", "changed", "name_zh", "新材料"),
        ("indicators", "model_workers", "changed", "formula_en", "otherwise"),
        ("targets", "county_skills_trainings 2024 each_unit 2024-01-01", "changed", "target", "15.00"),
    ]
    assert [(one.code_list, one.entry, one.change) for one in differs.catalog if one.column is None] == [
        ("indicators", "childcare_subsidy", "removed"),
        ("clusters", "new_cluster", "added"),
    ]


# Older publications


def test_a_publication_from_before_there_were_manifests_is_compared(
    store: PublicationStore, home: Home
) -> None:
    copies = PublicationStore(home)
    publish_older(store, "1", copies)
    publish_again(store, "2", copies)
    differs = compare(copies, "1", "2")
    assert (differs.before.tables, differs.before.sha256, differs.before.row_count) == ({}, None, 7)
    money = found(differs.months, "grassroots_subsidy", COUNTY)
    assert (values(money), money.before.state) == ((100000, 20000), None)
    assert values(found(differs.totals, "county_skills_trainings", CITY)) == (2, 1)
    # States of single months are not known: they are no differences.
    assert all(one.before.value != one.after.value for one in differs.months.items)
