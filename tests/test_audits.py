"""The audits before publishing: each finds the data that it is there for, and keeps it from going live.

What belongs here: one break of the built tables an audit. What does not: whether a run publishes after it
(``test_definitions``), what warnings find (``test_corrections``).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from tests.lake_world import Return, Row, World, failed, honour, rows, training, venue
from warehouse.building import audits
from warehouse.building.audits import AUDITS_DIRECTORY, AuditResult, audit_names, run_audit
from warehouse.decisions import About, DecisionLog, Kind

COUNTY, OTHER, MUNICIPAL = "360731", "360730", "360799"

#: By audit: what breaks the tables that it asks.
BREAKS = {
    "city_is_sum_of_units": "UPDATE mart.indicator_progress SET value = value + 1"
    " WHERE indicator = 'county_skills_trainings' AND unit IS NULL",
    "codes_known": "UPDATE core.skills_trainings SET chain = 'no_such_chain'",
    "figures_have_rows": "UPDATE mart.indicator_progress SET value = value + 1"
    " WHERE indicator = 'county_skills_trainings'",
    "lake_is_whole": "DELETE FROM lake.rows",
    "natural_keys_unique": "INSERT INTO stage.repeated_keys SELECT event, 2 FROM lake.rows LIMIT 1",
    "one_return_in_force": "UPDATE core.return_ledgers SET in_force = TRUE",
    "progress_is_complete": "DELETE FROM mart.indicator_progress WHERE unit IS NULL",
    "ratios_within_bounds": "UPDATE mart.indicator_progress SET value = 101"
    " WHERE indicator = 'honours_7510_share'",
    "rows_accounted_for": "DELETE FROM core.skills_trainings",
    "small_numbers_hidden": "DELETE FROM mart.small_number_swaps",
    "totals_never_fall": "DELETE FROM core.skills_trainings; DELETE FROM mart.indicator_monthly",
}


def checkup(name: str, workers: int) -> Row:
    return {
        "enterprise": name,
        "held_on": dt.date(2024, 3, 5),
        "workers": workers,
        "chain": "electronics",
    }


def test_every_audit_finds_what_it_is_there_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    world.hand_in(
        Return(COUNTY, "2024-03", {"skills_trainings": [training("焊工", "2024-03-05")]}),
        Return(
            COUNTY,
            "2024-03",
            {
                "skills_trainings": [training("焊工", "2024-03-05")],
                "health_checkups": [checkup("甲", 5)],
                "honours": [honour("乙", "2024-03-05", "electronics")],
            },
        ),
        Return(
            OTHER,
            "2024-03",
            {"health_checkups": [checkup("丙", 50)], "activity_venues": [venue("丁", "2024-03-05")]},
        ),
    )
    world.publish()
    found: dict[str, AuditResult] = {}

    def run_broken(connection: duckdb.DuckDBPyConnection, directory: Path = AUDITS_DIRECTORY) -> object:
        if directory == AUDITS_DIRECTORY:
            for name in audit_names():
                connection.execute("BEGIN")
                connection.execute(BREAKS[name])
                found[name] = run_audit(connection, AUDITS_DIRECTORY / f"{name}.sql")
                connection.execute("ROLLBACK")
        return audits.run_audits(connection, directory)

    monkeypatch.setattr("warehouse.building.build.run_audits", run_broken)
    result, connection = world.build()
    connection.close()
    assert failed(result) == {}, "whole data passes"
    assert {name for name, each in found.items() if not each.passed} == {*audit_names()}
    assert all(each.description and each.sample for each in found.values())


def test_totals_may_fall_for_a_reason_alone(tmp_path: Path) -> None:
    """Replaced, withdrawn, checked anew after a decision, counted elsewhere: all pass. Lost rows do not."""
    world = World(tmp_path)
    _, second, third, _ = world.hand_in(
        *(
            Return(
                COUNTY,
                month,
                {"skills_trainings": [training(f"{month} {kind}", f"{month}-05") for kind in "甲乙"]},
            )
            for month in ("2024-03", "2024-04", "2024-05")
        ),
        Return(MUNICIPAL, "2024-03", {"skills_trainings": [training("市级", "2024-03-09")]}),
    )
    original = Return(
        COUNTY, "2024-06", {"skills_trainings": [training(name, "2024-06-05") for name in ("丙", "丁")]}
    )
    [fourth] = world.hand_in(original)
    world.publish()

    one_less = {"skills_trainings": [training("2024-03 甲", "2024-03-05")]}
    world.hand_in(
        Return(COUNTY, "2024-03", one_less),
        # The city reported it first, but a county's own report goes before.
        Return(OTHER, "2024-03", {"skills_trainings": [training("市级", "2024-03-09")]}),
    )
    with DecisionLog(world.home).deciding() as register:
        register.record(Kind.WITHDRAW, About(return_id=second), by="测试", note="误报", last_sequence=4)
    corrected = Return(COUNTY, "2024-05", {"skills_trainings": [training("2024-05 甲", "2024-05-05")]})
    world.check({third: corrected}, check_version="test, corrected")
    connection = world.built()
    assert rows(
        connection,
        "SELECT month(month), sum(numerator) FROM mart.indicator_monthly"
        " WHERE indicator = 'county_skills_trainings' GROUP BY ALL ORDER BY ALL",
    ) == [(3, 2), (5, 1), (6, 2)]
    connection.close()

    lost = Return(COUNTY, "2024-06", {"skills_trainings": [training("丙", "2024-06-05")]})
    world.check({fourth: lost})
    result, connection = world.build()
    connection.close()
    assert failed(result)["totals_never_fall"] == (
        {
            "indicator": "county_skills_trainings",
            "unit": COUNTY,
            "month": dt.date(2024, 6, 1),
            "total_before": 2,
            "total_now": 1,
            "return_id": fourth,
            "rows_lost": 1,
        },
    )
    # It is not asked of what other code counted, nor of what cannot be read.
    file = world.publications.current_path()
    assert file is not None
    result, connection = world.build(code_version="another")
    connection.close()
    assert failed(result) == {}
    file.chmod(0o600)
    file.write_bytes(b"damaged")
    world.built().close()
