"""What is never stored is never stored: files handed in, and everything that is made of them.

What belongs here: whole homes searched for what should not be there; copies judged as their originals. What
does not: which cells R211 refuses (``intake/test_register``).
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.intake import privacy
from etl.intake.connection import checking_connection
from etl.intake.credit_codes import is_credit_code
from etl.intake.formats import read_content, tables
from etl.intake.personal import (
    _OTHER_DIGITS,
    MARKER,
    holds_number,
    masked,
    masked_names,
    suspicion,
    without_numbers,
)
from tests.intake import corpus
from tests.intake.workbooks import (
    Cells,
    Checked,
    File,
    check,
    check_one,
    cover,
    csv_file,
    ledger,
    reader,
    saved,
    sheet,
    workbook,
    write,
)
from tests.support.command import Outcome, caller
from tests.support.searching import files_with
from warehouse.catalog import load_catalog
from warehouse.landing import Landing, Reception
from warehouse.settings import Home

ID_18, ID_15 = "11010519491231002X", "110105491231002"
SPACED, FULL_WIDTH, AS_NUMBER = "136 0013 6000", "１３９００１３９０００", 13700137000
IN_NAME, IN_COVER, IN_SIGNATURE = "13500135000", "13400134000", "13300133000"
PERSON = "欧阳钟离"
#: As they are typed and in digits.
NEEDLES = (
    *(ID_18, ID_15, SPACED, "13600136000", FULL_WIDTH, "13900139000", str(AS_NUMBER)),
    *(IN_NAME, IN_COVER, IN_SIGNATURE, PERSON),
)

ROWS = sheet(
    "师带徒",
    {"师傅": f"王秀英{ID_18}"},
    {"备注": SPACED},
    {"师傅": "李红"},
    {"带徒人次": AS_NUMBER},
    {"备注": f"电话{FULL_WIDTH}"},
    {"师傅": "赵敏", "备注": "已签"},
    {"备注": ID_15},
)
ACCEPTED = ["李红", "赵敏"]
SIGNED = ["填表人：张三 联系电话：" + IN_SIGNATURE]
HEALTH = sheet("健康体检", {"姓名": PERSON})


def texts(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def whole_workbook(name: str = f"于都县_2024-03_{IN_NAME}.xlsx") -> File:
    """Everything at once: cover, ledgers, a sheet of telephone numbers, a hidden one, numbers in names."""
    front: list[Sequence[object]] = [*cover(师带徒="有数据"), ["联系电话", IN_COVER]]
    sheets: dict[str, Cells] = {"封面": front, "师带徒": [*ROWS, SIGNED], "健康体检": HEALTH}
    book = openpyxl.load_workbook(io.BytesIO(workbook(sheets).content))
    book.create_sheet(f"通讯录{IN_NAME}").append(["张三", AS_NUMBER])
    hidden = book.create_sheet("旧表")
    hidden.append([ID_18])
    hidden.sheet_state = "hidden"
    return File(name, saved(book))


def files(folder: Path) -> list[File]:
    """The same in every format that can be made here."""
    unicode_text = "\r\n".join("\t".join(row) for row in texts(ROWS))
    found = [
        whole_workbook(),
        csv_file([*ROWS, SIGNED], "宁都县_2024-03_师带徒.csv"),
        csv_file(ROWS, "兴国县_2024-03_师带徒.csv", "gb18030"),
        File("会昌县_2024-03_师带徒.txt", unicode_text.encode("utf-16")),
        csv_file(HEALTH, "寻乌县_2024-03_健康体检.csv"),
        File("石城县_2024-03_人员.csv", f"姓名,号码\n张三,{ID_18}\n李四,{SPACED}\n".encode()),
    ]
    if corpus.SOFFICE is not None:
        source = folder / "source.xlsx"
        source.write_bytes(whole_workbook().content)
        for target, unit in (("xls", "上犹县"), ("ods", "崇义县")):
            (converted,) = corpus.convert([source], target, folder)
            book = converted.read_bytes()
            found.append(File(f"{unit}_2024-04.{target}", book))
    return found


# A whole home


@dataclass(frozen=True)
class Handled:
    """A home after everything was done with the files, and all that was said."""

    home: Home
    files: list[File]
    said: list[Outcome]
    temporary: Path

    @property
    def receipts(self) -> dict[str, Mapping[str, object]]:
        """By the beginning of the file's name."""
        read = [json.loads(path.read_bytes()) for path in sorted(self.home.receipts.glob("*.json"))]
        return {one["file"][:3]: one for one in read}


@pytest.fixture(scope="module")
def handled(tmp_path_factory: pytest.TempPathFactory) -> Handled:
    root = tmp_path_factory.mktemp("privacy")
    (root / "converted").mkdir()
    (root / "temporary").mkdir()
    made = files(root / "converted")
    paths = write(root / "files", *made)
    home = root / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(root / "temporary"))
        call = caller(home)
        said = [
            call("check", *paths, "--json"),
            call("check", paths[0]),
            call("submit", *paths, "--json"),
            call("submit", *paths),
            call("ingest"),
            call("receipt", "R000001", "-o", home / "receipts" / "again.xlsx"),
            call("verify"),
        ]
    return Handled(Home(home), made, said, root / "temporary")


def test_the_search_finds_what_the_files_hold(tmp_path: Path) -> None:
    (tmp_path / "converted").mkdir()
    write(tmp_path / "files", *files(tmp_path / "converted")[:6])
    found = files_with(tmp_path / "files", NEEDLES)
    assert set(found) == set(NEEDLES) - {"13600136000", "13900139000"}  # typed with blanks, in full width
    assert len({name.partition("!")[0] for names in found.values() for name in names}) == 6


def test_no_file_of_the_home_tells_it(handled: Handled) -> None:
    assert len([path for path in handled.home.root.rglob("*") if path.is_file()]) > 30
    assert list(handled.home.publications.glob("*.duckdb"))
    assert len(list(handled.home.receipts.glob("*.xlsx"))) == len(handled.files) + 1
    assert files_with(handled.home.root, NEEDLES) == {}


def test_no_command_tells_it(handled: Handled) -> None:
    assert [one.code for one in handled.said[2:4]] == [0, 0]
    for one in handled.said:
        assert [needle for needle in NEEDLES if needle in one.stdout + one.stderr] == []


def test_no_temporary_file_stays(handled: Handled) -> None:
    assert [path.name for path in handled.temporary.iterdir()] == []


def test_the_other_rows_count(handled: Handled) -> None:
    told = {
        name: (one["status"], one["rows_accepted"], one["rows_held_out"])
        for name, one in handled.receipts.items()
    }
    expected = {
        **dict.fromkeys(("于都县", "宁都县", "兴国县", "会昌县"), ("ACCEPTED_WITH_ISSUES", 2, 5)),
        "于都县": ("ACCEPTED_WITH_ISSUES", 2, 6),
        "寻乌县": ("ACCEPTED_WITH_ISSUES", 0, 1),
        "石城县": ("REJECTED", 0, 0),
    }
    assert {name: told[name] for name in expected} == expected


def test_the_receipt_names_the_cells(handled: Handled) -> None:
    issues = handled.receipts["于都县"]["issues"]
    assert isinstance(issues, list)
    assert [(one["sheet"], one["cell"], one["found"]) for one in issues if one["rule"] == "R211"] == [
        *(("师带徒", cell, None) for cell in ("B2", "E3", "C5", "E6", "E8")),
        ("健康体检", "F1", None),
    ]
    book = openpyxl.load_workbook(handled.home.receipts / "R000001.xlsx")
    comment = book["师带徒"]["B2"].comment
    assert comment is not None
    assert "R211" in comment.text
    assert [book["师带徒"][cell].value for cell in ("B4", "B7")] == ACCEPTED


def test_the_manifest_says_what_was_landed(handled: Handled) -> None:
    landing = Landing(handled.home)
    first, *_ = landing.receptions()
    submitted = json.loads(handled.said[2].stdout)["returns"]
    assert (first.redacted, first.file_name) == (True, f"于都县_2024-03_ {MARKER}.xlsx")
    assert (submitted[0]["sha256"], submitted[0]["redacted"]) == (first.sha256, True)
    assert first.landed_sha256 not in (None, first.sha256)
    path = landing.landed(first)
    assert path is not None
    assert path.name == first.landed_sha256
    assert MARKER in str(openpyxl.load_workbook(io.BytesIO(path.read_bytes()))["师带徒"]["B2"].value)
    assert handled.said[6].code == 0, handled.said[6].stdout


def test_the_same_file_is_known_again(handled: Handled) -> None:
    assert f"{len(handled.files)} had been received before" in handled.said[3].stderr
    assert len(Landing(handled.home).receptions()) == len(handled.files)


def test_verify_compares_the_copy(handled: Handled, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(handled.home.root, home.root)
    landing = Landing(home)
    path = landing.landed(landing.receptions()[0])
    assert path is not None
    path.write_bytes(b"PK other bytes")
    said = caller(home.root)("verify")
    assert said.code != 0
    assert "R000001" in said.stdout + said.stderr


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


def copied(file: File, folder: Path) -> tuple[bool, bytes | None]:
    """Whether a file holds what is never stored, and its copy."""
    target = folder / "copy"
    target.unlink(missing_ok=True)
    read = reader().read(file.content, file.name, stated=file.stated, look_for_personal=True, copy_to=target)
    assert {path.name for path in folder.iterdir()} <= {"copy"}
    return read.is_personal, target.read_bytes() if target.exists() else None


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


# Where there is no copy


def test_a_file_without_a_copy_is_not_landed(tmp_path: Path) -> None:
    # As a text the code would be right: a copy would say something else than the number.
    rows = {"荣誉类别": ["劳动模范"] * 2, "统一社会信用代码": [1, 2], "获得者": ["甲", ID_18]}
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer)
    file = File("于都县_2024-03_劳模先进.parquet", buffer.getvalue())
    (tmp_path / "place").mkdir()
    assert copied(file, tmp_path / "place") == (True, None)
    # Nobody reads the upper table, and what is personal in it is not kept for all that.
    two_tables = workbook({"技能培训": [*sheet("单身联谊", {"活动名称": SPACED}), [], *sheet("技能培训")]})
    assert copied(two_tables, tmp_path / "place") == (True, None)
    home = Home(tmp_path / "home")
    (path,) = write(tmp_path / "files", file)
    call = caller(home.root)
    said = call("submit", path)
    assert "not stored: it holds personal data" in said.stdout
    ingested = call("ingest")
    assert ingested.code == 1
    (reception,) = Landing(home).receptions()
    assert (reception.redacted, reception.landed_sha256) == (True, None)
    assert [one for one in Landing(home).files.rglob("*") if one.is_file()] == []
    receipt = json.loads((home.receipts / "R000001.json").read_bytes())
    assert (receipt["status"], receipt["unit"], receipt["period"]) == ("REJECTED", "360731", "2024-03")
    assert [one["rule"] for one in receipt["issues"]] == ["R211"]
    assert (home.receipts / "R000001.xlsx").is_file()
    assert call("verify").code == 0
    assert files_with(home.root, [ID_18]) == {}


# Check


def test_check_leaves_a_clerk_the_own_cells_and_tells_nothing(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "files", whole_workbook("于都县_2024-03.xlsx"))
    before = path.read_bytes()
    said = caller(tmp_path / "home")("check", path, "--receipt", tmp_path / "receipts")
    assert (said.code, path.read_bytes()) == (1, before)
    assert [needle for needle in NEEDLES if needle in said.stdout + said.stderr] == []
    assert files_with(tmp_path / "home", NEEDLES) == {}
    (receipt,) = (tmp_path / "receipts").iterdir()
    book = openpyxl.load_workbook(receipt)
    assert book["师带徒"]["B2"].value == f"王秀英{ID_18}"
    comment = book["师带徒"]["B2"].comment
    assert comment is not None
    words = comment.text + str([[cell.value for cell in row] for row in book["校验结果"]])
    assert [needle for needle in NEEDLES if needle in words] == []
    assert "已删去" not in comment.text


# Manifests


def test_a_manifest_of_a_clean_file_is_as_ever(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (path,) = write(tmp_path / "files", ledger("师带徒"))
    assert caller(home.root)("submit", path).code == 0
    (manifest,) = (json.loads(one.read_bytes()) for one in Landing(home).manifests.glob("*.json"))
    assert "redacted" not in manifest
    (reception,) = Landing(home).receptions()
    assert reception == Reception(**manifest)
    assert Landing(home).content(reception) == path.read_bytes()


# What a number looks like

SAMPLES = [
    *NEEDLES[:6],
    *(
        "1 3 8 0 0 1 3 8 0 0 0",
        "2 13800138000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "2024-03-13800138000",
    ),
    *(
        "①③⑧00138000",
        "1.110105491231002",
        "甲,110105491231002.",
        "x13800138000",
        "138001380001",
        "0797-8138000",
    ),
    *(
        "12.345678011225123",
        "2024-03-05 2024-03-06",
        "91350100M000100Y43",
        MARKER,
        f"甲{MARKER}",
        "12345678901",
    ),
]


def test_python_and_sql_agree() -> None:
    with checking_connection(load_catalog()) as connection:
        values = ", ".join(f"('{one}')" for one in SAMPLES)
        rows = connection.sql(f"SELECT t, is_personal(t) FROM (VALUES {values}) AS v(t)").fetchall()
    assert dict(rows) == {one: masked(one) != one for one in SAMPLES}
    assert sum(found for _, found in rows) == 15


def test_only_the_number_goes_out_of_a_name() -> None:
    assert (
        without_numbers("于都县_2024-03_王秀英 136-0013-6000.xlsx") == f"于都县_2024-03_王秀英 {MARKER}.xlsx"
    )
    assert without_numbers(f"{SPACED}、{ID_18}") == f"{MARKER}、 {MARKER}"
    assert masked_names([f"甲{IN_NAME}", None, f"甲{IN_COVER}", "乙"]) == [
        f"甲 {MARKER}",
        None,
        f"甲 {MARKER}2",
        "乙",
    ]


def test_the_digits_beside_ascii_are_all_known() -> None:
    characters = map(chr, (*range(0x80, 0xD800), *range(0xE000, 0x110000)))
    digits = [one for one in characters if re.fullmatch("[0-9]+", unicodedata.normalize("NFKC", one))]
    assert len(digits) > 100
    assert [one for one in digits if not re.match(f"[{_OTHER_DIGITS}]", one)] == []


DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "₀₁₂₃₄₅₆₇₈₉"])
GAPS = st.sampled_from(["", "", "", " ", "-", " - ", "\u3000", "\n"])


@st.composite
def typed(draw: st.DrawFn) -> str:
    """A number as somebody may type it, among other words."""
    number = draw(st.sampled_from([ID_18, ID_15, "13800138000", "8613800138000"]))
    result = draw(st.sampled_from(["", "电话", "甲 ", "(", "1. "]))
    for character in number:
        digits = draw(DIGITS)
        result += (digits[int(character)] if character.isdigit() else character) + draw(GAPS)
    return result + draw(st.sampled_from(["", "。", " 转 2", ")"]))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(typed() | st.text("0123 -x,甲０", max_size=30), min_size=1, max_size=3))
def test_the_quick_look_misses_no_number(cells: list[str]) -> None:
    pattern = suspicion(across_lines=True)
    found = pc.match_substring_regex(pa.array([",".join(cells)]), pattern)[0].as_py()
    assert found or not any(map(holds_number, cells))
    for cell in cells:
        assert not holds_number(without_numbers(cell))
