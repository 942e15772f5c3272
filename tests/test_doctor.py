"""The command ``doctor``: what it finds, what mends it, its exit codes, and that it changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from etl.cli.main import command
from etl.doctor import Gravity
from tests.support.examples import COUNTY, OTHER, one_row
from tests.support.history import copied_home, home_with_history
from tests.support.pipeline import hand_in, publish
from tests.support.processes import files_below
from tests.support.returns import Return
from warehouse import storage
from warehouse.landing import Landing
from warehouse.publications import PublicationStore
from warehouse.settings import Home


@dataclass(frozen=True)
class Examined:
    """One examination."""

    code: int
    gravity: str
    findings: dict[str, dict[str, Any]]

    def of(self, subject: str) -> tuple[str, str]:
        """Gravity and words of a finding."""
        return self.findings[subject]["gravity"], self.findings[subject]["words"]


def examined(home: Home, **environment: str) -> Examined:
    result = CliRunner().invoke(
        command, ["doctor", "--json"], env={"UNION7510_HOME": str(home.root), **environment}
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    document = json.loads(result.stdout)
    findings = {one["subject"]: one for one in document["findings"]}
    assert len(findings) == len(document["findings"])
    return Examined(result.exit_code, document["gravity"], findings)


@pytest.fixture
def history(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Home:
    """A copy of the home with a history."""
    return copied_home(tmp_path_factory, tmp_path)


def test_a_new_installation_is_told_what_comes_first(home: Home) -> None:
    found = examined(home)
    assert (found.code, found.gravity) == (0, "note"), found
    assert found.of("home")[0] == "note"
    assert "submit" in found.findings["home"]["remedy"]
    assert not home.root.exists()


def test_late_and_refused_returns_and_held_out_rows_are_problems_of_the_data(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = home_with_history(tmp_path_factory)
    before = files_below(home.root)
    found = examined(home)
    assert (found.code, found.gravity) == (1, "data")
    gravity, words = found.of("reporting")
    assert gravity == "data"
    assert "no unit has reported" in words
    gravity, words = found.of("refused")
    assert gravity == "data"
    assert words.startswith("1 returns were refused and not replaced: R000004 ")
    assert "R001" in words
    gravity, words = found.of("rows")
    assert gravity == "data"
    assert "R000003 (1)" in words
    fine = {subject for subject, one in found.findings.items() if one["gravity"] == "fine"}
    assert fine >= {"packages", "duckdb", "settings", "catalog", "landing", "publication"}
    assert files_below(home.root) == before


def test_words_say_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = home_with_history(tmp_path_factory)
    result = CliRunner().invoke(command, ["doctor"], env={"UNION7510_HOME": str(home.root)})
    lines = result.stdout.splitlines()
    [place] = [number for number, line in enumerate(lines) if line.startswith("DATA  refused: ")]
    assert "union7510 receipt RETURN" in lines[place + 1]
    assert "union7510 verify" in result.stderr


def test_a_refused_return_is_settled_by_the_next_one_that_passes(home: Home, tmp_path: Path) -> None:
    hand_in(home, [Return(OTHER, "2024-03", flaw="unknown unit")], tmp_path / "refused")
    hand_in(home, [Return(COUNTY, "2024-03", flaw="two months")], tmp_path / "refused too")
    publish(home)
    assert examined(home).of("refused")[1].startswith("2 returns")
    home.receipts.joinpath("R000001.json").unlink()
    assert examined(home).of("receipts")[0] == "system"


def test_what_waits_is_a_note_until_it_is_published(history: Home, tmp_path: Path) -> None:
    assert examined(history).of("newness")[0] == "fine"
    hand_in(history, [one_row(COUNTY, "2024-05", "apprenticeships", "子")], tmp_path / "new")
    waits = examined(history)
    assert waits.of("checks")[0] == "note"
    assert "R000009" in waits.of("checks")[1]
    assert waits.findings["checks"]["remedy"] == "union7510 ingest"

    publish(history)
    assert examined(history).of("checks")[0] == "fine"
    assert examined(history).of("newness")[0] == "fine"


def test_a_rollback_is_told_with_its_reason(history: Home) -> None:
    PublicationStore(history).roll_back("1", by="王", note="错报")
    gravity, words = examined(history).of("rollback")
    assert gravity == "note"
    assert "王 went back from 000002 to 000001" in words
    assert "错报" in words


def test_lost_files_are_faults_of_the_system(history: Home) -> None:
    landing = Landing(history)
    lost = landing.receptions()[0]
    path = landing.landed(lost)
    assert path is not None
    path.unlink()
    found = examined(history)
    assert (found.code, found.gravity) == (3, "system")
    assert lost.return_id in found.of("landing")[1]
    assert "backup" in found.findings["landing"]["remedy"]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.unlink(), "its file is gone; kept are: 000001"),
        (lambda path: (path.chmod(0o644), path.write_bytes(b"no database")), "cannot be read"),
    ],
    ids=["removed", "overwritten"],
)
def test_a_publication_that_cannot_be_read_is_a_fault_of_the_system(
    history: Home, damage: Any, words: str
) -> None:
    damage(PublicationStore(history).path("2"))
    found = examined(history)
    assert found.code == 3
    assert found.of("publication")[0] == "system"
    assert words in found.of("publication")[1]


def test_work_in_progress_is_told_apart_from_what_was_left(history: Home) -> None:
    (history.lake / f"{storage.TEMPORARY_PREFIX}dead").mkdir()
    left = examined(history)
    assert left.of("writer")[0] == "note"
    assert "a run was killed and left 1 unfinished" in left.of("writer")[1]
    with storage.exclusive(history.root, timeout=5):
        assert "a run is at work now" in examined(history).of("writer")[1]


def test_settings_and_packages_that_do_not_fit_are_faults(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examined(home, UNION7510_MAX_ROWS="many")
    assert found.code == 3
    assert "UNION7510_MAX_ROWS" in found.of("settings")[1]
    asked = ["duckdb>=99", "no-such-package", 'no-such-extra ; extra == "api"']
    monkeypatch.setattr(metadata, "requires", lambda _name: asked)
    gravity, words = examined(home).of("packages")
    assert gravity == Gravity.SYSTEM
    assert "duckdb is 2." in words
    assert "no-such-package is missing" in words
    assert "no-such-extra" not in words
