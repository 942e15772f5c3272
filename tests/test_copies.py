"""A copy without personal data is judged as its original, and is made for no other reason.

What belongs here: files and their copies. What does not: what a home keeps of them (``test_privacy``).
"""

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from etl.intake import privacy
from etl.intake.credit_codes import is_credit_code
from etl.intake.formats import read_content, tables
from etl.intake.personal import (
    MARKER,
    holds_number,
)
from tests.intake import corpus
from tests.intake.workbooks import (
    Checked,
    File,
    check,
    check_one,
    cover,
    csv_file,
    ledger,
    saved,
    sheet,
    workbook,
)
from tests.support.personal import (
    AS_NUMBER,
    HEALTH,
    ID_15,
    ID_18,
    IN_COVER,
    IN_NAME,
    IN_SIGNATURE,
    NEEDLES,
    PERSON,
    ROWS,
    SIGNED,
    SPACED,
    copied,
    texts,
    whole_workbook,
)
from tests.support.searching import files_with

# A copy is judged as its original


def titled(*above: Sequence[object], rows: Sequence[Sequence[object]] = ROWS) -> File:
    return workbook({"师带徒": [*above, *rows]}, "报表.xlsx")


def signed(*below: Sequence[object]) -> File:
    return workbook({"师带徒": [*ROWS, *below]})


def dated_from_1904() -> File:
    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("师带徒")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row, cells in enumerate(ROWS):
            for column, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    page.write_datetime(row, column, cell, day) if row % 2 else page.write(row, column, 43894)
                elif cell is not None:
                    page.write(row, column, cell)

    return File("于都县_2024-03.xlsx", corpus.written(fill, date_1904=True))


def with_hidden_ledger() -> File:
    book = openpyxl.load_workbook(io.BytesIO(workbook({"健康体检": HEALTH, "师带徒": ROWS}).content))
    book["健康体检"].sheet_state = "hidden"
    return File("于都县_2024-03.xlsx", saved(book))


def with_merged_header() -> File:
    book = openpyxl.load_workbook(io.BytesIO(titled(["师带徒台账"], ["工作室", None, "人次"]).content))
    book["师带徒"].merge_cells("A1:E1")
    book["师带徒"].merge_cells("A2:B2")
    return File("于都县_2024-03.xlsx", saved(book))


def with_merged_cells() -> File:
    """A telephone number that holds for three rows."""
    rows = sheet("师带徒", {"工作室名称": SPACED}, {"师傅": "乙"}, {"师傅": "丙"}, {"师傅": "丁"})
    book = openpyxl.load_workbook(io.BytesIO(workbook({"师带徒": rows}).content))
    for area in ("A2:A4", "C3:C4"):
        book["师带徒"].merge_cells(area)
    return File("于都县_2024-03.xlsx", saved(book))


def renamed(file: File, name: str) -> File:
    return replace(file, name=name)


AWKWARD: dict[str, Callable[[], File]] = {
    "plain": lambda: signed(),
    "everything": whole_workbook,
    "1904": dated_from_1904,
    "hidden ledger": with_hidden_ledger,
    "merged header": with_merged_header,
    "merged cells": with_merged_cells,
    "a header that comes again": lambda: signed(["师带徒"], [f"电话：{IN_COVER}"], *ROWS[:2]),
    "a table below": lambda: workbook(
        {"师带徒": [*sheet("师带徒"), ["单身联谊"], *sheet("单身联谊"), [ID_18]]}
    ),
    "a table beside": lambda: workbook(
        {"师带徒": [[*left, *right] for left, right in
                    zip(ROWS[:2], sheet("单身联谊", {"活动名称": PERSON + SPACED}), strict=True)]}
    ),
    "unit and telephone in one cell": lambda: titled(
        [f"填报单位：于都县　统计月份：2024-03　电话：{IN_COVER}"], ["单位：万元"]
    ),
    "totals": lambda: signed(["合计", None, 9], ["其中" + ID_15, None, 3]),
    "a total like a telephone number": lambda: signed(["合计", None, AS_NUMBER]),
    "signatures": lambda: signed(
        [f"联系人{IN_SIGNATURE}"], ["备注", f"张三{IN_SIGNATURE}"], [None, f"联系电话 {IN_SIGNATURE}"]
    ),
    "formulas, errors, numbers, booleans": lambda: titled(
        rows=[*ROWS, ["甲", "乙", "=1+2", "#REF!", True], ["甲", "乙", 1 / 3, 45356, 0.1 + 0.2]]
    ),
    "texts that are cut or turned": lambda: titled(
        rows=[
            *ROWS,
            [" 甲 ", "乙\n丙", "=3", "2024/3/5", "_x0041_"],
            ["http://a.cn", "'7", "007", "5%", "\t"],
        ]
    ),
    "a missing column": lambda: titled(rows=[[*row[:2], *row[3:]] for row in ROWS]),
    "a repeated column": lambda: titled(rows=[[*row, row[1]] for row in ROWS]),
    "no column known": lambda: workbook({"师带徒": [[ID_18, "甲"], [SPACED, "乙"]]}),
    "no ledger": lambda: workbook({"人员": [["姓名", "号码"], ["张三", ID_18]]}),
    "a number in labels": lambda: titled(rows=[[*ROWS[0], f"师傅{IN_COVER}", IN_NAME], *ROWS[1:]]),
    "a number in an unknown column": lambda: ledger("师带徒", {"学员": SPACED}, {"学员": "李红"}),
    "a number beside the table": lambda: titled(
        rows=[*sheet("师带徒"), [*["甲"] * 4, None, None, AS_NUMBER]]
    ),
    "numbers in the names of sheets": lambda: workbook(
        {f"师带徒{IN_NAME}": ROWS, f"师带徒{IN_COVER}": sheet("师带徒")}
    ),
    "refused columns": lambda: workbook(
        {"师带徒": [[f"{number}", *row] if number else ["身份证号", *row] for number, row in enumerate(ROWS)]}
    ),
    "a refused column of totals": lambda: workbook(
        {"健康体检": [["姓名", *sheet("健康体检")[0]], [PERSON, *sheet("健康体检")[1]],
                  ["合计", None, None, None, 81], ["填表人：", "张三"]]}
    ),
    "another unit inside": lambda: renamed(whole_workbook(), f"宁都县_2024-03_{IN_NAME}.xlsx"),
    "csv with line breaks": lambda: csv_file([*ROWS, ["甲\n乙", '"丙"', "3", "2024-03-05", "a;b\tc"], []]),
    "csv with semicolons": lambda: File(
        "于都县_2024-03_师带徒.csv", "\n".join(";".join(row) for row in texts(ROWS)).encode()
    ),
    "csv without unit": lambda: csv_file(ROWS, "师带徒.csv"),
    "csv of a title": lambda: csv_file([["填报单位：于都县 2024年3月"], [], *ROWS, SIGNED]),
    "csv named as a workbook": lambda: csv_file(ROWS, "于都县_2024-03_师带徒.xls", "gb18030"),
    "csv with a name column": lambda: csv_file(HEALTH, "于都县_2024-03_健康体检.csv"),
    "Parquet": lambda: parquet(ROWS),
}  # fmt: skip


def parquet(rows: Sequence[Sequence[object]], name: str = "于都县_2024-03_师带徒.parquet") -> File:
    buffer = io.BytesIO()
    columns = {str(label): list(map(str, column)) for label, *column in zip(*rows, strict=True)}
    pq.write_table(pa.table(columns), buffer)
    return File(name, buffer.getvalue())


def told(outcome: Checked) -> tuple[object, ...]:
    """All that was said, but for the id that the order gives."""
    sheets = [{**one, "return_id": None} for one in outcome.sheets]
    rows = {name: [{**row, "return_id": None} for row in some] for name, some in outcome.rows.items()}
    return {**outcome.receipt, "id": None}, sheets, rows


@dataclass(frozen=True)
class Pair:
    """A file and its copy, and what became of each."""

    file: File
    copy: File
    judged: tuple[Checked, Checked]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """Every awkward file with its copy; all are checked as one batch."""
    originals, copies = [make() for make in AWKWARD.values()], []
    for file in originals:
        is_personal, copy = copied(file, tmp_path_factory.mktemp("copy"))
        assert is_personal
        assert copy is not None
        copies.append(replace(file, content=copy))
    judged = check(*originals, *copies)
    outcomes = zip(judged[: len(copies)], judged[len(copies) :], strict=True)
    return dict(zip(AWKWARD, map(Pair, originals, copies, outcomes), strict=True))


@pytest.mark.parametrize("style", AWKWARD)
def test_a_copy_gives_the_same_receipt(style: str, pairs: Mapping[str, Pair], tmp_path: Path) -> None:
    pair = pairs[style]
    original, copy = pair.judged
    assert told(copy) == told(original)
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / "copy").write_bytes(pair.copy.content)
    assert files_with(tmp_path / "stored", NEEDLES) == {}
    # What a copy is made of is its own copy.
    (tmp_path / "again").mkdir()
    assert copied(pair.copy, tmp_path / "again")[1] == pair.copy.content


@pytest.mark.skipif(corpus.SOFFICE is None, reason=corpus.NO_SOFFICE)
@pytest.mark.parametrize("target", ["xls", "ods"])
def test_a_copy_of_a_converted_workbook_gives_the_same_receipt(target: str, tmp_path: Path) -> None:
    source = tmp_path / "source.xlsx"
    source.write_bytes(whole_workbook().content)
    (converted,) = corpus.convert([source], target, tmp_path)
    file = File(f"于都县_2024-03.{target}", converted.read_bytes())
    (tmp_path / "place").mkdir()
    is_personal, copy = copied(file, tmp_path / "place")
    assert is_personal
    assert copy is not None
    assert told(check_one(replace(file, content=copy))) == told(check_one(file))


def test_a_copy_has_the_sheets_and_types_of_its_original(tmp_path: Path) -> None:
    file = whole_workbook()
    _, copy = copied(file, tmp_path)
    assert copy is not None
    ours, theirs = (read_content(content, file.name) for content in (file.content, copy))
    assert [one.hidden for one in ours.sheets] == [one.hidden for one in theirs.sheets]
    cells = zip(ours.sheets[1].rows[1:8], theirs.sheets[1].rows[1:8], strict=True)
    changed = [(a, b) for row, other in cells for a, b in zip(row, other, strict=True) if a != b]
    assert [b for _, b in changed] == [MARKER] * 5
    assert {type(cell) for cell in theirs.sheets[1].rows[3]} == {str, float, dt.date}


# What is no reason


NO_REASON: dict[str, Callable[[], File]] = {
    "cover": lambda: workbook(
        {"封面": [*cover(师带徒="有数据"), ["联系电话", IN_COVER]], "师带徒": sheet("师带徒")}
    ),
    "title and signature": lambda: workbook(
        {"师带徒": [[f"于都县 电话{IN_COVER}"], *sheet("师带徒"), SIGNED]}
    ),
    "signature in two cells": lambda: workbook(
        {"师带徒": [*sheet("师带徒"), ["联系电话", int(IN_SIGNATURE)]]}
    ),
    "sheet of telephone numbers": lambda: workbook(
        {"师带徒": sheet("师带徒"), "通讯录": [[PERSON, IN_COVER]]}
    ),
    "signature of a csv": lambda: csv_file([*sheet("师带徒"), SIGNED]),
    "other numbers": lambda: ledger(
        "师带徒", {"备注": "0797-8138000"}, {"备注": "第 2024-03-05 2024-03-06 号"}
    ),
    "a division": lambda: ledger("技能培训", {"补助金额（元）": 12.345678011225123}),
    "names where they belong": lambda: ledger("热心职工红娘"),
}


@pytest.mark.parametrize("reason", NO_REASON)
def test_what_is_no_reason_for_a_copy(reason: str, tmp_path: Path) -> None:
    file = NO_REASON[reason]()
    assert copied(file, tmp_path)[0] is False
    assert "R211" not in check_one(file).rules


def code_like_an_identity_number() -> str:
    """A right credit code whose digits would be an identity number's, too."""
    numbers = (f"110105194912310{number:02}{last}" for number in range(100) for last in range(10))
    return next(code for code in numbers if is_credit_code(code))


def test_a_right_credit_code_stays_what_it_is(tmp_path: Path) -> None:
    code = code_like_an_identity_number()
    assert holds_number(code)
    clean = ledger("劳模先进", {"统一社会信用代码": code})
    assert copied(clean, tmp_path)[0] is False
    outcome = check_one(clean)
    assert (outcome.issues, outcome.column("honours", "credit_code")) == ([], [code])
    file = ledger(
        "劳模先进", {"统一社会信用代码": code}, {"统一社会信用代码": code[:-1] + "X", "获得者": "甲"}
    )
    is_personal, copy = copied(file, tmp_path)
    assert is_personal
    assert copy is not None
    assert check_one(replace(file, content=copy)).column("honours", "credit_code") == [code]


# Large text tables


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LARGE", 1000)
    monkeypatch.setattr(privacy, "_PIECE", 97)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_large_table_is_copied_line_by_line(encoding: str, tmp_path: Path) -> None:
    many = [{"师傅": f"师傅{number}"} for number in range(300)]
    clean = csv_file([*sheet("师带徒", *many), SIGNED], encoding=encoding)
    assert copied(clean, tmp_path)[0] is False
    assert "R211" not in check_one(clean).rules
    file = csv_file(
        [*sheet("师带徒", *many, {"备注": SPACED}, {"备注": "甲\n乙"}), SIGNED], encoding=encoding
    )
    is_personal, copy = copied(file, tmp_path)
    assert is_personal
    assert copy is not None
    outcome, original = check_one(replace(file, content=copy)), check_one(file)
    assert outcome.receipt["rows_accepted"] == 301
    assert told(outcome) == told(original)
    assert files_with(tmp_path, NEEDLES) == {}


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("before", range(0, 100, 7))
def test_a_number_at_the_end_of_a_piece_is_found(before: int, tmp_path: Path) -> None:
    rows = [{"师傅": f"师傅{number}"} for number in range(90)]
    file = csv_file(sheet("师带徒", {"备注": "甲" * before + SPACED}, *rows))
    assert copied(file, tmp_path)[0] is True
