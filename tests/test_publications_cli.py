"""The commands over publications: documents, exit codes, and what they do to each other and to ingest."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from tests.support.command import Call, caller
from tests.support.examples import COUNTY, OTHER, one_row
from tests.support.history import copied_home, home_with_history
from tests.support.pipeline import hand_in
from tests.support.processes import files_below
from tests.support.publications import publish_again, publish_older
from warehouse.landing import Landing
from warehouse.publications import PublicationStore, Readers
from warehouse.settings import Home


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Home:
    return copied_home(tmp_path_factory, tmp_path)


@pytest.fixture
def store(home: Home) -> PublicationStore:
    return PublicationStore(home)


@pytest.fixture
def call(home: Home) -> Call:
    return caller(home.root)


# list and show


def test_a_list_says_what_each_was_built_from_and_who_reads_it(call: Call, store: PublicationStore) -> None:
    with Readers(store).open("1"):
        outcome = call("publications", "list", "--json")
    assert (outcome.code, outcome.stderr) == (0, "")
    later, earlier = outcome.document
    assert (later["id"], later["current"], later["inUse"], later["follows"]) == (
        "000002",
        True,
        False,
        "000001",
    )
    assert (earlier["id"], earlier["current"], earlier["inUse"]) == ("000001", False, True)
    assert (earlier["returnCount"], later["returnCount"], later["dataThrough"]) == (6, 7, "2024-04")
    for one in (earlier, later):
        manifest = store.manifest(one["id"])
        assert [one[name] for name in ("sha256", "bytes", "catalogVersion", "codeVersion")] == [
            *(manifest.sha256, manifest.bytes, manifest.catalog_version, manifest.code_version)
        ]
    words = call("publications", "list").stdout.splitlines()
    assert [line[:8] for line in words] == ["* 000002", "  000001"]
    assert later["catalogVersion"] in words[0]


def test_show_tells_sources_tables_audits_and_the_log(call: Call, home: Home) -> None:
    call("publications", "rollback", "1", "--note", "错报")
    shown = call("publications", "show", "1", "--json").document
    landed = {one.return_id: one.sha256 for one in Landing(home).receptions()}
    assert {one["returnId"]: one["sha256"] for one in shown["sources"]} == {
        f"R00000{number}": landed[f"R00000{number}"] for number in range(1, 8)
    }
    assert shown["tables"]["core.units"] == 22
    assert {one["passed"] for one in shown["audits"]} == {True}
    assert [(one["action"], one["note"]) for one in shown["log"]] == [("rollback", "错报")]
    words = call("publications", "show", "1").stdout
    for part in ("000001", "core.units  22", "codes_known  passed", "错报", "R000007"):
        assert part in words


def test_older_publications_are_listed_shown_read_and_compared(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    published, home = PublicationStore(home_with_history(tmp_path_factory)), Home(tmp_path)
    older = PublicationStore(home)
    publish_older(published, "1", older)
    publish_again(published, "2", older)
    call = caller(home.root)
    one = call("publications", "list", "--json").document[1]
    assert (one["id"], one["returnCount"], one["sha256"], one["bytes"] > 0) == ("000001", 6, None, True)
    shown = call("publications", "show", "1", "--json").document
    assert (len(shown["sources"]), shown["tables"], shown["audits"]) == (7, {}, [])
    assert call("progress", "--publication", "1", "--json").code == 0
    assert call("publications", "diff", "1", "2", "--json").document["totalCount"] > 0
    assert call("publications", "rollback", "1").code == 0


def test_progress_as_of_a_publication(call: Call) -> None:
    def apprentices(*arguments: str) -> str:
        asked = ["progress", "--year", "2024", "--through", "2024-04", *arguments, "--json"]
        document = call(*asked).document
        [value] = [one["value"] for one in document if one["indicator"]["code"] == "apprenticeships"]
        return str(value)

    now = apprentices()
    assert apprentices("--publication", "000002") == apprentices("--publication", "2") == now
    assert int(now) - int(apprentices("--publication", "1")) == 7
    unknown = call("progress", "--publication", "7", "--json")
    assert (unknown.code, unknown.stdout) == (2, "")
    assert "there is no publication '7'" in unknown.stderr


# diff


def test_diff_as_a_document(call: Call) -> None:
    outcome = call("publications", "diff", "1", "2", "--json")
    assert (outcome.code, outcome.stderr) == (0, "")
    document = outcome.document
    assert (document["from"]["id"], document["to"]["id"]) == ("000001", "000002")
    assert (document["catalogDiffers"], document["codeDiffers"], document["catalog"]) == (False, False, [])
    assert [(one["id"], one["change"], one["period"]) for one in document["returns"]] == [
        ("R000008", "added", "2024-04")
    ]
    assert document["rechecked"] == 1
    assert [(one["id"], one["kind"], one["change"], one["by"]) for one in document["decisions"]] == [
        ("D000001", "lock", "added", "王")
    ]
    [of_county] = [
        one for one in document["totals"] if (one["indicator"], one["unit"]) == ("apprenticeships", COUNTY)
    ]
    assert (of_county["from"], of_county["through"], of_county["difference"]) == ("2024-01", "2024-12", "7")
    assert of_county["returns"] == [
        {
            "id": "R000008",
            "change": "added",
            "rechecked": False,
            "rowsBefore": 0,
            "rowsAfter": 1,
            "before": "0",
            "after": "7",
        }
    ]
    assert (document["totalCount"], document["monthCount"]) == (
        len(document["totals"]),
        len(document["months"]),
    )
    assert {one["from"] for one in document["months"]} == {"2024-04"}


def test_diff_in_words_has_the_city_first(call: Call) -> None:
    words = call("publications", "diff", "1", "2").stdout
    for part in ("publication 000001 → 000002", "R000008  added  于都县 2024-04", "师带徒人次", "+7"):
        assert part in words
    assert words.index("全市 whole city") < words.index("各单位 units")
    folded = call("publications", "diff", "1", "2", "--limit", "1").stdout
    assert "figures more: --limit" in folded
    assert "各单位 units" not in folded


def test_diff_of_equals_says_so(call: Call, store: PublicationStore) -> None:
    publish_again(store, "2", store)
    assert "no figure differs" in call("publications", "diff", "2", "3").stdout


@pytest.mark.parametrize(
    "arguments",
    [["1"], ["1", "1"], ["1", "000001"], ["1", "9"], ["x", "1"], ["1", "2", "--unit", "360700"],
     ["1", "2", "--indicator", "no_such"], ["1", "2", "--limit", "0"]],
    ids=" ".join,
)  # fmt: skip
def test_a_diff_that_cannot_be_made_is_a_wrong_call(call: Call, arguments: list[str]) -> None:
    outcome = call("publications", "diff", *arguments, "--json")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "Error: " in outcome.stderr


# rollback


def test_rollback_tells_what_it_did(call: Call, store: PublicationStore) -> None:
    outcome = call("publications", "rollback", "1", "--note", "错报", "--by", "王", "--json")
    assert outcome.code == 0
    document = outcome.document
    assert {name: document[name] for name in document if name != "at"} == {
        "action": "rollback",
        "by": "王",
        "note": "错报",
        "from": "000002",
        "to": "000001",
        "setAside": ["000002"],
    }
    assert "000002" in outcome.stderr
    assert store.current_id() == "000001"
    assert "王 went back from 000002 to 000001" in call("publications", "list").stdout
    forward = call("publications", "rollback", "2")
    assert (forward.code, forward.stdout) == (0, "publication 000002 serves now, no longer 000001\n")
    assert store.log.entries()[-1].by == getpass.getuser()


@pytest.mark.parametrize("publication_id", ["2", "9", "latest"])
def test_what_cannot_be_gone_back_to_is_a_wrong_call(
    call: Call, store: PublicationStore, publication_id: str
) -> None:
    outcome = call("publications", "rollback", publication_id, "--json")
    assert (outcome.code, outcome.stdout, store.current_id()) == (2, "", "000002")
    assert "publication" in outcome.stderr


def test_ingest_does_not_undo_a_rollback_until_something_new_comes_in(
    home: Home, call: Call, store: PublicationStore, tmp_path: Path
) -> None:
    call("publications", "rollback", "1", "--note", "错报", "--by", "王")
    before = files_below(home.publications)
    nothing_new = call("ingest", "--json")
    assert (nothing_new.code, nothing_new.document) == (0, {"publication": "000001", "returns": []})
    assert files_below(home.publications) == before
    assert "nothing new has come in: 王 went back from 000002 to 000001" in nothing_new.stderr

    hand_in(home, [one_row(OTHER, "2024-04", "apprenticeships", "辛", apprentices=5)], tmp_path / "news")
    news = call("ingest", "--json")
    assert (news.code, news.document["publication"]) == (0, "000003")
    assert "publication 000003 ends this: 王 went back" in news.stderr
    assert (store.rollback_in_force(), store.manifest("3").follows) == (None, "000001")
    # The return of publication 2 had landed, so it is in the one on top.
    assert store.manifest("3").return_count == 8


# gc


def test_gc_tells_what_it_kept_and_removed(call: Call, home: Home, store: PublicationStore) -> None:
    for _ in range(2):
        publish_again(store, "2", store)
    dry = call("publications", "gc", "--keep", "2", "--dry-run", "--json").document
    assert [one["id"] for one in dry["removed"]] == ["000001", "000002"]
    assert store.ids() == ["000001", "000002", "000003", "000004"]
    with Readers(store).open("1"):
        outcome = call("publications", "gc", "--keep", "2", "--json")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert outcome.document == {
        "removed": [{"id": "000002", "bytes": dry["removed"][1]["bytes"]}],
        "kept": [
            {"id": "000001", "reason": "in use"},
            {"id": "000003", "reason": "newest"},
            {"id": "000004", "reason": "current"},
        ],
        "leftovers": [],
        "compacted": {"removed": [], "bytes": 0},
        "dryRun": False,
    }
    words = call("publications", "gc", "--keep", "1").stdout
    assert "removed  000001" in words
    assert "kept     000004  current" in words
    assert sorted(path.name for path in home.publications.glob("warehouse*")) == [
        "warehouse-000004.duckdb",
        "warehouse-000004.json",
    ]
    assert call("progress", "--json").code == 0


@pytest.mark.parametrize("arguments", [[], ["--keep", "0"], ["--keep", "x"]], ids=["none", "0", "x"])
def test_gc_must_be_told_how_many_stay(call: Call, store: PublicationStore, arguments: list[str]) -> None:
    outcome = call("publications", "gc", *arguments)
    assert (outcome.code, store.ids()) == (2, ["000001", "000002"])


def test_gc_of_an_empty_home(tmp_path: Path) -> None:
    outcome = caller(tmp_path / "empty")("publications", "gc", "--keep", "1", "--json")
    assert (outcome.code, outcome.document["removed"]) == (0, [])


# verify


def test_verify_of_the_current_one_and_of_a_named_one(call: Call) -> None:
    for arguments, publication_id in (([], "000002"), (["1"], "000001")):
        outcome = call("verify", *arguments, "--json")
        assert (outcome.code, outcome.stderr) == (0, "")
        document = outcome.document
        assert [*document] == ["id", "passed", "verified", "problems", "notes"]
        assert (document["id"], document["passed"], document["problems"]) == (publication_id, True, [])
    assert "publication 000002 is what its manifest says" in call("verify").stdout


def test_verify_ends_with_1_and_words_when_something_is_wrong(call: Call, home: Home) -> None:
    landing = Landing(home)
    landing.content_path(landing.receptions()[0].sha256).unlink()
    outcome = call("verify", "--json")
    assert (outcome.code, outcome.document["passed"], len(outcome.document["problems"])) == (1, False, 1)
    words = call("verify")
    assert (words.code, words.stderr) == (1, "")
    assert "WRONG: 1 of 8 landed files: missing or changed since" in words.stdout
    assert "publication 000002 is not what its manifest says" in words.stdout


def test_verify_of_what_is_not_there(call: Call, tmp_path: Path) -> None:
    assert call("verify", "9").code == 2
    empty = caller(tmp_path / "empty")("verify", "--json")
    assert (empty.code, empty.stdout) == (3, "")
    assert "ingest" in empty.stderr
