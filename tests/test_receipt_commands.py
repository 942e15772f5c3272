"""Receipts through the command line: in the terminal, beside checked files, and of landed returns.

What belongs here: what a caller sees and finds. What does not: what a workbook holds (``test_receipts``).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.cli.answers import print_closing, print_receipts
from etl.intake import check_returns
from etl.processing import check_landed
from etl.receipts import Children, receipts
from etl.receipts.children import ChildFailed
from etl.receipts.grouping import ranges
from tests.intake.workbooks import File, cover, csv_file, ledger, reader, sheet, workbook, write
from tests.support.command import Call, caller
from tests.support.receipts import FRONT, colour, document, issue, listed, opened, texts
from warehouse.catalog import load_catalog
from warehouse.landing import Landing
from warehouse.settings import Home

GOOD = ledger("师带徒")
BAD = ledger("师带徒", {"带徒人次": "很多"}, {"师傅": "王秀英"}, name="宁都县_2024-03.xlsx")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return caller(tmp_path / "home")


# In the terminal

Said = Callable[..., str]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """What ``union7510 check`` prints of files."""

    def check(*files: File) -> str:
        reads = [reader().read(one.content, one.name, return_id=one.name) for one in files]
        sheets = {one.return_id: one.sheet_names for one in reads}
        batch = check_returns(load_catalog(), reads)
        documents = receipts(batch, {one.name: one.name for one in files}, sheets)
        print_receipts(documents)
        print_closing(documents, batch)
        return capsys.readouterr().out

    return check


def test_each_group_says_its_rule_once_and_then_its_cells(said: Said) -> None:
    changes = ({"带徒人次": "很多"}, {"师傅": "甲", "带徒人次": "若干"}, {"师傅": "乙", "签订日期": None})
    words = said(ledger("师带徒", *changes))
    lines = [line.strip() for line in words.splitlines()]
    assert [line for line in lines if line.startswith("R")] == [
        "R201 错误 error  签订日期",
        "R202 错误 error  带徒人次  2 处",
    ]
    for once in ("不是数字", "not a number", "整数，例如 12"):
        assert words.count(once) == 1
    assert lines.index("师带徒 C2  “很多”") + 1 == lines.index("师带徒 C3  “若干”")
    assert "师带徒 D4" in lines
    assert "\x1b" not in words


def test_sheets_come_in_the_order_of_the_workbook(said: Said) -> None:
    bad = sheet("师带徒", {"带徒人次": "很多"})
    words = said(workbook({"测算一": [["a"]], "师带徒": bad, "测算二": [["a"]]}, "无单位.xlsx"))
    headings = [line.strip() for line in words.splitlines() if re.match("  [^ ]", line)]
    assert headings[1:] == ["整个文件 whole file", "测算一", "师带徒", "测算二"]


def test_ten_thousand_wrong_cells_are_a_few_lines(said: Said) -> None:
    rows = [{"师傅": f"师傅{n}", "带徒人次": "若干" if n % 2 else "很多"} for n in range(3_000)]
    rows += [{"师傅": f"新{n}", "带徒人次": "很多"} for n in range(5_000)]
    words = said(workbook({"师带徒": sheet("师带徒", *rows)}))
    assert len(words.splitlines()) < 20
    assert re.search(r"师带徒 C2、C4、C6、.* and 6,492 more: --json lists all  “很多”", words)
    assert "8,000 处" in words
    assert "未采纳 8,000 行" in words


def test_a_closing_line_counts_and_says_what_to_do(said: Said) -> None:
    nothing = said(GOOD)
    assert "1 file: 1 accepted; 1 row accepted, 0 held out." in nothing
    assert "可以报送" in nothing
    header = sheet("师带徒")[:1]
    untouched = said(workbook({"封面": cover(师带徒="未填报"), "师带徒": header}, "空表.xlsx"), GOOD)
    assert ("没有填报任何台账：" in untouched, "report no ledger: " in untouched) == (True, True)
    assert ("空表.xlsx。" in untouched, "可以报送" in untouched) == (True, False)
    nil = said(workbook({"封面": cover(师带徒="零报告"), "师带徒": header}))
    assert "可以报送" in nil
    some = said(GOOD, BAD, File("x.xlsx", b"\0"))
    assert "共 3 个文件：1 个全部采纳，1 个部分采纳，1 个退回；采纳 2 行，未采纳 1 行。" in some
    assert "3 files: 1 accepted, 1 accepted in part, 1 rejected; 2 rows accepted, 1 held out." in some
    assert "--receipt DIR" in some


def test_cells_below_each_other_are_a_range() -> None:
    assert ranges(["F12", "F3", "F8", "F7", "F9", "F10", "F11", "AA2", "F4"]) == [
        ("F3", 1),
        ("F4", 1),
        ("F7–F12", 6),
        ("AA2", 1),
    ]
    assert ranges(["第 7 行", ""]) == [("第 7 行", 1)]


def test_many_different_sayings_of_a_rule_are_cut_too(capsys: pytest.CaptureFixture[str]) -> None:
    repeated = [
        issue(f"A{n}", rule="R310", found=None, message_zh=f"首次见 B{n}。", message_en=f"first in B{n}.")
        for n in range(2, 117)
    ]
    print_receipts([document(repeated)], everything="see {id}")
    said = capsys.readouterr().out
    assert ("首次见 B21" in said, "首次见 B22" in said) == (True, False)
    assert "还有 95 处 and 95 more: see R000007" in said


def test_words_of_strangers_do_not_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    print_receipts([document([issue("C2", found="\x1b[2J\r红\n[bold]")], file="\x1b[31m.xlsx")])
    said = capsys.readouterr().out
    assert not re.search("[\x00-\x09\x0b-\x1f]", said)
    assert "红↵[bold]" in said


# Beside checked files


def test_check_writes_a_receipt_for_each_file(call: Call, tmp_path: Path) -> None:
    rows = sheet("师带徒", *({"师傅": str(n), "带徒人次": "很多"} for n in range(50)))
    table = csv_file(rows, "兴国县_2024-03.csv")
    files = write(tmp_path / "in", GOOD, BAD, table)
    outcome = call("check", *files, "--receipt", tmp_path / "out", "--json")
    assert (outcome.code, len(outcome.document["files"])) == (1, 3)
    keys = ["rule", "severity", "sheet", "cell", "column", "found", "expected", "message_zh", "message_en"]
    assert [[*each] for each in outcome.document["files"][2]["issues"]] == [keys] * 50
    names = ["于都县_2024-03_校验结果.xlsx", "宁都县_2024-03_校验结果.xlsx", "兴国县_2024-03_校验结果.xlsx"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(names)
    assert all(name in outcome.stderr for name in names)
    book = opened((tmp_path / "out" / names[1]).read_bytes())
    assert (colour(book["师带徒"], "C2"), [one["rule"] for one in listed(book)]) == ("FFC9CC", ["R202"])
    assert "未报送 not submitted" in texts(book[FRONT])
    assert not (tmp_path / "home").exists()


def test_check_never_writes_over_a_receipt_that_a_clerk_is_mending(call: Call, tmp_path: Path) -> None:
    (file,) = write(tmp_path, BAD)
    first = tmp_path / "out" / "宁都县_2024-03_校验结果.xlsx"
    mending = ledger("师带徒", {"带徒人次": "不详"}).content
    first.parent.mkdir()
    first.write_bytes(mending)
    call("check", file, first, "--receipt", first.parent)
    assert first.read_bytes() == mending
    assert sorted(path.name for path in first.parent.iterdir()) == sorted(
        [first.name, "宁都县_2024-03_校验结果(2).xlsx", "宁都县_2024-03_校验结果(3).xlsx"]
    )


# Of landed returns


def test_receipt_of_a_landed_return(call: Call, tmp_path: Path) -> None:
    call("submit", *write(tmp_path, GOOD, BAD))
    home = Home(tmp_path / "home")
    check_landed(home, load_catalog(), Landing(home).receptions())
    outcome = call("receipt", "R000002")
    assert (outcome.code, outcome.stdout) == (0, "")
    assert call("receipt", "R000002").code == 0
    (path,) = Path().iterdir()
    assert path.name == "宁都县_2024-03_校验结果.xlsx"
    assert path.name in outcome.stderr
    assert path.read_bytes() == (home.receipts / "R000002.xlsx").read_bytes()
    assert "R000002" in texts(opened(path.read_bytes())[FRONT])
    assert call("receipt", "R000001", "-o", tmp_path / "new" / "one.xlsx").code == 0
    assert listed(opened((tmp_path / "new" / "one.xlsx").read_bytes())) == []
    as_json = call("receipt", "R000002", "--json").document
    assert (as_json["id"], as_json["status"], [*as_json["issues"][0]][:2]) == (
        "R000002",
        "ACCEPTED_WITH_ISSUES",
        ["rule", "severity"],
    )


def test_receipt_of_what_is_not_there_is_a_wrong_call(call: Call, tmp_path: Path) -> None:
    unknown = call("receipt", "R000001")
    assert (unknown.code, "there is no return" in unknown.stderr) == (2, True)
    call("submit", *write(tmp_path, GOOD))
    early = call("receipt", "R000001")
    assert (early.code, "union7510 ingest" in early.stderr) == (2, True)
    assert call("receipt", "../R000001").code == 2


def landed(tmp_path: Path, *files: File) -> Home:
    home = Home(tmp_path / "home")
    caller(home.root)("submit", *write(tmp_path, *files))
    return home


def test_a_workbook_that_cannot_be_made_fails_nothing(tmp_path: Path) -> None:
    home = landed(tmp_path, BAD, ledger("师带徒", {"带徒人次": "-"}, name="兴国县_2024-03.xlsx"))
    (home.receipts / "R000001.xlsx").mkdir(parents=True)
    warnings: list[str] = []
    documents = check_landed(home, load_catalog(), Landing(home).receptions(), warn=warnings.append)
    assert [one["id"] for one in documents] == ["R000001", "R000002"]
    (words,) = warnings
    assert "R000001 has no receipt workbook" in words
    assert "receipts/R000001.json stands" in words
    assert (home.receipts / "R000001.json").is_file()
    assert (home.receipts / "R000002.xlsx").is_file()


def test_a_return_that_became_clean_loses_its_workbook(tmp_path: Path) -> None:
    home = landed(tmp_path, GOOD)
    for suffix in ("xlsx", "xlsm"):
        (home.receipts / f"R000001.{suffix}").parent.mkdir(exist_ok=True)
        (home.receipts / f"R000001.{suffix}").write_bytes(b"of a former check")
    check_landed(home, load_catalog(), Landing(home).receptions())
    assert [path.name for path in home.receipts.iterdir()] == ["R000001.json"]


# Child processes


def test_a_child_that_is_slow_greedy_or_dead_is_told_and_replaced() -> None:
    with Children(seconds=30, memory_bytes=1 << 28) as children:
        assert children.run(len, b"abc") == 3
        with pytest.raises(ChildFailed, match="MemoryError"):
            children.run(bytes, 1 << 29)
        with pytest.raises(ChildFailed, match="died"):
            children.run(os.abort)
        with pytest.raises(ChildFailed, match="FileNotFoundError"):
            children.run(os.stat, "/none")
        assert children.run(len, b"abc") == 3
    with Children(seconds=0.5) as children, pytest.raises(ChildFailed, match=r"longer than 0\.5 seconds"):
        children.run(time.sleep, 60)
