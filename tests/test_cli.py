"""The command line: its documents, its exit codes, and what is said where.

What belongs here: what a caller of ``union7510`` sees. What does not: which rows pass (``intake``), the
figures (``test_figures``), the job (``test_definitions``).
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from etl.cli.main import command, main
from tests.intake.workbooks import File, csv_file, ledger, sheet, write
from tests.support.command import Call, Outcome, caller, environment
from warehouse.catalog import load_catalog
from warehouse.publications import PublicationStore
from warehouse.settings import Home

COMMANDS = [
    *("template", "sample", "check", "submit", "ingest", "publish", "rebuild", "receipt"),
    *("lock", "unlock", "accept", "withdraw", "correct", "revoke", "decisions"),
    *("progress", "explain", "publications", "compact", "verify", "token", "serve", "doctor"),
]
ISSUE_KEYS = ["rule", "severity", "sheet", "cell", "column", "found", "expected", "message_zh", "message_en"]
FIGURES = ["value", "numerator", "denominator", "target", "expectedToDate", "attainment", "gap", "forecast"]


def process(home: Path, *arguments: object) -> Outcome:
    """Calls the installed command as a process of its own."""
    script = Path(sys.executable).with_name("union7510")
    done = subprocess.run(
        [script, *map(str, arguments)],
        env={**os.environ, **environment(home), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return caller(tmp_path / "home")


GOOD = ledger("师带徒")
BAD = ledger("师带徒", {"带徒人次": "很多"}, {"师傅": "王秀英"}, name="宁都县_2024-03.xlsx")


@dataclass(frozen=True)
class Published:
    """A home after one ingest by a real process, and what the calls said."""

    home: Path
    files: list[Path]
    submitted: Outcome
    ingested: Outcome


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    root = tmp_path_factory.mktemp("published")
    files = write(root / "files", GOOD, BAD, csv_file(sheet("师带徒"), "兴国县_2024-02.csv", "gb18030"))
    home = root / "home"
    submitted = caller(home)("submit", *files, "--json")
    return Published(home, files, submitted, process(home, "ingest", "--json"))


# Help and wrong calls


def test_help_lists_every_command() -> None:
    for flag in ("--help", "-h"):
        outcome = caller(Path())(flag)
        assert (outcome.code, outcome.stderr) == (0, "")
        assert all(f"\n  {name} " in outcome.stdout for name in COMMANDS)
    assert sorted(COMMANDS) == sorted(command.commands)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sample", ["DIRECTORY", "--year", "--months", "--units", "--seed", "--rows", "synthetic", "7510"]),
        ("check", ["FILE...", "--unit", "--period", "--receipt", "--json", "exit 1"]),
        ("submit", ["FILE...", "--unit", "--period", "--submitter", "--json"]),
        ("ingest", ["--json", "Dagster"]),
        ("rebuild", ["--json"]),
        ("receipt", ["RETURN", "-o", "--json"]),
        ("progress", ["--year", "--through", "--unit", "--json"]),
        ("explain", ["INDICATOR", "--year", "--through", "--unit", "--publication", "--limit", "--json"]),
        ("publications", ["list", "show", "diff", "rollback", "gc"]),
        ("verify", ["[ID]", "--json", "exit 1"]),
        ("serve", ["--host", "--port", "127.0.0.1", "8000"]),
    ],
)
def test_help_of_each_command(name: str, words: list[str], call: Call) -> None:
    outcome = call(name, "--help")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert all(word in outcome.stdout for word in words)


def test_the_version() -> None:
    outcome = caller(Path())("--version")
    assert (outcome.code, outcome.stdout.split()[0]) == (0, "union7510,")


WRONG_CALLS: dict[str, list[str]] = {
    "no command": [],
    "unknown command": ["counsel"],
    "unknown option": ["ingest", "--fast"],
    "no file": ["check"],
    "missing file": ["check", "missing.xlsx"],
    "unknown unit": ["check", "FILE", "--unit", "天河区"],
    "unknown unit to submit for": ["submit", "FILE", "--unit", "360700"],
    "no month": ["check", "FILE", "--period", "March"],
    "no month of the year": ["submit", "FILE", "--period", "2024-13"],
    "month outside the programme": ["submit", "FILE", "--period", "2023-12"],
    "unknown submitter": ["submit", "FILE", "--submitter", "360700"],
    "unknown unit of a sample": ["sample", "OUT", "--units", "360731,360700"],
    "year outside the programme": ["sample", "OUT", "--year", "2023"],
    "too many months": ["sample", "OUT", "--months", "13"],
    "no months": ["sample", "OUT", "--months", "0"],
    "no rows": ["sample", "OUT", "--rows", "0"],
    "no number": ["serve", "--port", "http"],
}


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_a_wrong_call_ends_with_2_and_words_on_stderr(name: str, tmp_path: Path) -> None:
    (file,) = write(tmp_path, GOOD)
    places = {"FILE": str(file), "OUT": str(tmp_path / "out")}
    outcome = caller(tmp_path / "home")(*(places.get(one, one) for one in WRONG_CALLS[name]))
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "Usage: " in outcome.stderr
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "out").exists()


# sample


def test_sample_writes_a_workbook_for_each_unit_and_month(call: Call, tmp_path: Path) -> None:
    outcome = call("sample", tmp_path / "returns", "--units", "360731,360799", "--months", "2")
    files = sorted((tmp_path / "returns").iterdir())
    assert (outcome.code, outcome.stdout, len(files)) == (0, "", 4)
    assert "4 workbooks" in outcome.stderr
    checked = call("check", *files, "--json").document["files"]
    assert {(one["unit"], one["period"]) for one in checked} == {
        (unit, month) for unit in ("360731", "360799") for month in ("2024-01", "2024-02")
    }
    assert {one["status"] for one in checked} <= {"ACCEPTED", "ACCEPTED_WITH_ISSUES"}


# check


def test_check_as_json(call: Call, tmp_path: Path) -> None:
    good, bad = write(tmp_path, GOOD, BAD)
    outcome = call("check", good, bad, "--json")
    assert (outcome.code, outcome.stderr, [*outcome.document]) == (1, "", ["files"])
    first, second = outcome.document["files"]
    keys = ["file", "unit", "period", "status", "rows_accepted", "rows_held_out", "issues"]
    assert [*first] == keys
    assert [*second] == keys
    assert first == {
        "file": str(good),
        "unit": "360731",
        "period": "2024-03",
        "status": "ACCEPTED",
        "rows_accepted": 1,
        "rows_held_out": 0,
        "issues": [],
    }
    (issue,) = second.pop("issues")
    assert sorted(issue) == sorted(ISSUE_KEYS)
    assert (issue["rule"], issue["severity"]) == ("R202", "error")
    assert (issue["sheet"], issue["cell"], issue["column"]) == ("师带徒", "C2", "apprentices")
    assert issue["found"] == "很多"
    assert [*second.values()][1:] == ["360730", "2024-03", "ACCEPTED_WITH_ISSUES", 1, 1]


def test_check_ends_with_0_when_nothing_would_be_held_out_and_leaves_nothing_behind(tmp_path: Path) -> None:
    late = ledger("师带徒", {"签订日期": "2024-02-29"})
    (file,) = write(tmp_path, late)
    outcome = caller(tmp_path / "home")("check", file, "--json")
    assert (outcome.code, [one["rule"] for one in outcome.document["files"][0]["issues"]]) == (0, ["R308"])
    assert [*tmp_path.iterdir()] == [file]


def test_check_in_words_names_cell_and_remedy_in_both_languages(call: Call, tmp_path: Path) -> None:
    good, bad = write(tmp_path, GOOD, BAD)
    outcome = call("check", good, bad)
    assert (outcome.code, outcome.stderr) == (1, "")
    for words in (str(good), str(bad), "R202", "师带徒 C2", "很多", "整数", "whole number", "360730"):
        assert words in outcome.stdout


def test_check_takes_folders_and_options(call: Call, tmp_path: Path) -> None:
    nameless = ledger("师带徒", name="a.xlsx")
    write(
        tmp_path / "in",
        nameless,
        File("b.csv", csv_file(sheet("师带徒")).content),
        File(".hidden.xlsx", b"?"),
    )
    write(tmp_path / "in", File("~$a.xlsx", b"owner of an open workbook"))
    outcome = call("check", tmp_path / "in", "--unit", "于都县", "--period", "2024年3月", "--json")
    assert [(one["file"], one["unit"], one["period"]) for one in outcome.document["files"]] == [
        (str(tmp_path / "in" / name), "360731", "2024-03") for name in ("a.xlsx", "b.csv")
    ]
    assert outcome.code == 0


# submit


def test_submit_as_json(published: Published) -> None:
    outcome = published.submitted
    assert (outcome.code, [*outcome.document]) == (0, ["returns"])
    assert outcome.document["returns"] == [
        {
            "id": f"R00000{number}",
            "file": str(path),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "unit": unit,
            "period": period,
            "status": "RECEIVED",
        }
        for number, path, unit, period in zip(
            (1, 2, 3),
            published.files,
            ("360731", "360730", "360732"),
            ("2024-03", "2024-03", "2024-02"),
            strict=True,
        )
    ]
    # Once more, they are what they have become meanwhile.
    again = caller(published.home)("submit", *published.files, "--json").document["returns"]
    assert [(one["id"], one["status"], one["duplicate"]) for one in again] == [
        ("R000001", "ACCEPTED", True),
        ("R000002", "ACCEPTED_WITH_ISSUES", True),
        ("R000003", "ACCEPTED_WITH_ISSUES", True),
    ]


def test_a_file_seen_before_gives_its_first_id(call: Call, tmp_path: Path) -> None:
    first, copy = write(tmp_path, GOOD, File("于都县2024年3月（终稿）.xlsx", GOOD.content))
    (new,) = call("submit", first, "--json").document["returns"]
    again, renamed = call("submit", first, copy, "--json").document["returns"]
    assert "duplicate" not in new
    assert (again["id"], again["duplicate"], again["status"]) == (new["id"], True, "RECEIVED")
    assert (renamed["id"], renamed["duplicate"]) == (new["id"], True)
    (other_month,) = call("submit", copy, "--period", "2024-03", "--unit", "360731", "--json").document[
        "returns"
    ]
    assert other_month["duplicate"]
    assert len([*(tmp_path / "home/landing/returns").glob("*.json")]) == 1


def test_submit_in_words(call: Call, tmp_path: Path) -> None:
    (file,) = write(tmp_path, GOOD)
    words = call("submit", file)
    assert (words.code, words.stdout.split()[:3]) == (0, ["R000001", "360731", "2024-03"])
    assert "received before" in call("submit", file).stdout


def test_submit_takes_what_it_does_not_understand(call: Call, tmp_path: Path) -> None:
    """Whatever arrives is kept; the check says what is wrong with it."""
    (file,) = write(tmp_path, File("附件.xlsx", b"\0"))
    outcome = call("submit", file, "--json")
    (one,) = outcome.document["returns"]
    assert (outcome.code, one["id"], one["unit"], one["period"]) == (0, "R000001", None, None)


# ingest


def test_ingest_as_json_by_a_real_process(published: Published) -> None:
    outcome = published.ingested
    assert outcome.code == 1, outcome.stderr
    assert [*outcome.document] == ["publication", "returns"]
    assert outcome.document["publication"] == "000001"
    keys = ["id", "unit", "period", "status", "rows_accepted", "rows_held_out"]
    assert [[*one] for one in outcome.document["returns"]] == [keys] * 3
    assert [[*one.values()] for one in outcome.document["returns"]] == [
        ["R000001", "360731", "2024-03", "ACCEPTED", 1, 0],
        ["R000002", "360730", "2024-03", "ACCEPTED_WITH_ISSUES", 1, 1],
        ["R000003", "360732", "2024-02", "ACCEPTED_WITH_ISSUES", 0, 1],
    ]


def test_ingest_writes_receipts_and_workbooks_for_returns_with_problems(published: Published) -> None:
    names = sorted(path.name for path in (published.home / "receipts").iterdir())
    assert names == ["R000001.json", "R000002.json", "R000002.xlsx", "R000003.json", "R000003.xlsx"]
    assert "receipts to send back: 2 个工作簿 workbooks: " in published.ingested.stderr


def test_a_second_ingest_changes_nothing(published: Published) -> None:
    before = sorted(path.name for path in (published.home / "publications").iterdir())
    outcome = caller(published.home)("ingest", "--json")
    assert (outcome.code, outcome.document) == (0, {"publication": "000001", "returns": []})
    assert sorted(path.name for path in (published.home / "publications").iterdir()) == before


def test_ingest_of_nothing_publishes_an_empty_warehouse_and_rebuild_another(call: Call) -> None:
    words = call("ingest")
    assert (words.code, "000001" in words.stdout) == (0, True)
    rebuilt = call("rebuild", "--json")
    assert (rebuilt.code, [*rebuilt.document], rebuilt.document["returns"]) == (
        0,
        ["publication", "returns"],
        [],
    )
    progress = call("progress", "--json")
    assert {one["state"] for one in progress.document} == {"NOT_REPORTED"}
    assert (progress.code, len(progress.document)) == (0, 38)


# progress


def test_progress_has_graphqls_field_names(published: Published) -> None:
    outcome = caller(published.home)("progress", "--year", "2024", "--through", "2024-03", "--json")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert [one["indicator"]["code"] for one in outcome.document] == [
        one.code for one in load_catalog().indicators
    ]
    for one in outcome.document:
        assert [*one] == [
            *("indicator", "unit", "from", "through", "value", "state", "numerator", "denominator", "target"),
            *("expectedToDate", "attainment", "gap", "pace", "forecast", "coverage"),
        ]
        assert {"code", "nameZh", "nameEn", "unitOfMeasure", "unitOfMeasureEn"} <= {*one["indicator"]}
        assert {*one["coverage"]} == {"expected", "reported", "late", "missing"}
        assert all(one[name] is None or isinstance(one[name], str) for name in FIGURES)
    figure = by_code(outcome.document)["apprenticeships"]
    assert {name: figure[name] for name in ("unit", "from", "through", *FIGURES, "state", "pace")} == {
        "unit": None,
        "from": "2024-01",
        "through": "2024-03",
        "value": "6",
        "numerator": None,
        "denominator": None,
        "target": "1100",
        "expectedToDate": "275",
        "attainment": "0.005455",
        "gap": "1094",
        "forecast": "24",
        "state": "REPORTED",
        "pace": "BEHIND",
    }
    assert (figure["coverage"]["expected"], figure["coverage"]["reported"]) == (20, 0)
    assert len(figure["coverage"]["missing"]) == 20


def by_code(document: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {one["indicator"]["code"]: one for one in document}


def test_progress_of_a_unit_and_by_default_of_the_latest_data(published: Published) -> None:
    call = caller(published.home)
    latest = by_code(call("progress", "--json").document)["apprenticeships"]
    assert (latest["from"], latest["through"]) == ("2024-01", "2024-03")
    unit = by_code(call("progress", "--unit", "360731", "--json").document)["apprenticeships"]
    assert (unit["unit"]["code"], unit["value"], unit["target"], unit["pace"]) == (
        "360731",
        "3",
        None,
        "NO_TARGET",
    )
    later = by_code(call("progress", "--year", "2025", "--through", "2025-02", "--json").document)[
        "apprenticeships"
    ]
    assert (later["from"], later["through"], later["state"]) == ("2025-01", "2025-02", "NOT_REPORTED")


def test_progress_as_a_table_names_every_indicator(published: Published) -> None:
    outcome = caller(published.home)("progress", "--year", "2024", "--through", "2024-03")
    assert (outcome.code, outcome.stderr) == (0, "")
    for one in load_catalog().indicators:
        assert one.name_zh in outcome.stdout
    (line,) = (line for line in outcome.stdout.splitlines() if "师带徒人次" in line)
    assert {"1,100", "275", "BEHIND", "0/20"} <= set(line.replace("│", " ").split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--unit", "360700"],
        ["--year", "2023"],
        ["--year", "2024", "--through", "2025-01"],
        ["--through", "2024-13"],
        ["--through", "March"],
    ],
    ids=" ".join,
)
def test_progress_of_what_is_not_there_is_a_wrong_call(arguments: list[str], published: Published) -> None:
    outcome = caller(published.home)("progress", *arguments, "--json")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "Error: " in outcome.stderr


# publications


def test_publications_list_and_show(published: Published) -> None:
    call = caller(published.home)
    listed = call("publications", "list", "--json")
    assert (listed.code, listed.stderr) == (0, "")
    (one,) = listed.document
    assert {"id", "publishedAt", "dataThrough", "returnCount", "rowCount", "catalogVersion", "current"} <= {
        *one
    }
    assert [one[key] for key in ("id", "dataThrough", "returnCount", "rowCount", "current")] == [
        *("000001", "2024-03", 3, 2, True),
    ]
    shown = call("publications", "show", "000001", "--json").document
    assert {key: shown[key] for key in one} == one
    assert [source["returnId"] for source in shown["sources"]] == ["R000001", "R000002", "R000003"]
    assert call("publications", "show", "1", "--json").document == shown
    words = call("publications", "list").stdout + call("publications", "show", "000001").stdout
    assert all(word in words for word in ("000001", "2024-03", "于都县_2024-03.xlsx"))


def test_publications_of_an_empty_home(call: Call) -> None:
    listed = call("publications", "list", "--json")
    assert (listed.code, listed.document) == (0, [])
    for unknown in ("000001", "latest", "../000001"):
        outcome = call("publications", "show", unknown)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert "there is no publication" in outcome.stderr


# What fails


def test_progress_before_the_first_publication_says_what_to_do(call: Call) -> None:
    outcome = call("progress", "--json")
    assert (outcome.code, outcome.stdout) == (3, "")
    assert "ingest" in outcome.stderr


def test_a_missing_server_is_told_in_words(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "granian", None)
    outcome = call("serve")
    assert (outcome.code, outcome.stdout) == (3, "")
    assert "union7510[api]" in outcome.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MAX_DEPTH", "deep", "a whole number"),
        ("TRUSTED_ONLY", "on", "UNION7510_TRUSTED_DOCUMENTS"),
        ("TRUSTED_DOCUMENTS", "nowhere.json", "nowhere.json"),
        ("OIDC_ISSUER", "https://login.example", "UNION7510_OIDC_AUDIENCE"),
    ],
)
def test_a_server_whose_settings_cannot_be_used_does_not_start(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"UNION7510_{name}", value)
    outcome = call("serve", "--port", "0")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert said in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_server_whose_port_is_taken_does_not_start(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        outcome = call("serve", "--port", str(other.getsockname()[1]))
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "another --port" in outcome.stderr


def test_a_system_that_fails_ends_with_3_and_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = write(tmp_path, GOOD)
    (tmp_path / "home").write_text("a file where the folder should be")
    monkeypatch.setenv("UNION7510_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "argv", ["union7510", "submit", str(file), "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    output = capsys.readouterr()
    assert (end.value.code, output.out) == (3, "")
    assert "the system failed" in output.err
    assert "home" in output.err


def test_the_home_is_the_environments_or_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (file,) = write(tmp_path, GOOD)
    result = CliRunner().invoke(command, ["submit", str(file)], env={"UNION7510_HOME": None})
    assert result.exit_code == 0
    assert PublicationStore(Home(tmp_path / "var")).current_id() is None
    assert (tmp_path / "var/landing/returns/000001.json").is_file()
