"""Decisions about returns: what each does, that it can be undone, that it is on record and seen.

What belongs here: locks, waivers, withdrawals and corrections together, from the command line to SQL and
GraphQL. What does not: the file of corrections (``test_corrections``), single cells (``intake``).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etl.deciding import Decider, Refused
from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.intake.workbooks import ledger, sheet, workbook
from tests.support.deciding import WHO, Office, in_both_languages, written
from tests.support.pipeline import publish
from tests.support.processes import different_tables, figures
from warehouse import decisions
from warehouse.catalog import load_catalog
from warehouse.decisions import About, DecisionLog, Kind, in_force
from warehouse.reading import Viewer
from warehouse.settings import Home

TODAY, LAST_DAY = dt.date(2024, 4, 10), dt.date(2024, 12, 31)

CORRECTION = """\
- unit: 于都县
  period: 2024-03
  ledger: 师带徒
  where: {师傅: 李卫国}
  column: 带徒人次
  expect: 很多
  value: 12
"""


@pytest.fixture(scope="module", autouse=True)
def _on_a_day() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decisions, "today", lambda _time_zone: TODAY)
        yield


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(Home(tmp_path / "home"))


# One story: everything is decided, and then undone


@dataclass(frozen=True)
class Story:
    """The office before any decision, with all of them in force, and after all were undone."""

    checked: Office
    decided: Office
    undone: Office
    #: Returns that the decisions, and then their ends, made the next run check again.
    touched: list[str]
    touched_again: list[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    checked = Office(Home(folder / "checked" / "home"))
    checked.home.root.mkdir(parents=True)
    over = {"补助金额（元）": 100000.01}
    checked.hand_in(
        workbook(
            {
                "师带徒": sheet("师带徒", {"带徒人次": "很多"}, {"师傅": "王秀英"}),
                "劳模先进": sheet("劳模先进"),
            }
        ),
        ledger("师带徒", {"师傅": "张建国"}, name="于都县_2024-03_更正.xlsx"),
        ledger(
            "职工活动场所",
            over,
            {"场所名称": "职工书屋", **over},
            {"场所名称": "职工驿站"},
            name="宁都县_2024-03.xlsx",
        ),
        ledger("师带徒", {"签订日期": "2024-02-05"}, name="兴国县_2024-02.xlsx"),
    )
    checked.check()
    decided = _copy(checked, folder / "decided")
    decided.decide("lock", "2024年2月")
    decided.hand_in(
        ledger("师带徒", {"签订日期": "2024-02-06"}, name="于都县_2024-02.xlsx"),
        ledger("师带徒", {"签订日期": "2024-01-05"}, name="兴国县_2024-01.xlsx"),
    )
    decided.decide(
        "accept", "R000003", "--rule", "R302", "--sheet", "职工活动场所", "--cell", "D2", "--until", LAST_DAY
    )
    decided.decide("withdraw", "r000002")
    decided.decide("correct", written(folder, "更正.yaml", CORRECTION))
    touched = decided.pending()
    publish(decided.home)
    undone = _copy(decided, folder / "undone")
    undone.decide("unlock", "2024-02")
    for decision in ("D000002", "d000003", "D000004"):
        undone.decide("revoke", decision)
    touched_again = undone.pending()
    publish(undone.home)
    return Story(checked, decided, undone, touched, touched_again)


def _copy(office: Office, folder: Path, *without: str) -> Office:
    ignored = shutil.ignore_patterns("dagster", *without)
    return Office(Home(shutil.copytree(office.home.root, folder / "home", ignore=ignored)))


def _of_returns(office: Office) -> dict[str, list[Any]]:
    rows = office.rows(
        "SELECT return_id, status, rows_accepted, rows_held_out, withdrawn, locked_out, waivers"
        " FROM core.returns"
    )
    return {return_id: facts for return_id, *facts in rows}


def test_every_decision_has_its_effect(story: Story) -> None:
    assert _of_returns(story.decided) == {
        # Two rows of 师带徒, one of them corrected, and one of 劳模先进.
        "R000001": ["ACCEPTED", 3, 0, False, False, 0],
        "R000002": ["REPLACED", 1, 0, True, False, 0],
        # One of the two rows that break R302 is accepted.
        "R000003": ["ACCEPTED_WITH_ISSUES", 2, 1, False, False, 1],
        "R000004": ["ACCEPTED", 1, 0, False, False, 0],
        "R000005": ["REJECTED", 0, 1, False, True, 0],
        "R000006": ["ACCEPTED", 1, 0, False, False, 0],
    }
    rows = "SELECT return_id, row, master, apprentices FROM core.apprenticeships ORDER BY ALL"
    assert story.decided.rows(rows) == [
        ("R000001", 2, "李卫国", 12),
        ("R000001", 3, "王秀英", 3),
        ("R000004", 2, "李卫国", 3),
        ("R000006", 2, "李卫国", 3),
    ]
    assert story.decided.rows("SELECT name FROM core.activity_venues ORDER BY row") == [
        ("职工之家",),
        ("职工驿站",),
    ]


def test_a_decision_touches_what_it_is_about_and_nothing_else(story: Story) -> None:
    """A withdrawal touches no check, a lock no return from before it or of another month."""
    assert story.touched == ["R000001", "R000002", "R000003", "R000005", "R000006"]
    assert story.touched_again == ["R000001", "R000002", "R000003", "R000005"]
    assert (story.decided.pending(), story.undone.pending()) == ([], [])


def test_the_ends_of_all_decisions_leave_the_tables_as_without_any(story: Story, tmp_path: Path) -> None:
    never_decided = _copy(story.undone, tmp_path, "decisions", "lake", "receipts", "publications")
    publish(never_decided.home)
    before, after = figures(never_decided.home), figures(story.undone.home)
    assert different_tables(before, after) == ["core.decisions"]
    assert different_tables(before, figures(story.decided.home))


def test_landing_and_decisions_alone_give_equal_tables(story: Story, tmp_path: Path) -> None:
    again = _copy(story.decided, tmp_path, "lake", "receipts", "publications")
    publish(again.home)
    assert different_tables(figures(story.decided.home), figures(again.home)) == []


def test_the_log_is_a_table(story: Story) -> None:
    told = story.undone.rows(
        "SELECT decision, kind, in_force, ends, ended_by, decided_by, note, last_sequence, return_id,"
        " period::VARCHAR, rule, sheet, row, valid_until FROM core.decisions"
    )
    why = (WHO, "依据核查结果")
    venue = ("R302", "职工活动场所", 2, LAST_DAY)
    assert told == [
        ("D000001", "lock", False, None, "D000005", *why, 4, None, "2024-02-01", None, None, None, None),
        ("D000002", "accept", False, None, "D000006", *why, 6, "R000003", None, *venue),
        ("D000003", "withdraw", False, None, "D000007", *why, 6, "R000002", None, None, None, None, None),
        ("D000004", "correct", False, None, "D000008", *why, 6, None, "2024-03-01", None, None, None, None),
        ("D000005", "unlock", False, "D000001", None, *why, 6, None, "2024-02-01", None, None, None, None),
        ("D000006", "revoke", False, "D000002", None, *why, 6, "R000003", None, *venue),
        ("D000007", "revoke", False, "D000003", None, *why, 6, "R000002", None, None, None, None, None),
        ("D000008", "revoke", False, "D000004", None, *why, 6, None, "2024-03-01", None, None, None, None),
    ]
    assert story.decided.rows("SELECT DISTINCT in_force FROM core.decisions") == [(True,)]
    assert story.decided.rows(
        "SELECT unit, ledger, column_name, conditions, expected_text, corrected_text FROM core.decisions"
        " WHERE kind = 'correct'"
    ) == [("360731", "apprenticeships", "apprentices", '{"master": "李卫国"}', "很多", "12")]


def test_corrections_show_the_cells_that_they_change(story: Story) -> None:
    columns = "decision, return_id, state, sheet, row, cell, found, in_force, is_stale"
    assert story.decided.rows(f"SELECT {columns} FROM core.corrections") == [
        ("D000004", "R000001", "applied", "师带徒", 2, "C2", "很多", True, False),
        ("D000004", "R000002", "stale", None, None, None, None, False, False),
    ]
    assert story.undone.rows("FROM core.corrections") == []


def test_a_row_that_is_accepted_keeps_its_issue_as_a_warning(story: Story) -> None:
    issues = story.decided.rows(
        "SELECT cell, severity, message_zh, message_en FROM core.issues WHERE rule = 'R302' ORDER BY cell"
    )
    assert [(cell, severity) for cell, severity, *_ in issues] == [("D2", "warning"), ("D3", "error")]
    assert ["D000002" in message for _, _, *messages in issues for message in messages] == [
        True,
        True,
        False,
        False,
    ]


def test_a_return_after_the_lock_is_told_whom_to_ask(story: Story) -> None:
    receipt = json.loads((story.decided.home.receipts / "R000005.json").read_bytes())
    (issue,) = receipt["issues"]
    assert (issue["rule"], issue["severity"]) == ("R007", "fatal")
    assert "2024-02" in issue["message_zh"]
    assert "locked" in issue["message_en"]


def test_a_return_shows_its_decisions(story: Story) -> None:
    city = Client(create_app(story.decided.home, ApiSettings(viewer=Viewer.CITY)))
    asked = """query ($id: ID!) { return(id: $id) { status withdrawn lockedOut decisions {
        id kind inForce decidedBy note rule sheet row until ledger column expected corrected ended { id }
    } } }"""

    def shown(return_id: str) -> Any:
        found = city.data(asked, id=return_id)["return"]
        told = [{name: part for name, part in one.items() if part is not None} for one in found["decisions"]]
        return (found["status"], found["withdrawn"], found["lockedOut"]), told

    signed = {"inForce": True, "decidedBy": WHO, "note": "依据核查结果"}
    correction = {
        "id": "D000004",
        "kind": "CORRECT",
        **signed,
        "ledger": "apprenticeships",
        "column": "apprentices",
        "expected": "很多",
        "corrected": "12",
    }
    withdrawal = {"id": "D000003", "kind": "WITHDRAW", **signed}
    waiver = {"id": "D000002", "kind": "ACCEPT", **signed, "rule": "R302", "sheet": "职工活动场所", "row": 2}
    assert shown("R000001") == (("ACCEPTED", False, False), [correction])
    assert shown("R000002") == (("REPLACED", True, False), [withdrawal, correction])
    assert shown("R000003") == (("ACCEPTED_WITH_ISSUES", False, False), [{**waiver, "until": "2024-12-31"}])
    assert shown("R000004") == (("ACCEPTED", False, False), [])
    assert shown("R000005") == (("REJECTED", False, True), [{"id": "D000001", "kind": "LOCK", **signed}])


def test_the_public_sees_decisions_without_names_and_their_ends(story: Story) -> None:
    public = Client(create_app(story.undone.home, ApiSettings(viewer=Viewer.PUBLIC)))
    fields = "id inForce decidedBy note expected corrected ended { id decidedBy note }"
    found = public.data(f"{{ returns(first: 9) {{ edges {{ node {{ id decisions {{ {fields} }} }} }} }} }}")
    nobody = {"decidedBy": None, "note": None}
    hidden = {"inForce": False, **nobody, "expected": None, "corrected": None}
    told = {edge["node"]["id"]: edge["node"]["decisions"] for edge in found["returns"]["edges"]}
    assert told["R000002"] == [
        {"id": "D000003", **hidden, "ended": {"id": "D000007", **nobody}},
        {"id": "D000004", **hidden, "ended": {"id": "D000008", **nobody}},
    ]
    assert [one["id"] for one in told["R000005"]] == ["D000001"]


def test_the_list_says_what_is_in_force(story: Story) -> None:
    listed = story.undone.call("decisions")
    assert (listed.code, listed.stderr) == (0, "")
    lines = listed.stdout.splitlines()
    assert len(lines) == 8
    assert "锁定 lock 2024-02 [已撤销 undone by D000005]: 依据核查结果" in lines[0]
    assert "withdraw R000002" in lines[2]
    assert "correct 于都县 2024-03 师带徒 带徒人次 “很多” → “12” 其中 where 师傅 “李卫国”" in lines[3]
    assert "unlock 2024-02" in lines[4]
    assert "revoke D000003 (R000002)" in lines[6]
    assert [line[0] for line in lines] == [" "] * 8
    assert [line[0] for line in story.decided.call("decisions").stdout.splitlines()] == ["*"] * 4
    documents = story.undone.call("decisions", "--json").document
    assert [one["in_force"] for one in documents] == [False] * 8
    assert (documents[2]["ended_by"], documents[6]["ends"]) == ("D000007", "D000003")
    assert story.undone.call("decisions", "--json", "--in-force").document == []


def test_a_waiver_ends_with_its_last_day(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = _copy(story.decided, tmp_path)
    monkeypatch.setattr(decisions, "today", lambda _time_zone: LAST_DAY)
    assert office.pending() == []
    monkeypatch.setattr(decisions, "today", lambda _time_zone: LAST_DAY + dt.timedelta(days=1))
    assert office.pending() == ["R000003"]
    assert [line[0] for line in office.call("decisions").stdout.splitlines()] == ["*", " ", "*", "*"]
    assert "held until 2024-12-31" in office.refuse("revoke", "D000002", "--note", "x")
    assert office.check()["R000003"]["rows_held_out"] == 2
    assert office.pending() == []


def test_a_file_is_checked_by_the_locks_that_stand_now(story: Story, tmp_path: Path) -> None:
    file = ledger("师带徒", {"签订日期": "2024-02-07"}, name="宁都县_2024-02.xlsx")
    path = tmp_path / file.name
    path.write_bytes(file.content)

    def rules(office: Office) -> list[str]:
        (document,) = office.call("check", path, "--json").document["files"]
        return [issue["rule"] for issue in document["issues"]]

    assert (rules(story.decided), rules(story.undone)) == (["R007"], [])


def test_a_run_without_anything_but_a_decision_publishes(story: Story, tmp_path: Path) -> None:
    office = _copy(story.undone, tmp_path)
    office.decide("withdraw", "R000001")
    ingested = office.call("ingest", "--json")
    assert (ingested.code, ingested.document) == (0, {"publication": "000003", "returns": []})
    assert office.rows("SELECT return_id FROM core.returns WHERE withdrawn") == [("R000001",)]
    # 劳模先进 stood in that return alone; of 师带徒 the other one was in force before.
    assert office.rows(
        "SELECT ledger, return_id FROM core.ledger_reports WHERE unit = '360731' AND period = '2024-03-01'"
    ) == [("apprenticeships", "R000002")]


# What is not decided


REFUSED = {
    "a lock twice": ("lock", "2024-02", "is locked already, by D000001"),
    "a lock of no month": ("lock", "2024-13", "no month from 2024-01 to 2026-12"),
    "a month outside the programme": ("lock", "2030-01", "no month from 2024-01 to 2026-12"),
    "an open month": ("unlock", "2024-03", "2024-03 is not locked"),
    "a withdrawal twice": ("withdraw", "R000002", "withdrawn already, by D000003"),
    "an unknown return": ("withdraw", "R000099", "they go up to R000006"),
    "an unknown decision": ("revoke", "D000099", "they go up to D000004"),
    "a waiver of what has no value": (
        *("accept", "R000001", "--rule", "R202"),
        "“…” is not a number (or not a whole one)) cannot be waived",
    ),
    "a waiver of an unknown rule": ("accept", "R000001", "--rule", "R999", "R205, R206, R207"),
    "a waiver of what is not broken": (
        "accept",
        "R000004",
        "--rule",
        "R302",
        "no row of R000004 breaks R302",
    ),
    "a waiver on another sheet": ("accept", "R000003", "--rule", "R302", "--sheet", "师带徒", "职工活动场所"),
    "a waiver of another row": (
        *("accept", "R000003", "--rule", "R302", "--sheet", "职工活动场所", "--row", "4"),
        "cells that do: D2, D3",
    ),
    "a waiver of a row of no sheet": ("accept", "R000003", "--rule", "R302", "--row", "2", "--sheet"),
    "a waiver of no cell": (
        *("accept", "R000003", "--rule", "R302", "--sheet", "职工活动场所", "--cell", "2D"),
        "write it like C7",
    ),
    "a waiver twice": (
        *("accept", "R000003", "--rule", "R302", "--sheet", "职工活动场所", "--row", "2"),
        "accepted already until 2024-12-31, by D000002",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_decided_is_told_and_not_written(story: Story, case: str) -> None:
    *arguments, words = REFUSED[case]
    until = ["--until", LAST_DAY] if arguments[0] == "accept" else []
    told = story.decided.refuse(*arguments, *until, "--note", "x")
    assert words in told
    assert in_both_languages(told)


def test_what_was_undone_is_not_undone_again(story: Story) -> None:
    assert "was undone already, by D000007" in story.undone.refuse("revoke", "D000003", "--note", "x")
    assert "only undid D000003" in story.undone.refuse("revoke", "D000007", "--note", "x")
    assert "is not locked" in story.undone.refuse("unlock", "2024-02", "--note", "x")


def test_a_waiver_ends_in_the_future(story: Story) -> None:
    past = ("--until", TODAY - dt.timedelta(days=1), "--note", "x")
    assert "is past" in story.decided.refuse("accept", "R000003", "--rule", "R302", *past)
    assert "--until" in story.decided.refuse("accept", "R000003", "--rule", "R302", "--note", "x")


def test_nobody_decides_without_a_reason(office: Office) -> None:
    assert "--note" in office.refuse("lock", "2024-03")
    assert "--note is blank" in office.refuse("lock", "2024-03", "--note", " \t")
    assert "--by is blank" in office.refuse("lock", "2024-03", "--note", "x", "--by", " ")
    for number in ("手机 138 0013 8000", "110101199003074514"):
        told = office.refuse("lock", "2024-03", "--note", number)
        assert "never stored" in told
        assert "一律不保存" in told
        assert number not in told


def test_what_was_not_checked_cannot_be_accepted(office: Office) -> None:
    office.home.root.mkdir()
    office.hand_in(ledger("职工活动场所", {"补助金额（元）": 100000.01}))
    told = office.refuse("accept", "R000001", "--rule", "R302", "--until", LAST_DAY, "--note", "x")
    assert "has not been checked yet" in told
    assert in_both_languages(told)


def test_an_empty_home_has_no_decisions(office: Office) -> None:
    assert (office.call("decisions").stdout, office.call("decisions", "--json").document) == ("", [])
    assert "there is none yet" in office.refuse("revoke", "D000001", "--note", "x")
    assert "none has landed" in office.refuse("withdraw", "R000001", "--note", "x")


# The log


def test_a_decision_says_what_happens_next(office: Office) -> None:
    locked = office.call("lock", "2024-03", "--note", "三月已审定", "--by", "李主任")
    assert (locked.code, locked.stdout) == (0, "D000001  锁定 lock 2024-03\n")
    zh, en = locked.stderr.splitlines()
    assert ("一律退回（R007）" in zh, "from now on are rejected (R007)" in en) == (True, True)
    (decision,) = DecisionLog(office.home).decisions()
    assert (decision.by, decision.note, decision.last_sequence) == ("李主任", "三月已审定", 0)
    assert dt.datetime.fromisoformat(decision.at).utcoffset() == dt.timedelta()
    assert "union7510 ingest" in office.call("unlock", "2024-03", "--note", "补报").stderr


def test_a_month_can_be_locked_again(office: Office) -> None:
    for act in ("lock", "unlock", "lock"):
        office.decide(act, "2024-03")
    log = DecisionLog(office.home).decisions()
    assert [one.id for one in in_force(log, TODAY)] == ["D000003"]
    assert [one.id for one in in_force(log[:2], TODAY)] == []
    assert [one.id for one in in_force(log[:1], TODAY)] == ["D000001"]


def test_a_writer_that_dies_leaves_no_half_decision(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.decide("lock", "2024-01")

    def die(_descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            Decider(office.home, load_catalog(), by=WHO, note="x").lock("2024-02")
    assert [*office.home.decisions.glob(".tmp-*")]
    assert [one.id for one in DecisionLog(office.home).decisions()] == ["D000001"]
    assert office.decide("lock", "2024-03")["id"] == "D000002"
    assert [*office.home.decisions.glob(".tmp-*")] == []


def test_of_many_who_decide_at_once_each_gets_a_number_and_one_gets_the_lock(office: Office) -> None:
    months = [f"2024-{month:02d}" for month in range(1, 13)]

    def lock(month: str) -> str | None:
        try:
            return Decider(office.home, load_catalog(), by=WHO, note="x").lock(month).id
        except Refused:
            return None

    with ThreadPoolExecutor(8) as pool:
        taken = [one for one in pool.map(lock, [*months, *months]) if one is not None]
    assert sorted(taken) == [f"D{number:06d}" for number in range(1, 13)]
    log = DecisionLog(office.home).decisions()
    assert sorted(one.about.period or "" for one in log) == months


def test_of_waivers_that_overlap_the_wider_one_is_named(story: Story, tmp_path: Path) -> None:
    """So that a row is accepted once, and one end does not end the other."""
    office = _copy(story.decided, tmp_path)
    office.decide("accept", "R000003", "--rule", "R302", "--until", LAST_DAY)
    receipt = office.check()["R000003"]
    named = [issue["message_en"][-20:] for issue in receipt["issues"] if issue["rule"] == "R302"]
    assert (receipt["rows_held_out"], len(named)) == (0, 2)
    assert all("D000005" in words for words in named)
    office.decide("revoke", "D000005")
    assert office.pending() == ["R000003"]


def test_the_shape_on_disk_is_what_it_was(office: Office) -> None:
    """A log is read for years."""
    office.home.decisions.mkdir(parents=True)
    kept = {
        "id": "D000001",
        "kind": "accept",
        "by": WHO,
        "at": "2024-04-10T02:00:00.000000+00:00",
        "note": "x",
        "last_sequence": 4,
        "about": {"return_id": "R000003", "rule": "R302", "until": "2024-12-31"},
        "ends": None,
    }
    (office.home.decisions / "000001.json").write_text(json.dumps(kept), encoding="utf-8")
    (decision,) = DecisionLog(office.home).decisions()
    assert (decision.kind, decision.about) == (
        Kind.ACCEPT,
        About(return_id="R000003", rule="R302", until="2024-12-31"),
    )
    office.decide("revoke", "D000001")
    assert set(json.loads(office.decided()["000002.json"])) == set(kept)
