"""Removing old publications: what stays whatever happens, who is never disturbed, and what a crash leaves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.support.publications import candidate
from warehouse.history.in_use import is_in_use
from warehouse.history.removing import remove_old
from warehouse.publications import PublicationNotFound, PublicationStore, Readers
from warehouse.settings import Home


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with publications 1 to 5; tests copy it."""
    home = Home(tmp_path_factory.mktemp("published"))
    for name in "abcde":
        PublicationStore(home).publish(candidate(PublicationStore(home), name))
    return home


@pytest.fixture
def store(published: Home, tmp_path: Path) -> PublicationStore:
    return PublicationStore(Home(shutil.copytree(published.root, tmp_path / "home")))


def files(store: PublicationStore) -> list[str]:
    return sorted(path.name for path in store.root.glob("warehouse-*"))


def pairs(*numbers: int) -> list[str]:
    return [f"warehouse-{number:06d}.{suffix}" for number in numbers for suffix in ("duckdb", "json")]


#: How a process opens a file and tells that it has: as an analyst does, or as our servers do.
_ANALYST = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
"""
_ATTACHING_ANALYST = """
import duckdb, sys
connection = duckdb.connect()
connection.execute(f"ATTACH '{sys.argv[1]}' AS published (READ_ONLY)")
"""
_SERVER = """
import sys
from pathlib import Path
from warehouse.publications import open_for_reading
connection = open_for_reading(Path(sys.argv[1]))
"""


@contextmanager
def process_that_reads(path: Path, program: str) -> Iterator[None]:
    """Another process that has the file open."""
    with subprocess.Popen(
        [sys.executable, "-c", f"{program}\nprint('open', flush=True)\nsys.stdin.read()", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate()
        assert process.returncode == 0


def test_the_newest_and_the_current_one_stay(store: PublicationStore) -> None:
    store.roll_back("2")
    done = remove_old(store, 2, by="王")
    assert [(one.id, one.reason) for one in done.kept] == [
        ("000002", "current"),
        ("000004", "newest"),
        ("000005", "newest"),
    ]
    assert [one.id for one in done.removed] == ["000001", "000003"]
    assert files(store) == pairs(2, 4, 5)
    entry = store.log.entries()[-1]
    assert (entry.action, entry.by, entry.removed) == ("removal", "王", done.removed)
    assert all(one.sha256 and one.bytes for one in done.removed)
    assert remove_old(store, 2).removed == ()
    assert len(store.log.entries()) == 2


def test_one_that_somebody_went_back_to_stays_unless_told_otherwise(store: PublicationStore) -> None:
    store.roll_back("2")
    store.publish(candidate(store, "f"))
    assert [(one.id, one.reason) for one in remove_old(store, 1).kept] == [
        ("000002", "rolled back to"),
        ("000006", "current"),
    ]
    assert [one.id for one in remove_old(store, 1, rolled_back_to=True).removed] == ["000002"]
    assert files(store) == pairs(6)


def test_what_a_rollback_set_aside_is_remembered_when_it_is_removed(store: PublicationStore) -> None:
    store.roll_back("4")
    store.roll_back("3")
    remove_old(store, 1, rolled_back_to=True)
    assert files(store) == pairs(3, 5)
    assert [name for name in "abcde" if store.is_answered(name)] == ["c", "d", "e"]
    assert store.publish(candidate(store, "f")) == "000006"


def test_at_least_one_is_kept(store: PublicationStore) -> None:
    with pytest.raises(ValueError, match="at least one"):
        remove_old(store, 0)
    assert files(store) == pairs(1, 2, 3, 4, 5)


def test_a_dry_run_removes_nothing(store: PublicationStore) -> None:
    (store.root / "warehouse-000009.json").write_text("{}", encoding="utf-8")
    told = remove_old(store, 3, dry_run=True)
    assert ([one.id for one in told.removed], told.leftovers) == (
        ["000001", "000002"],
        ("warehouse-000009.json",),
    )
    assert files(store) == [*pairs(1, 2, 3, 4, 5), "warehouse-000009.json"]
    assert store.log.entries() == []


def test_a_reader_of_this_process_is_not_disturbed(store: PublicationStore) -> None:
    readers = Readers(store)
    with readers.open("1") as reader:
        assert is_in_use(store.path("1"))
        done = remove_old(store, 1)
        assert [(one.id, one.reason) for one in done.kept] == [("000001", "in use"), ("000005", "current")]
        assert reader.query("SELECT inputs FROM meta.publication") == [{"inputs": "a"}]
    readers.close()
    assert not is_in_use(store.path("1"))
    assert [one.id for one in remove_old(store, 1).removed] == ["000001"]
    with pytest.raises(PublicationNotFound), readers.open("1"):
        pass


@pytest.mark.parametrize(
    "program", [_ANALYST, _ATTACHING_ANALYST, _SERVER], ids=["plain", "attached", "server"]
)
def test_a_reader_of_another_process_is_not_disturbed(store: PublicationStore, program: str) -> None:
    path = store.path("2")
    with process_that_reads(path, program):
        assert is_in_use(path)
        assert [one.id for one in remove_old(store, 1).removed] == ["000001", "000003", "000004"]
        # Looking does not take the lock away: asked again, the answer is the same.
        assert is_in_use(path)
        assert path.exists()
    assert not is_in_use(path)
    assert [one.id for one in remove_old(store, 1).removed] == ["000002"]


def test_a_reader_that_was_killed_holds_nothing(store: PublicationStore) -> None:
    path = store.path("1")
    with subprocess.Popen(
        [sys.executable, "-c", f"{_SERVER}\nprint('open', flush=True)\nsys.stdin.read()", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert is_in_use(path)
        process.kill()
        process.wait()
        assert not is_in_use(path)


def test_an_unlinked_file_stays_readable_for_who_has_it_open(store: PublicationStore) -> None:
    with duckdb.connect(store.path("1"), read_only=True) as analyst:
        store.path("1").unlink()
        assert analyst.execute("SELECT inputs FROM meta.publication").fetchall() == [("a",)]


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3])
def test_killed_in_the_middle_it_leaves_whole_publications_and_the_next_one_finishes(
    store: PublicationStore, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    removals = iter(range(killed_after))
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name.startswith("warehouse-") and next(removals, None) is None:
            raise SystemExit
        real(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        with pytest.raises(SystemExit):
            remove_old(store, 3)
    assert store.current_fingerprint() == "e"
    for publication_id in store.ids():
        assert store.manifest(publication_id).sha256 is not None
    done = remove_old(store, 3)
    assert files(store) == pairs(3, 4, 5)
    assert len(done.leftovers) == killed_after % 2
    assert store.publish(candidate(store, "f")) == "000006"
