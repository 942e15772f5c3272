"""What only all returns together show: same events (R311, R312), figures far from a unit's history (R401).

What belongs here: when each rule speaks, and that receipts tell it after the publication. What does not:
which of several equal events counts (``test_build``), the rules of single returns (``intake/test_register``).
"""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl.completing import complete_receipts
from etl.intake import Stated
from etl.receipts import read_receipt
from etl.receiving import receive_files
from tests.intake.workbooks import File
from tests.lake_world import Return, World, rows, training
from tests.reading_world import publish as publish_world
from tests.support.command import Call, caller
from tests.support.comparisons import COMPARISONS, Comparison, apprentices, year_of
from tests.support.pipeline import publish
from tests.support.processes import files_below
from warehouse.catalog import load_catalog
from warehouse.publications import PublicationStore, Readers
from warehouse.reading import Reading, Viewer
from warehouse.reading.issues import issues
from warehouse.settings import Home

IDS = [f"{case.rule}-{number}" for number, case in enumerate(COMPARISONS)]
SEVERITIES = {rule.rule: rule.severity for rule in load_catalog().rules}


def land(home: Home, folder: Path, files: Sequence[File]) -> list[str]:
    """Lands files one by one; gives the ids of the returns."""
    paths = []
    for number, file in enumerate(files):
        path = folder / str(number) / file.name
        path.parent.mkdir(parents=True)
        path.write_bytes(file.content)
        paths.append(path)
    return [one.reception.return_id for one in receive_files(home, load_catalog(), paths, Stated())]


# Each rule with returns that break it and returns that pass


@dataclass(frozen=True)
class Judged:
    """The receipts of a case's last returns."""

    failing: Mapping[str, Any]
    passing: Mapping[str, Any]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    """All cases handed in together: none may touch another."""
    folder = tmp_path_factory.mktemp("comparisons")
    home = Home(folder / "home")
    stories = [story for case in COMPARISONS for story in (case.failing, case.passing)]
    ids = land(home, folder / "files", [file for story in stories for file in story])
    publish(home)
    ends, last = [], -1
    for story in stories:
        last += len(story)
        ends.append(read_receipt(home, ids[last]))
    return [Judged(*pair) for pair in zip(ends[::2], ends[1::2], strict=True)]


@pytest.mark.parametrize("number", range(len(COMPARISONS)), ids=IDS)
def test_a_broken_rule_is_one_issue_of_the_receipt(number: int, judged: list[Judged]) -> None:
    case, receipt = COMPARISONS[number], judged[number].failing
    assert [one["rule"] for one in receipt["issues"]] == [*case.kept, case.rule]
    issue = receipt["issues"][-1]
    place = (issue["sheet"], issue["cell"], issue["label"], issue["found"])
    assert place == (case.sheet, case.cell, case.label, None)
    assert issue["severity"] == SEVERITIES[case.rule]
    for language, words in zip(("zh", "en"), case.says, strict=True):
        message = issue[f"message_{language}"]
        assert message.startswith(f"{case.sheet} {case.cell}" if case.cell else case.sheet)
        assert words in message
        assert getattr(load_catalog().rule_by_code[case.rule], f"expected_{language}") in message
        assert "{" not in message
    assert (receipt["status"], receipt["rows_held_out"]) == ("ACCEPTED", 0)


@pytest.mark.parametrize("number", range(len(COMPARISONS)), ids=IDS)
def test_like_returns_pass(number: int, judged: list[Judged]) -> None:
    case, receipt = COMPARISONS[number], judged[number].passing
    assert [one["rule"] for one in receipt["issues"]] == [*case.kept]
    assert (receipt["status"], receipt["rows_held_out"]) == ("ACCEPTED", 0)


def test_both_sides_of_a_case_are_alike() -> None:
    def shape(story: Sequence[File]) -> list[str]:
        return [file.name.partition("_")[2] for file in story]

    def alike(case: Comparison) -> bool:
        return shape(case.failing) == shape(case.passing)

    assert all(map(alike, COMPARISONS))


# What a figure is compared with


def mentorings(*counts: int | None, name: str = "甲", day: str = "2024-01-05") -> list[dict[str, Any]]:
    return [
        {
            "studio": f"{name}{number}",
            "master": "李卫国",
            "apprentices": count,
            "signed_on": dt.date.fromisoformat(day),
        }
        for number, count in enumerate(counts)
    ]


def months(unit: str, *counts: Sequence[int] | None, start: int = 1) -> list[Return]:
    """A return a month: rows with so many apprentices, or None for a month that declares nil."""
    return [
        Return(unit, f"2024-{month:02}", nil=["apprenticeships"])
        if each is None
        else Return(
            unit,
            f"2024-{month:02}",
            {"apprenticeships": mentorings(*each, name=f"{unit}-{month}-", day=f"2024-{month:02}-05")},
        )
        for month, each in enumerate(counts, start)
    ]


#: What a unit hands in, and the months in which its figures stand out, with the columns compared.
HISTORIES: Mapping[str, tuple[list[Return], list[tuple[str, str]]]] = {
    "two months are no history": (months("360702", [1], [1], [200]), []),
    "nil months do not count": (
        months("360703", [1], None, [1], None, [200], [200]),
        [("2024-06", "带徒人次")],
    ),
    "a history of noughts is no measure": (months("360704", [0], [0], [0], [200]), []),
    "rows and sum stand out together": (
        months("360722", [3], [4], [2], [4] * 11),
        [("2024-04", "行数、带徒人次")],
    ),
    "few as well as many months, the later ones not": (
        months("360723", [150], [1], [1], [1], [150], [150]),
        [("2024-05", "带徒人次"), ("2024-06", "带徒人次")],
    ),
    "only the return in force": (
        [*months("360724", [1], [1], [1], [150]), *months("360724", [9], start=4)],
        [],
    ),
    "the correction that stands out": (
        [*months("360725", [1], [1], [1], [9]), *months("360725", [150], start=4)],
        [("2024-04", "带徒人次")],
    ),
    "months with a gap": (
        [*months("360726", [1], [1]), *months("360726", [1], [150], start=8)],
        [("2024-09", "带徒人次")],
    ),
    "another unit's history": (months("360728", [150], start=9), []),
}
CROWD, CROWD_REPEATED = 10_005, 5


@dataclass(frozen=True)
class Compared:
    """What the build says of all histories, and of a unit that repeats a whole ledger."""

    outliers: Mapping[str, list[tuple[str, str]]]
    messages: list[str]
    repeated: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    world = World(tmp_path_factory.mktemp("histories") / "home")
    for returns, _ in HISTORIES.values():
        world.hand_in(*returns)
    crowd = [training(f"第{number}期", "2024-03-05") for number in range(CROWD)]
    world.hand_in(*(Return("360731", month, {"skills_trainings": crowd}) for month in ("2024-03", "2024-04")))
    with world.built() as connection:
        found = rows(
            connection,
            "SELECT unit, strftime(period, '%Y-%m'), label, message_zh, message_en FROM core.issues"
            " JOIN core.returns USING (return_id) WHERE rule = 'R401' ORDER BY unit, period",
        )
        repeated = rows(
            connection,
            'SELECT issue_number, cell, "row", message_zh, message_en FROM core.issues'
            " WHERE rule = 'R311' ORDER BY issue_number",
        )
    outliers: dict[str, list[tuple[str, str]]] = {
        returns[0].unit or "": [] for returns, _ in HISTORIES.values()
    }
    for unit, period, label, *_ in found:
        outliers[unit].append((period, label))
    return Compared(outliers, [text for row in found for text in row[3:]], repeated)


@pytest.mark.parametrize("name", HISTORIES)
def test_which_months_stand_out(name: str, compared: Compared) -> None:
    returns, expected = HISTORIES[name]
    assert compared.outliers[returns[0].unit or ""] == expected


def test_one_issue_names_every_figure_of_a_ledger_that_stands_out(compared: Compared) -> None:
    assert (
        "师带徒：与本单位历史数据相差很大（行数 11，中位数 1；带徒人次 44，中位数 3；"
        "对比 2024-01 至 2024-03 有数据的 3 个月）。应为：请核对后再报，或说明原因。"
    ) in compared.messages


def test_the_months_of_a_history_are_named(compared: Compared) -> None:
    assert any("3 months with rows, 2024-01 to 2024-08" in message for message in compared.messages)


def test_of_very_many_equal_events_the_last_are_counted(compared: Compared) -> None:
    assert len(compared.repeated) == CROWD - CROWD_REPEATED + 1
    number, cell, row, message_zh, message_en = compared.repeated[-1]
    assert (number, cell, row) == (10_001, None, 10_002)
    assert f"从第 10002 行起还有 {CROWD_REPEATED} 处" in message_zh
    assert f"from row 10002 on there are {CROWD_REPEATED} more" in message_en
    assert compared.repeated[-2][1] == "G10001"


# Receipts after the publication


SAME_AS_JANUARY = {"工作室名称": "于都县1月", "师傅": "师傅0", "签订日期": "2024-01-05"}


@pytest.fixture
def call(home: Home) -> Call:
    return caller(home.root)


@pytest.fixture(scope="module")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with three plain months, published."""
    folder = tmp_path_factory.mktemp("three-months")
    home = Home(folder / "home")
    land(home, folder / "files", year_of("于都县", 3, 3, 3))
    publish(home)
    return home


@pytest.fixture
def history(three_months: Home, home: Home) -> None:
    """A copy of it as the test's own home."""
    shutil.copytree(three_months.root, home.root)


@pytest.mark.usefixtures("history")
def test_ingest_tells_what_the_publication_shows(home: Home, tmp_path: Path, call: Call) -> None:
    files = [
        apprentices("于都县", 4, {"带徒人次": 150}),
        apprentices("于都县", 5, {"带徒人次": 150}, {"带徒人次": "很多"}),
    ]
    plain, mixed = land(home, tmp_path / "files", files)
    ingested = call("ingest")
    stdout = ingested.stdout
    assert ingested.code == 1, ingested.stderr
    assert stdout.count("R401 提醒 warning  带徒人次") == 2
    assert "带徒人次 150，中位数 3；对比 2024-01 至 2024-03 有数据的 3 个月" in stdout
    assert "带徒人次 150，中位数 3；对比 2024-01 至 2024-04 有数据的 4 个月" in stdout
    # A warning is no problem of the data.
    assert read_receipt(home, plain)["status"] == "ACCEPTED"
    assert not (home.receipts / f"{plain}.xlsx").exists()
    document = read_receipt(home, mixed)
    assert (document["status"], document["rows_held_out"]) == ("ACCEPTED_WITH_ISSUES", 1)
    assert [one["rule"] for one in document["issues"]] == ["R202", "R401"]
    assert {one["rule"] for one in document["issues"]} <= rules_on_workbook(home, mixed)
    # A document has the same shape whatever it tells.
    assert len({tuple(sorted(one)) for one in document["issues"]}) == 1


def rules_on_workbook(home: Home, return_id: str) -> set[Any]:
    book = openpyxl.load_workbook(io.BytesIO((home.receipts / f"{return_id}.xlsx").read_bytes()))
    return {row[2] for row in book["校验结果"].iter_rows(values_only=True)}


@pytest.mark.usefixtures("history")
def test_a_run_that_breaks_after_publishing_is_completed_by_the_next(
    home: Home, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = [
        apprentices("于都县", 4, {"带徒人次": 150}),
        apprentices("宁都县", 4, {"带徒人次": "很多"}, SAME_AS_JANUARY),
    ]
    ids = land(home, tmp_path / "news", news)
    before = files_below(home.receipts)
    with monkeypatch.context() as patched:
        patched.setattr("etl.completing.write_receipts", _break)
        broken = call("ingest")
    assert (broken.code, PublicationStore(home).current_id()) == (3, "000002")
    assert "the disk is full" in broken.stderr
    assert [told(home, return_id) for return_id in ids] == [[], ["R202", "R308"]]

    assert call("ingest").code == 0
    assert PublicationStore(home).current_id() == "000002"
    assert [told(home, return_id) for return_id in ids] == [["R401"], ["R202", "R308", "R312"]]
    assert "R312" in rules_on_workbook(home, ids[1])
    after = files_below(home.root / "receipts")
    # Returns of former runs keep their receipts, and another run has nothing to do.
    assert {name: after[name] for name in before} == before
    assert call("ingest").code == 0
    assert files_below(home.receipts) == after


def _break(*_: object) -> None:
    raise OSError("the disk is full")


def told(home: Home, return_id: str) -> list[str]:
    return [one["rule"] for one in read_receipt(home, return_id)["issues"]]


@pytest.mark.usefixtures("history")
def test_completing_again_changes_nothing(home: Home, tmp_path: Path) -> None:
    land(home, tmp_path / "news", [apprentices("于都县", 4, {"带徒人次": 150})])
    publish(home)
    written = files_below(home.receipts)
    catalog = load_catalog()
    assert complete_receipts(home, catalog) == 0
    # As when a run dies between the last receipt and the note that all are written.
    (home.lake / "ANSWERED").unlink()
    assert complete_receipts(home, catalog) == 0
    assert files_below(home.receipts) == written
    # A receipt that somebody removed stops nobody.
    (home.lake / "ANSWERED").unlink()
    (home.receipts / "R000004.json").unlink()
    assert complete_receipts(home, catalog) == 0


# Who may see the figures


@pytest.fixture(scope="module")
def sensitive(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A unit whose health check-ups stand out; an indicator that counts them is sensitive."""
    world = World(tmp_path_factory.mktemp("sensitive") / "home")
    for month, workers in enumerate([7, 7, 7, 300], start=1):
        day = dt.date(2024, month, 5)
        checkup = {"enterprise": f"企业{month}", "held_on": day, "workers": workers}
        world.hand_in(Return("360731", f"2024-{month:02}", {"health_checkups": [checkup]}))
    publish_world(world)
    return world.home


@pytest.mark.parametrize(("viewer", "sees"), [(Viewer.PUBLIC, False), (Viewer.CITY, True)])
def test_small_numbers_of_a_history_are_not_shown_to_the_public(
    viewer: Viewer, sees: bool, sensitive: Home
) -> None:
    with Readers(PublicationStore(sensitive)).open() as reader:
        page = issues(Reading.of(reader, viewer), ["R000004"])["R000004"]
    (issue,) = page.items
    assert (issue.rule, issue.label) == ("R401", "体检人数")
    for message, words in ((issue.message_zh, "中位数 7"), (issue.message_en, "a median of 7")):
        assert (words in message) is sees
        assert ("300" in message) is sees
        assert message.startswith("健康体检")
    assert "请核对后再报" in issue.message_zh
