"""The audits before publishing: each finds the data that it is there for, and keeps it from going live.

What belongs here: one break of the built tables an audit. What does not: whether a run publishes after it
(``test_definitions``), what warnings find (``test_corrections``).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from tests.lake_world import Return, Row, World, failed, honour, training, venue
from warehouse.building import audits
from warehouse.building.audits import AUDITS_DIRECTORY, AuditResult, audit_names, run_audit

COUNTY, OTHER = "360731", "360730"

#: By audit: what breaks the tables that it asks.
BREAKS = {
    "city_is_sum_of_units": "UPDATE mart.indicator_progress SET value = value + 1"
    " WHERE indicator = 'county_skills_trainings' AND unit IS NULL",
    "codes_known": "UPDATE core.skills_trainings SET chain = 'no_such_chain'",
    "figures_have_rows": "UPDATE mart.indicator_progress SET value = value + 1"
    " WHERE indicator = 'county_skills_trainings'",
    "lake_is_whole": "DELETE FROM lake.rows",
    "natural_keys_unique": "UPDATE lake.rows SET event = 0",
    "one_return_in_force": "UPDATE core.return_ledgers SET in_force = TRUE",
    "progress_is_complete": "DELETE FROM mart.indicator_progress WHERE unit IS NULL",
    "ratios_within_bounds": "UPDATE mart.indicator_progress SET value = 101"
    " WHERE indicator = 'honours_7510_share'",
    "rows_accounted_for": "DELETE FROM core.skills_trainings",
    "small_numbers_hidden": "DELETE FROM mart.small_number_swaps",
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
