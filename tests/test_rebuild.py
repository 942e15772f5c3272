"""The warehouse follows from what has landed: again from the start, it is the same; handed in again, too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.examples import everything
from tests.support.pipeline import hand_in, publish, write_files
from tests.support.processes import different_tables, figures, files_below
from warehouse.settings import Home


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_files(tmp_path_factory.mktemp("files"), everything())


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one publication; tests copy it."""
    folder = tmp_path_factory.mktemp("ingested")
    home = Home(folder / "home")
    hand_in(home, everything(), folder / "files")
    assert publish(home) == "000001"
    return home


@pytest.fixture
def home(ingested: Home, tmp_path: Path) -> Home:
    return Home(shutil.copytree(ingested.root, tmp_path / "home"))


def test_a_rebuild_gives_equal_tables(home: Home) -> None:
    before = figures(home)
    rebuilt = run(home, "rebuild")
    assert rebuilt["publication"] == "000002"
    assert len(rebuilt["returns"]) == len(everything())
    after = figures(home)
    assert different_tables(before, after) == []
    assert all(after[f"core.{name}"] for name in ("returns", "honours", "duplicates", "issues"))


def test_a_backup_of_landing_and_decisions_is_restored(home: Home, tmp_path: Path) -> None:
    """As docs/operations.md says: an empty home with the two folders, `rebuild`, `verify`."""
    run(home, "withdraw", "R000002", "--note", "错月", "--by", "市总工会")
    publish(home)
    before = figures(home)
    restored = Home(tmp_path / "restored")
    for folder in (home.landing, home.decisions):
        shutil.copytree(folder, restored.root / folder.name)
    assert run(restored, "rebuild")["publication"] == "000001"
    assert run(restored, "verify")["problems"] == []
    after = figures(restored)
    assert different_tables(before, after) == []
    assert after["core.decisions"]


def test_the_same_files_again_change_nothing(home: Home, files: list[Path], tmp_path: Path) -> None:
    renamed = [shutil.copy(path, tmp_path / f"again-{path.name}") for path in files[:3]]
    before = {
        folder: files_below(folder) for folder in (home.landing, home.lake, home.publications, home.receipts)
    }
    ids = [f"R{number:06d}" for number in range(1, len(files) + 1)]
    again = run(home, "submit", *files)["returns"]
    under_other_names = run(home, "submit", *renamed)["returns"]
    assert [each["id"] for each in again] == ids
    assert [each["id"] for each in under_other_names] == ids[:3]
    assert all(each["duplicate"] for each in [*again, *under_other_names])
    assert run(home, "ingest") == {"publication": "000001", "returns": []}
    for folder, content in before.items():
        assert files_below(folder) == content, folder.name
