"""Few files: what is compacted counts the same, nothing is lost on the way, and the old stays until gc."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest

from etl.assets.intake import is_answered
from tests.lake_world import Return, World, honour, training, venue
from tests.support.command import run
from tests.support.history import copied_home
from tests.support.pipeline import publish
from tests.support.processes import Tables, different_tables, figures, files_below, start
from warehouse.building import build_candidate, inputs_fingerprint
from warehouse.catalog import load_catalog
from warehouse.closing import closed_months
from warehouse.compaction import LAKE_FAN_IN, MANIFEST_FAN_IN, LakeDamaged, compact, remove_compacted
from warehouse.decisions import About, DecisionLog, Kind
from warehouse.history.removing import remove_old
from warehouse.history.verifying import verify
from warehouse.lake import Lake
from warehouse.landing import Landing
from warehouse.publications import PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version

COUNTY, OTHER = "360731", "360730"
#: What tells of the files themselves.
_OF_FILES = ("meta.lake_files", "meta.publication")


def many(world: World, batches: int) -> None:
    """A batch a return: months, a duplicate, replaced returns, nil ledgers, a rejected return."""
    for number in range(batches):
        month = f"2024-{number % 12 + 1:02d}"
        rows = {
            "skills_trainings": [training(f"班{number % 5}", f"{month}-05")],
            "honours": [honour(f"人{number}", f"{month}-06", None)],
        }
        if number % 3 == 0:
            rows["activity_venues"] = [venue(f"站{number}", f"{month}-07")]
        status = "REJECTED" if number % 7 == 3 else "ACCEPTED"
        unit = (COUNTY, OTHER)[number % 2]
        world.hand_in(Return(unit, month, rows, nil=["matchmaking_events"], status=status))


def tables(world: World) -> Tables:
    """Every published table but for what names files."""
    _, connection = world.build()
    with connection:
        connection.execute("SET TimeZone = 'UTC'")
        names = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
        return {
            name: Counter((str(row),) for row in connection.execute(f"FROM {name}").fetchall())
            for (name,) in names
            if name not in _OF_FILES and name != "meta.tables"
        }


def names(paths: Iterable[Path]) -> list[str]:
    return sorted(path.name for path in paths if path.name[0].isdigit())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


def test_what_is_compacted_counts_the_same(world: World) -> None:
    many(world, LAKE_FAN_IN + 2)
    world.check({"R000002": Return(OTHER, "2024-02", {"honours": [honour("后来", "2024-02-06", None)]})})
    before, fingerprint = tables(world), inputs_fingerprint(world.home, world.catalog, "test")
    checks = Lake(world.home).last_checks()
    landing = Landing(world.home)
    receptions, listed = landing.receptions(), landing.spans()
    generations = compact(world.home, everything=True)
    assert [one.name for one in generations] == [
        "lake/000001-000011",
        "landing/returns/000001-000010.jsonl",
    ]
    assert generations[0].files < generations[0].instead_of / 8
    assert tables(world) == before
    assert inputs_fingerprint(world.home, world.catalog, "test") == fingerprint
    assert Lake(world.home).last_checks() == checks
    assert Landing(world.home).receptions() == receptions
    # The check that was replaced is left out; everything else has kept its batch.
    returns = pq.read_table(world.home.lake / "000001-000011" / "returns.parquet")
    numbers = zip(*(returns[name].to_pylist() for name in ("batch_number", "return_id")), strict=True)
    assert sorted(numbers) == [
        *((number, f"R{number:06d}") for number in range(1, 11) if number != 2),
        (11, "R000002"),
    ]
    # And without what was compacted.
    removed = remove_compacted(world.home)
    assert len(removed.names) == 11 + 10
    assert names(world.home.lake.iterdir()) == ["000001-000011"]
    assert names(Landing(world.home).manifests.iterdir()) == ["000001-000010.jsonl"]
    assert tables(world) == before
    # Even for who had listed it before.
    with patch.object(Landing, "spans", side_effect=[listed, landing.spans()]):
        assert landing.receptions() == receptions
    # And with news on top.
    world.hand_in(Return(COUNTY, "2025-01", {"honours": [honour("新", "2025-01-06", None)]}))
    assert names(world.home.lake.iterdir()) == ["000001-000011", "000012"]
    assert len(Landing(world.home).receptions()) == 11
    compact(world.home, everything=True)
    remove_compacted(world.home)
    assert names(world.home.lake.iterdir()) == ["000001-000012"]
    assert compact(world.home, everything=True) == []


def test_batches_are_compacted_when_many_have_come_and_each_a_few_times_only(world: World) -> None:
    written = Counter[int]()
    most = 0
    for number in range(1, LAKE_FAN_IN**2 * 2):
        folder = world.home.lake / f"{number:06d}"
        if number == 1:
            many(world, 1)
        else:
            shutil.copytree(_first(world.home), folder)
        for one in compact(world.home):
            first, last = map(int, one.name.removeprefix("lake/").split("-"))
            written.update(range(first, last + 1))
        most = max(most, len(Lake(world.home).spans()))
    assert max(written.values()) == 2
    assert most <= 2 * LAKE_FAN_IN


def test_a_closed_month_is_compacted_once_when_the_next_has_begun(world: World) -> None:
    """January in three batches and a correction in February's time; then the months to September."""

    def hand_in(*months: str) -> None:
        for number, month in enumerate(months):
            unit = (COUNTY, OTHER)[number % 2]
            world.hand_in(
                Return(unit, month, {"honours": [honour(f"{month} {number}", f"{month}-06", None)]})
            )

    def compacted(*closed: str) -> list[str]:
        days = [dt.date.fromisoformat(f"{month}-01") for month in closed]
        return [one.name.removeprefix("landing/") for one in compact(world.home, days)]

    hand_in("2024-01", "2024-01", "2024-01")
    assert compacted("2024-01") == []  # as long as more of it may follow
    hand_in("2024-02", "2024-01", "2024-02")
    assert compacted() == []
    before = tables(world)
    assert compacted("2024-01") == ["lake/000001-000003", "returns/000001-000003.jsonl"]
    assert compacted("2024-01") == []
    world.publish()
    # What a year brings is one generation a month, and then one of many months.
    hand_in(*(f"2024-{month:02d}" for month in (3, 3, 4, 5, 5, 6, 7, 8, 9, 9)))
    closed = [f"2024-{month:02d}" for month in range(1, 8)]
    assert compacted(*closed) == [
        "lake/000004-000006", "lake/000007-000008", "lake/000010-000011",
        "returns/000004-000006.jsonl", "returns/000007-000008.jsonl", "returns/000010-000011.jsonl",
    ]  # fmt: skip
    assert compacted(*closed, "2024-08") == ["lake/000001-000014"]
    assert names(world.home.lake.iterdir())[-3:] == ["000014", "000015", "000016"]
    # The first publication is verified from what it was built from, but for files, which this home never had.
    remove_compacted(world.home)
    (problem,) = verify(world.home, world.catalog, "000001", "test").problems
    assert "landed files" in problem
    assert [span.path.name for span in Lake(world.home).spans()] == ["000001-000014", "000015", "000016"]
    after = tables(world)
    assert len(after["core.honours"]) == 13
    assert before["core.honours"] <= after["core.honours"]


def test_a_month_is_closed_by_a_lock_or_when_the_next_ones_returns_are_due(world: World) -> None:
    locked = About(period="2024-06")
    with DecisionLog(world.home).deciding() as register:
        register.record(Kind.LOCK, locked, by="市总工会", note="审定", last_sequence=0)
    june, months = dt.date(2024, 6, 1), [dt.date(2024, month, 1) for month in (1, 2, 3)]
    for day, past in ((dt.date(2024, 4, 5), 1), (dt.date(2024, 4, 6), 2), (dt.date(2024, 5, 6), 3)):
        assert closed_months(world.home, world.catalog, day) == {*months[:past], june}
    assert len(closed_months(world.home, world.catalog, dt.date(2027, 2, 5))) == 35
    assert len(closed_months(world.home, world.catalog, dt.date(2027, 2, 6))) == 36


def _first(home: Home) -> Path:
    kept = home.root / "first"
    if not kept.exists():
        shutil.copytree(home.lake / "000001", kept)
    return kept


def test_manifests_are_compacted_when_many_have_come(world: World) -> None:
    many(world, 1)
    landing = Landing(world.home)
    first = json.loads((landing.manifests / "000001.json").read_bytes())
    for number in range(2, MANIFEST_FAN_IN + 3):
        manifest = {
            **first,
            "sequence": number,
            "return_id": f"R{number:06d}",
            "file_name": f"{number}月.xlsx",
        }
        (landing.manifests / f"{number:06d}.json").write_text(
            json.dumps(manifest, ensure_ascii=False, indent=1)
        )
    before = landing.receptions()
    [generation] = compact(world.home)
    assert generation.name == "landing/returns/000001-000066.jsonl"
    remove_compacted(world.home)
    assert landing.receptions() == before
    with landing.receiving() as desk:
        assert desk.known(_file(world.home), "1.xlsx", None, None) is None


def _file(home: Home) -> Path:
    path = home.root / "file"
    path.write_bytes(b"news")
    return path


def test_publications_from_before_are_verified_until_they_are_gone(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    home = copied_home(tmp_path_factory, tmp_path)
    before = figures(home)
    compacted = run(home, "compact")["compacted"]
    assert [one["files"] < one["instead_of"] for one in compacted] == [True, True]
    removed = run(home, "publications", "gc", "--keep", "2")["compacted"]["removed"]
    assert removed
    assert all(name.startswith("landing/") for name in removed)
    assert _problems(home, "1") == ()
    assert is_answered(home, load_catalog())
    publish(home)
    assert different_tables(before, figures(home)) == []
    # With the publications goes what they were built from.
    told = remove_compacted(home, going=["000001", "000002"], dry_run=True)
    assert any(name.startswith("lake/") for name in told.names)
    remove_old(PublicationStore(home), 1)
    assert remove_compacted(home) == told
    shutil.rmtree(home.lake)
    publish(home)
    assert different_tables(before, figures(home)) == []


def _problems(home: Home, publication_id: str) -> tuple[str, ...]:
    found = verify(home, load_catalog(), publication_id, code_version())
    return (*found.problems, *found.notes)


def test_a_killed_compaction_loses_nothing(world: World) -> None:
    many(world, 40)
    before = tables(world)
    landed, lake = files_below(world.home.landing), files_below(world.home.lake)
    killed = 0
    for seconds in (0, 0.02, 0.05):
        with start(world.home, "compact") as process:
            while process.poll() is None and not [*world.home.lake.glob(".tmp-*/*")]:
                time.sleep(0.001)
            time.sleep(seconds)
            process.kill()
            process.communicate()
        killed += process.returncode == -signal.SIGKILL
        now = {**files_below(world.home.landing), **files_below(world.home.lake)}
        assert {**now, **landed, **lake} == now
    assert killed
    assert tables(world) == before
    run(world.home, "compact")
    assert [*world.home.lake.glob(".tmp-*")] == []
    remove_compacted(world.home)
    assert tables(world) == before


def test_what_is_lost_is_told_and_not_compacted_away(world: World) -> None:
    many(world, 3)
    lost = world.home.lake / "000002" / "honours.parquet"
    lost.unlink()
    with pytest.raises(LakeDamaged, match=r"hold 2 rows in honours\.parquet, their checks accepted 3"):
        compact(world.home, everything=True)
    for path in world.home.lake.glob("*/honours.parquet"):
        path.unlink()
    with pytest.raises(LakeDamaged, match=r"hold 0 rows in honours\.parquet, their checks accepted 3"):
        compact(world.home, everything=True)
    assert names(world.home.lake.iterdir()) == ["000001", "000002", "000003"]


def test_settings_that_cannot_be_meant_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = world.home.publications / "candidate.duckdb"
    for name, value in (("MEMORY_LIMIT", "viel"), ("BUILD_THREADS", "0"), ("TEMP_DIRECTORY", "/nowhere")):
        with monkeypatch.context() as patch:
            patch.setenv(f"UNION7510_{name}", value)
            with pytest.raises(ValueError, match=f"UNION7510_{name} is"):
                build_candidate(world.home, world.catalog, candidate, code_version="test")


def test_a_build_spills_where_it_is_told(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNION7510_TEMP_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("UNION7510_MEMORY_LIMIT", "300 MB")
    monkeypatch.setenv("UNION7510_BUILD_THREADS", "1")
    many(world, 1)
    world.build()
    [folder] = tmp_path.glob("union7510-*")
    assert [*folder.iterdir()] == []
    assert PublicationStore(world.home).ids() == []
