"""Recomputing a manifest: everything that may be wrong with a publication is found and told in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.support.history import copied_home, home_with_history
from tests.support.publications import publish_older
from warehouse.catalog import load_catalog
from warehouse.history.manifest import sha256_of
from warehouse.history.verifying import PARTS, Verification, verify
from warehouse.landing import Landing
from warehouse.publications import PublicationNotFound, PublicationStore, open_for_reading
from warehouse.settings import Home
from warehouse.version import code_version


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Home:
    return copied_home(tmp_path_factory, tmp_path)


def file_of(home: Home) -> Path:
    return PublicationStore(home).path("2")


def verified(home: Home, publication_id: str = "1", version: str | None = None) -> Verification:
    return verify(home, load_catalog(), publication_id, version or code_version())


@pytest.mark.parametrize(("publication_id", "returns"), [("1", 7), ("000002", 8)])
def test_a_publication_is_what_its_manifest_says_also_when_returns_were_checked_again_since(
    tmp_path_factory: pytest.TempPathFactory, publication_id: str, returns: int
) -> None:
    home, parts = home_with_history(tmp_path_factory), list[str]()
    before = {*home.root.rglob("*")}
    found = verify(home, load_catalog(), publication_id, code_version(), parts.append)
    assert {*home.root.rglob("*")} == before
    assert (found.problems, found.notes, found.passed) == ((), (), True)
    assert found.id == f"{int(publication_id):06d}"
    assert parts == [*PARTS]
    words = " ".join(found.verified)
    for part in ("sha256", "rows of", f"{returns} landed files", "files of the lake", "audits"):
        assert part in words


def test_without_the_publication_before_its_totals_are_not_compared_and_a_note_says_so(home: Home) -> None:
    PublicationStore(home).path("1").unlink()
    found = verified(home, "2")
    assert found.passed
    [note] = found.notes
    assert "publication 000001, which went before, is gone" in note


def test_an_unknown_publication_is_told(home: Home) -> None:
    with pytest.raises(PublicationNotFound):
        verified(home, "3")


# What may be wrong


def flip_a_bit(home: Home) -> None:
    path = file_of(home)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def cut_off(home: Home) -> None:
    path = file_of(home)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-4096])


def no_database(home: Home) -> None:
    path = file_of(home)
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)


def rewrite(home: Home, sql: str) -> None:
    """Changes the file, and the sidecar's digest along with it."""
    path = file_of(home)
    path.chmod(0o644)
    with duckdb.connect(path) as connection:
        connection.execute(sql)
    rewrite_sidecar(home, bytes=path.stat().st_size, sha256=sha256_of(path))


def rewrite_sidecar(home: Home, **values: object) -> None:
    sidecar = file_of(home).with_suffix(".json")
    told = json.loads(sidecar.read_bytes())
    sidecar.write_text(json.dumps({**told, **values}), encoding="utf-8")


def landed(home: Home, number: int) -> Path:
    landing = Landing(home)
    return landing.content_path(landing.receptions()[number].sha256)


def lake_file(home: Home, name: str) -> Path:
    return home.lake / "000001" / f"{name}.parquet"


#: What is done to the files of publication 2, and what is said of it; several at once where all are seen.
WRONG: dict[str, tuple[list[Callable[[Home], object]], list[str]]] = {
    "a flipped bit": ([flip_a_bit], ["is not what was published: its sha256"]),
    "an end cut off": ([cut_off], ["bytes, not"]),
    "no database": ([no_database], ["cannot be read as a publication"]),
    "what the file holds": (
        [
            lambda home: rewrite(
                home,
                """
                DELETE FROM core.months WHERE month = '2026-12-01';
                DROP TABLE mart.funding;
                UPDATE core.skills_trainings SET chain = 'no_such_chain';
                UPDATE core.honours SET "row" = "row" + 70 WHERE return_id = 'R000006';
                UPDATE meta.publication SET publication_id = '000007', inputs = 'x';
                UPDATE meta.audits SET passed = FALSE WHERE audit = 'codes_known';
                """,
            )
        ],
        [
            "core.months has 35 rows, not 36 as when it was built",
            "mart.funding is missing",
            "the audit codes_known does not hold for",
            "the audit rows_accounted_for does not hold for",
            "the file holds publication 000007, its name says 000002",
            "the sidecar and the file do not agree on: audits, id, inputs",
            "published although audits had failed: codes_known",
        ],
    ),
    "a sidecar that is none": (
        [lambda home: file_of(home).with_suffix(".json").write_text("[]", encoding="utf-8")],
        ["warehouse-000002.json is no manifest"],
    ),
    "what it was built from": (
        [
            lambda home: landed(home, 1).unlink(),
            lambda home: landed(home, 0).write_bytes(b"another"),
            lambda home: (home.landing / "returns" / "000003.json").unlink(),
            lambda home: (home.decisions / "000001.json").write_bytes(b"{}"),
            lambda home: lake_file(home, "honours").unlink(),
            lambda home: lake_file(home, "sheets").write_bytes(b""),
        ],
        [
            "of 8 landed files: missing or changed since; only a backup, or the unit, can bring them: R0000",
            "of 8 receptions: without a manifest in landing/returns, or with that of another file: R000003",
            "1 of 1 decisions: missing or changed since; only a backup can bring them: D000001",
            "`union7510 rebuild` makes it anew: lake/000001/honours.parquet, lake/000001/sheets.parquet",
            "the audit lake_is_whole cannot be asked: the lake cannot be read",
        ],
    ),
    "a batch that is gone": (
        [lambda home: shutil.rmtree(home.lake / "000001")],
        ["files of the lake: missing or of another size than was read"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_in_words(home: Home, name: str) -> None:
    ways, words = WRONG[name]
    for break_it in ways:
        break_it(home)
    found = verified(home, "2")
    assert not found.passed
    for each in words:
        assert any(each in problem for problem in found.problems), (each, found)


def test_an_audit_that_cannot_be_asked_is_a_problem_of_this_code_and_a_note_of_other_code(home: Home) -> None:
    lake_file(home, "honours").unlink()
    of_this = [problem for problem in verified(home, "2").problems if "cannot be asked" in problem]
    assert of_this
    of_other = verified(home, "2", "other")
    assert [problem for problem in of_other.problems if "cannot be asked" in problem] == []
    assert len([note for note in of_other.notes if "cannot be asked" in note]) == len(of_this)


def test_a_publication_from_before_there_were_manifests_is_verified_as_far_as_it_goes(home: Home) -> None:
    store = PublicationStore(home)
    older = publish_older(store, "1", store)
    found = verified(home, older, "older")
    assert found.problems == ()
    assert "7 landed files" in found.verified
    for words in ("has no sidecar", "older than lists of tables", "older than lists of the lake's files"):
        assert any(words in note for note in found.notes)


def test_verifying_beside_a_reader(home: Home) -> None:
    connection = open_for_reading(file_of(home))
    assert verified(home, "2").passed
    assert connection.execute("SELECT count(*) FROM core.units").fetchall() == [(22,)]
    connection.close()
