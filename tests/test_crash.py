"""SIGKILL at any moment: what was published serves, nothing that landed is lost, the next run finishes."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.effort import LONG
from tests.support.examples import COUNTY, everything, one_row
from tests.support.pipeline import hand_in, publish, write_files
from tests.support.processes import Tables, different_tables, figures, start
from warehouse.landing import Landing
from warehouse.publications import PublicationStore
from warehouse.settings import Home

_PATIENCE = 600
_BEFORE, _AFTER = "000001", "000002"
_RANDOM = random.Random(7510)  # noqa: S311 - moments, no secrets


@dataclass(frozen=True)
class Moment:
    """So many seconds after the run has come to a point."""

    point: str
    come: Callable[[Home], bool]
    seconds: float


def _moment(point: str, come: Callable[[Home], bool], within: float) -> Moment:
    return Moment(point, come, _RANDOM.uniform(0, within))


def _candidate(home: Home) -> bool:
    return any(home.publications.glob(".tmp-candidate-*"))


#: Spread over a run: Dagster starts, rows are checked, the warehouse is built, and goes live.
_MOMENTS = [
    _moment("process", lambda _: True, 3),
    _moment("run", lambda home: home.dagster.exists(), 3),
    _moment("batch", lambda home: len([*home.receipts.iterdir()]) > 3, 0.1),
    _moment("candidate", _candidate, 0.3),
    _moment("tables", _candidate, 2),
    _moment("switch", lambda home: _AFTER in PublicationStore(home).ids(), 0.01),
]
#: A killed run and the next one take half a minute of a core together.
_TRIED = [moment for moment in _MOMENTS if LONG or moment.point in {"batch", "tables", "switch"}]


@dataclass(frozen=True)
class Undisturbed:
    """A home with one publication and news that have landed, its figures, and what they are with the news."""

    home: Home
    before: Tables
    after: Tables


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    home, returns = Home(folder / "home"), everything()
    hand_in(home, returns[:3], folder / "files")
    publish(home)
    hand_in(home, returns[3:], folder / "news")
    whole = Home(shutil.copytree(home.root, folder / "whole"))
    publish(whole)
    before, after = figures(home), figures(whole)
    assert different_tables(before, after)
    return Undisturbed(home, before, after)


def test_a_killed_ingest_leaves_the_publication_and_the_next_one_finishes(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    def disturb(moment: Moment) -> int:
        home = Home(shutil.copytree(undisturbed.home.root, tmp_path / moment.point))
        code = _kill_ingest(home, moment)
        served = undisturbed.before if PublicationStore(home).current_id() == _BEFORE else undisturbed.after
        assert different_tables(figures(home), served) == [], moment
        run(home, "ingest")
        assert different_tables(figures(home), undisturbed.after) == [], moment
        assert [path.name for path in home.root.rglob(".tmp-*")] == [], moment
        return code

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(disturb, _TRIED))
    # A run may be done before its last moment comes.
    assert codes.count(-signal.SIGKILL) >= len(_TRIED) - 2, codes


def _kill_ingest(home: Home, moment: Moment) -> int:
    """Kills a run at a moment; gives its exit code."""
    with start(home, "ingest") as process:
        _wait(process, lambda: moment.come(home))
        try:
            process.communicate(timeout=moment.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    return process.returncode


def _wait(process: subprocess.Popen[str], come: Callable[[], bool]) -> None:
    """Until something has come, or the process has ended."""
    deadline = time.monotonic() + _PATIENCE
    while not come() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.mark.parametrize("landed_before", [1, 7, 19])
def test_a_killed_submit_loses_nothing_that_it_landed(home: Home, tmp_path: Path, landed_before: int) -> None:
    returns = [one_row(COUNTY, "2024-03", "innovation_trainings", f"第{number}期") for number in range(30)]
    paths = write_files(tmp_path / "files", returns)
    landing = Landing(home)
    with start(home, "submit", *paths) as process:
        _wait(process, lambda: len([*landing.manifests.glob("*.json")]) >= landed_before)
        process.kill()
        process.communicate()
    kept = landing.receptions()
    assert landed_before <= len(kept) <= len(paths)
    again = run(home, "submit", *paths)["returns"]
    assert [each["id"] for each in again] == [f"R{number:06d}" for number in range(1, len(paths) + 1)]
    assert [each.get("duplicate", False) for each in again] == [
        number < len(kept) for number in range(len(paths))
    ]
    assert landing.receptions()[: len(kept)] == kept
    assert [hashlib.sha256(landing.content(each)).hexdigest() for each in landing.receptions()] == [
        each["sha256"] for each in again
    ]
