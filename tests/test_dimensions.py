"""Dimensions over time: units that begin and end, and a chain that gets its name after rows have come in.

What belongs here: what SQL and the command line then say. What does not: targets that change
(``test_build_progress``), the form of such a unit (``test_template``).
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from etl.intake import Stated
from etl.receiving import receive_files
from tests.intake.workbooks import ledger, write
from tests.lake_world import Return, World, progress, rows, training
from tests.support.command import caller
from tests.support.pipeline import publish
from warehouse.catalog import Catalog, load_catalog
from warehouse.catalog.loader import CATALOG_DIRECTORY
from warehouse.publications import PublicationStore, open_for_reading
from warehouse.settings import Home

#: Ends in April 2024, begins in June 2024, and one that is there all the time.
ENDED, BEGUN, ALWAYS = "360702", "360704", "360731"
INDICATOR = "county_skills_trainings"


def with_validity() -> Catalog:
    """The catalog, but one unit ends and one begins within the programme."""
    catalog = load_catalog()
    changes = {
        ENDED: {"valid_to": dt.date(2024, 4, 30)},
        BEGUN: {"valid_from": dt.date(2024, 6, 15)},
    }
    units = tuple(unit.model_copy(update=changes.get(unit.unit, {})) for unit in catalog.units)
    return catalog.model_copy(update={"units": units})


def five(unit: str, month: str) -> Return:
    """As many trainings as the year's target of a unit."""
    return Return(
        unit,
        month,
        {"skills_trainings": [training(f"{unit} {day}", f"{month}-0{day}") for day in range(1, 6)]},
    )


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    world = World(tmp_path_factory.mktemp("units"), with_validity())
    world.hand_in(
        five(ENDED, "2024-03"),
        five(BEGUN, "2024-06"),
        *(
            Return(unit, f"2024-{month:02}", nil=["skills_trainings"])
            for unit, months in ((ENDED, (1, 2, 4)), (BEGUN, range(7, 13)))
            for month in months
        ),
    )
    with closing(world.built()) as connection:
        yield connection


def test_a_unit_owes_returns_in_its_months_alone(changing: duckdb.DuckDBPyConnection) -> None:
    owed = (
        "SELECT unit, min(period), max(period), count(*) FROM core.expected_reports WHERE unit IN (?, ?, ?)"
    )
    assert rows(changing, f"{owed} GROUP BY unit ORDER BY unit", ENDED, BEGUN, ALWAYS) == [
        (ENDED, dt.date(2024, 1, 1), dt.date(2024, 4, 1), 4),
        (BEGUN, dt.date(2024, 6, 1), dt.date(2026, 12, 1), 31),
        (ALWAYS, dt.date(2024, 1, 1), dt.date(2026, 12, 1), 36),
    ]
    assert rows(
        changing,
        "SELECT strftime(period, '%m'), count(*) FILTER (expected) FROM mart.reporting_status"
        " WHERE year(period) = 2024 AND month(period) BETWEEN 4 AND 6 GROUP BY ALL ORDER BY ALL",
    ) == [("04", 19), ("05", 18), ("06", 19)]


def test_a_unit_is_covered_by_its_months_alone(changing: duckdb.DuckDBPyConnection) -> None:
    """Complete is who has given all that it owed; later months ask nothing of a unit that has ended."""
    columns = "state, expected_units, reported_units"
    for unit, month, expected in (
        (ENDED, "2024-04", ("REPORTED", 1, 1)),
        (ENDED, "2024-12", ("REPORTED", 1, 1)),
        (ENDED, "2025-01", ("NOT_APPLICABLE", 0, 0)),
        (BEGUN, "2024-05", ("NOT_APPLICABLE", 0, 0)),
        (BEGUN, "2024-12", ("REPORTED", 1, 1)),
        (BEGUN, "2025-01", ("NOT_REPORTED", 1, 0)),
        (ALWAYS, "2024-12", ("NOT_REPORTED", 1, 0)),
    ):
        assert progress(changing, columns, INDICATOR, unit, month) == expected, (unit, month)
    assert rows(
        changing,
        "SELECT strftime(month, '%Y-%m'), state, value, expected_units, reported_units"
        " FROM mart.indicator_status WHERE indicator = ? AND unit IS NULL"
        " AND month BETWEEN DATE '2024-03-01' AND DATE '2024-07-01' ORDER BY month",
        INDICATOR,
    ) == [
        ("2024-03", "REPORTED", 5, 19, 1),
        ("2024-04", "ZERO", 0, 19, 1),
        ("2024-05", "NOT_REPORTED", None, 18, 0),
        ("2024-06", "REPORTED", 5, 19, 1),
        ("2024-07", "ZERO", 0, 19, 1),
    ]


def test_the_city_is_judged_by_the_units_that_it_had(changing: duckdb.DuckDBPyConnection) -> None:
    """Of the year, every unit that owed a return in it; of the next year, only those that still do."""
    columns = "value, numerator, denominator, expected_units"
    assert progress(changing, columns, INDICATOR, None, "2024-04") == (5, 1, 19, 19)
    assert progress(changing, columns, INDICATOR, None, "2024-06") == (10, 2, 20, 20)
    assert progress(changing, "denominator, expected_units", INDICATOR, None, "2025-01") == (None, 19)


def test_a_chain_that_is_named_later_takes_the_rows_that_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows had the warning R210 and no chain; the next publication has them in it, and diff says why."""
    home = Home(tmp_path / "home")
    people = [
        {"荣誉类别": "劳动模范", "级别": "市级", "获得者": name, "产业链": chain, "产业集群": None}
        for name, chain in {"甲": "生物医药", "乙": "医药", "丙": "电子信息", "丁": "没有的产业链"}.items()
    ]
    [file] = write(tmp_path, ledger("劳模先进", *people))
    list(receive_files(home, load_catalog(), [file], Stated()))
    publish(home)
    assert honoured(home, "1") == [("electronics", 1), (None, 3)]
    assert unknown_chains(home, "1") == ["医药", "没有的产业链", "生物医药"]

    catalog = load_catalog(named(tmp_path / "catalog"))
    monkeypatch.setattr("tests.support.pipeline.load_catalog", lambda: catalog)
    publish(home)
    assert honoured(home, "2") == [("chain_6", 2), ("electronics", 1), (None, 1)]
    assert unknown_chains(home, "2") == ["没有的产业链"]
    words = caller(home.root)("publications", "diff", "1", "2").stdout
    for part in (
        "chains chain_6: name_zh",
        "chain none → 生物医药: rows 2, returns 1",
        "R000001 rechecked +2",
    ):
        assert part in words


def named(folder: Path) -> Path:
    """A copy of the catalog in which the sixth chain has its name and another one."""
    shutil.copytree(CATALOG_DIRECTORY, folder)
    chains = folder / "chains.csv"
    before = chains.read_text(encoding="utf-8")
    after = re.sub(
        r"^chain_6,.*$", "chain_6,生物医药,Biomedicine,true,named in 2025,医药;制药", before, flags=re.M
    )
    assert after != before
    chains.write_text(after, encoding="utf-8")
    return folder


def honoured(home: Home, publication: str) -> list[tuple[object, ...]]:
    """Counted rows by chain."""
    with closing(open_for_reading(PublicationStore(home).path(publication))) as connection:
        return rows(
            connection, "SELECT chain, count(*) FROM core.honours GROUP BY chain ORDER BY chain NULLS LAST"
        )


def unknown_chains(home: Home, publication: str) -> list[object]:
    """What the issues R210 found."""
    with closing(open_for_reading(PublicationStore(home).path(publication))) as connection:
        found = rows(connection, "SELECT found FROM core.issues WHERE rule = 'R210' ORDER BY found")
        return [one for (one,) in found]
