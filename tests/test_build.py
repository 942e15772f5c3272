"""Which rows count: replacement ledger by ledger, the last check, duplicates; and the build as a whole."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.lake_world import Return, World, failed, honour, progress, rows, training, venue
from warehouse.building import inputs_fingerprint, layout
from warehouse.building.models import all_models

COUNTY, OTHER, CITY, ZONE = "360731", "360730", "360799", "360792"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_an_empty_home_has_every_table_and_reports_nothing(world: World) -> None:
    connection = world.built()
    assert rows(
        connection,
        "SELECT DISTINCT state, value, pace = 'NO_TARGET' FROM mart.indicator_progress"
        " WHERE unit IS NULL ORDER BY 3",
    ) == [
        ("NOT_REPORTED", None, False),
        ("NOT_REPORTED", None, True),
    ]
    assert progress(connection, "state, expected_units", "venues_programme", ZONE, "2024-01") == (
        "NOT_APPLICABLE",
        0,
    )
    assert rows(connection, "SELECT count(*) FROM core.honours") == [(0,)]
    assert rows(connection, "SELECT data_through, return_count, row_count FROM meta.publication") == [
        (None, 0, 0)
    ]


def test_a_later_return_replaces_ledger_by_ledger(world: World) -> None:
    world.hand_in(
        Return(
            COUNTY,
            "2024-03",
            {
                "skills_trainings": [training("甲", "2024-03-05")],
                "activity_venues": [venue("乙", "2024-03-06")],
            },
        )
    )
    world.hand_in(
        Return(
            COUNTY,
            "2024-03",
            {"skills_trainings": [training("丙", "2024-03-07"), training("丁", "2024-03-08")]},
        )
    )
    connection = world.built()
    assert rows(connection, "SELECT name FROM core.skills_trainings ORDER BY row") == [("丙",), ("丁",)]
    assert rows(connection, "SELECT name FROM core.activity_venues") == [("乙",)]
    assert rows(connection, "SELECT return_id, revision, status FROM core.returns") == [
        ("R000001", 1, "ACCEPTED"),
        ("R000002", 2, "ACCEPTED"),
    ]
    assert rows(
        connection, "SELECT ledger, in_force FROM core.return_ledgers ORDER BY return_id, ledger"
    ) == [
        ("activity_venues", True),
        ("skills_trainings", False),
        ("skills_trainings", True),
    ]


def test_a_nil_declaration_replaces_rows_but_an_empty_or_refused_sheet_does_not(world: World) -> None:
    world.hand_in(
        Return(
            COUNTY,
            "2024-03",
            {
                "skills_trainings": [training("甲", "2024-03-05")],
                "activity_venues": [venue("乙", "2024-03-06")],
                "honours": [honour("丙", "2024-03-07", None)],
            },
        ),
        Return(COUNTY, "2024-03", nil=["skills_trainings"], empty=["activity_venues"], refused=["honours"]),
    )
    connection = world.built()
    assert rows(connection, "SELECT count(*) FROM core.skills_trainings") == [(0,)]
    assert rows(connection, "SELECT count(*) FROM core.activity_venues") == [(1,)]
    assert rows(connection, "SELECT count(*) FROM core.honours") == [(1,)]
    assert progress(connection, "value, state", "county_skills_trainings", COUNTY, "2024-03") == (0, "ZERO")


def test_a_return_is_replaced_when_nothing_of_it_is_in_force(world: World) -> None:
    world.hand_in(
        Return(COUNTY, "2024-03", {"skills_trainings": [training("甲", "2024-03-05")]}),
        Return(COUNTY, "2024-03", nil=["skills_trainings"]),
        Return(COUNTY, "2024-03", {"skills_trainings": [training("乙", "2024-03-05")]}, status="REJECTED"),
    )
    connection = world.built()
    assert rows(connection, "SELECT status FROM core.returns ORDER BY sequence") == [
        ("REPLACED",),
        ("ACCEPTED",),
        ("REJECTED",),
    ]
    assert rows(connection, "SELECT return_id FROM core.ledger_reports") == [("R000002",)]


def test_the_last_check_of_a_return_counts(world: World) -> None:
    (return_id,) = world.hand_in(Return(COUNTY, "2024-03", {"activity_venues": [venue("甲", "2024-03-06")]}))
    world.check({return_id: Return(COUNTY, "2024-03", {"activity_venues": [venue("乙", "2024-03-06")]})})
    connection = world.built()
    assert rows(connection, "SELECT name FROM core.activity_venues") == [("乙",)]
    assert rows(connection, "SELECT return_id, batch FROM meta.sources") == [("R000001", 2)]


def test_an_event_of_city_and_county_is_credited_to_the_county(world: World) -> None:
    shared = training("焊工", "2024-03-05")
    world.hand_in(
        Return(CITY, "2024-03", {"skills_trainings": [shared]}),
        Return(COUNTY, "2024-03", {"skills_trainings": [shared]}),
        Return(OTHER, "2024-03", {"skills_trainings": [shared]}),
    )
    connection = world.built()
    assert rows(connection, "SELECT return_id, unit FROM core.skills_trainings") == [("R000002", COUNTY)]
    assert rows(
        connection,
        "SELECT return_id, unit, rule, counted_return_id, counted_unit, counted_row FROM core.duplicates",
    ) == [
        ("R000001", CITY, "R312", "R000002", COUNTY, 2),
        ("R000003", OTHER, "R312", "R000002", COUNTY, 2),
    ]
    ((cell, severity, message_zh, message_en),) = rows(
        connection,
        "SELECT cell, severity, message_zh, message_en FROM core.issues WHERE return_id = 'R000001'",
    )
    assert (cell, severity) == ("G2", "info")
    assert "于都县 R000002 技能培训 第 2 行" in message_zh
    assert "Yudu County, R000002, 技能培训, row 2" in message_en


def test_an_event_reported_again_by_its_unit_counts_in_its_own_month(world: World) -> None:
    again = training("焊工", "2024-03-05")
    world.hand_in(
        Return(COUNTY, "2024-03", {"skills_trainings": [again]}),
        Return(COUNTY, "2024-04", {"skills_trainings": [again, training("电工", "2024-02-29")]}),
    )
    connection = world.built()
    assert rows(
        connection, "SELECT month, count(*) FROM core.skills_trainings GROUP BY month ORDER BY month"
    ) == [
        (dt.date(2024, 2, 1), 1),
        (dt.date(2024, 3, 1), 1),
    ]
    assert rows(connection, "SELECT return_id, rule FROM core.issues") == [("R000002", "R311")]
    assert progress(connection, "value", "county_skills_trainings", COUNTY, "2024-02") == (1,)


def test_a_rebuild_gives_equal_tables(world: World) -> None:
    world.hand_in(Return(COUNTY, "2024-03", {"skills_trainings": [training("甲", "2024-03-05")]}))
    first_result, first = world.build()
    second_result, second = world.build()
    assert first_result.inputs == second_result.inputs
    for table in first_result.row_counts:
        if not table.startswith("meta."):
            assert rows(first, f"FROM {table}") == rows(second, f"FROM {table}")


def test_a_failing_audit_is_reported(world: World) -> None:
    world.hand_in(
        Return(
            COUNTY, "2024-03", {"activity_venues": [{**venue("甲", "2024-03-05"), "chain": "no_such_chain"}]}
        )
    )
    result, _ = world.build()
    assert list(failed(result)) == ["codes_known"]
    (audit,) = (audit for audit in result.audits if not audit.passed)
    assert (audit.offending, audit.sample[0]["chain"], result.passed) == (1, "no_such_chain", False)


def test_every_table_and_column_says_what_it_is(world: World) -> None:
    connection = world.built()
    for kind in ("tables", "views", "columns"):
        found = rows(connection, f"FROM duckdb_{kind}() WHERE NOT internal AND coalesce(comment, '') = ''")
        assert found == []


def test_the_fingerprint_follows_what_was_checked_and_by_what(world: World) -> None:
    def fingerprint(code_version: str = "test") -> str:
        return inputs_fingerprint(world.home, world.catalog, code_version)

    empty = fingerprint()
    (return_id,) = world.hand_in(Return(COUNTY, "2024-03", nil=["honours"]))
    checked = fingerprint()
    assert fingerprint() == checked == world.build()[0].inputs
    assert len({empty, checked, fingerprint("other")}) == 3
    world.check({return_id: Return(COUNTY, "2024-03", nil=["honours"])})
    assert fingerprint() != checked


def test_a_batch_from_before_a_column_was_declared_is_still_read(world: World) -> None:
    world.hand_in(Return(COUNTY, "2024-03", {"activity_venues": [venue("甲", "2024-03-06")]}))
    (path,) = world.home.lake.glob("*/activity_venues.parquet")
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["park"]).append_column("dropped", table["name"]), path)
    assert rows(world.built(), "SELECT name, park FROM core.activity_venues") == [("甲", None)]


def test_a_lost_file_of_the_lake_is_no_candidate(world: World) -> None:
    world.hand_in(Return(COUNTY, "2024-03", {"activity_venues": [venue("甲", "2024-03-06")]}))
    (path,) = world.home.lake.glob("*/activity_venues.parquet")
    path.unlink()
    with pytest.raises(duckdb.IOException):
        world.build()
    assert list(world.home.publications.iterdir()) == []


def test_lost_rows_of_the_lake_fail_an_audit(world: World) -> None:
    world.hand_in(
        Return(
            COUNTY,
            "2024-03",
            {"activity_venues": [venue("甲", "2024-03-06"), venue("乙", "2024-03-06")]},
        )
    )
    (path,) = world.home.lake.glob("*/activity_venues.parquet")
    pq.write_table(pq.read_table(path).slice(1), path)
    assert failed(world.build()[0])["lake_is_whole"] == (
        {
            "return_id": "R000001",
            "ledger": "activity_venues",
            "sheet": world.catalog.ledger_by_name["activity_venues"].title,
            "rows_accepted": 2,
            "rows_held": 1,
        },
    )


def test_the_tables_comments_and_views_are_the_same_whether_copied_or_made(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that cannot be written, a damaged file, and a good one: the publication does not differ."""
    world.hand_in(Return(COUNTY, "2024-03", {"skills_trainings": [training("甲", "2024-03-05")]}))
    no_folder = tmp_path / "a file"
    no_folder.touch()
    monkeypatch.setattr(layout, "CACHE", no_folder)
    made = _everything(world)
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setattr(layout, "CACHE", cache)
    published = [model for model in all_models(world.catalog) if model.is_published]
    layout.layout_file(world.catalog, published).write_bytes(b"damaged")
    assert _everything(world) == made
    assert len([*cache.iterdir()]) == 1
    assert _everything(world) == made
    assert len(made) > 40


def _everything(world: World) -> dict[str, object]:
    """What a built file has: the rows of its tables, and columns, types, comments and texts of all."""
    with closing(world.built()) as connection:
        tables = rows(
            connection,
            "SELECT schema_name || '.' || table_name, comment, NULL FROM duckdb_tables() UNION ALL"
            " SELECT schema_name || '.' || view_name, comment, sql FROM duckdb_views() WHERE NOT internal",
        )
        columns = rows(
            connection,
            "SELECT * EXCLUDE (database_name, database_oid, schema_oid, table_oid) FROM duckdb_columns()"
            " WHERE NOT internal ORDER BY ALL",
        )
        # A view of zh has the rows of its table, and of the run itself the time differs.
        compared = [name for name, _, _ in tables if not name.startswith(("zh.", "meta.publication"))]
        found = {name: rows(connection, f"FROM {name} ORDER BY ALL") for name in compared}
        return {"columns": columns, "tables": sorted(map(str, tables)), **found}
