"""Receipts of all other files: text tables, .xls, what is too large, what is hostile; and words of strangers.

What belongs here: which kind of receipt a file gets, and that none does harm. What does not: a county's
workbook that is kept (``test_receipts``).
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from python_calamine import CalamineWorkbook

from etl.receipts import receipt_workbook, workbook_name
from tests.intake.corpus import NO_SOFFICE, SOFFICE, members, zipped
from tests.intake.workbooks import EXAMPLES, File, csv_file, ledger, saved, sheet, workbook
from tests.intake.workbooks import check_one as checked
from tests.support.receipts import (
    FRONT,
    NAME,
    colour,
    document,
    issue,
    links,
    listed,
    made,
    marked,
    opened,
    receipt_of,
    remark,
    returned,
    texts,
)
from warehouse.catalog import load_catalog

ERROR = "FFC9CC"
SHEET = "xl/worksheets/sheet1.xml"
needs_office = pytest.mark.skipif(SOFFICE is None, reason=NO_SOFFICE)


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    return zipped({**members(content), name: data})


# Words of strangers

SIGNS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1", "\x1b[31m\x00\x07", "_x0041_", "a" * 40_000]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "unreadable"])
def test_words_of_strangers_never_become_formulas(kind: str) -> None:
    issues = [issue(f"C{number}", found=text, label=text) for number, text in enumerate(SIGNS, start=2)]
    source, name = {
        "xlsx": (ledger("师带徒").content, NAME),
        "csv": (csv_file([[text] for text in SIGNS[:5]]).content, "于都县_2024-03_师带徒.csv"),
        "unreadable": (b"\0", "=1+1.xlsx"),
    }[kind]
    content = receipt_workbook(document(issues, file=name), source, name, load_catalog())
    book = opened(content)
    assert [cell.coordinate for page in book for row in page for cell in row if cell.data_type == "f"] == []
    assert [one["found"] for one in listed(book)][:5] == SIGNS[:5]
    assert "\x1b" not in texts(book[FRONT])
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names[0] == FRONT
    if kind == "csv":
        assert [row[0].value for row in book["师带徒"].iter_rows(max_row=5)] == SIGNS[:5]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_personal_numbers_are_not_handed_on(kind: str) -> None:
    number = "13800138000"
    rows = sheet(
        "师带徒",
        {"师傅": f"王秀英{number}"},
        {"师傅": f"李红 {number}"},
        header=[*EXAMPLES["师带徒"], "身份证号"],
    )
    for row in rows[1:]:
        row[-1] = "11010519491231002X"
    file = workbook({"师带徒": rows}) if kind == "xlsx" else csv_file(rows)
    outcome = checked(file)
    assert {one["rule"] for one in outcome.issues} >= {"R211"}
    content = receipt_of(file, outcome)
    for name, data in members(content).items():
        assert b"11010519491231002X" not in data, name
    page = opened(content)["师带徒"]
    assert page["E1"].value == "身份证号"
    assert (page["E2"].value, page["E3"].value) == (None, None)
    assert "已删去" in remark(page, "E1")


def test_a_cell_with_a_personal_number_is_emptied() -> None:
    source = ledger("师带徒", {"师傅": "王秀英13800138000"}).content
    book = made(source, issue("B2", rule="R211", found=None, column="master", label="师傅"))
    assert book["师带徒"]["B2"].value is None
    assert book["师带徒"]["A2"].value == EXAMPLES["师带徒"]["工作室名称"]


# Files that are no .xlsx


def test_a_csv_gets_a_workbook_with_its_cells_marked() -> None:
    file = csv_file(
        sheet("师带徒", {"带徒人次": "很多"}, {"师傅": "王秀英", "签订日期": None}), encoding="gb18030"
    )
    outcome = checked(file)
    content = receipt_of(file, outcome)
    book = opened(content)
    assert book.sheetnames == [FRONT, "师带徒"]
    page = book["师带徒"]
    assert [cell.value for cell in page[1]] == [*EXAMPLES["师带徒"]]
    assert (page["C2"].value, colour(page, "C2"), colour(page, "D3")) == ("很多", ERROR, ERROR)
    assert 0 <= remark(page, "C2").find("不是数字") < remark(page, "C2").find("not a number")
    assert [one["cell"] for one in listed(book)] == [
        one["cell"] for one in sorted(outcome.issues, key=lambda x: x["rule"])
    ]
    assert links(book) == ["'师带徒'!D3", "'师带徒'!C2"]
    page["C2"].value, page["D3"].value = 4, "2024-03-08"
    again = checked(returned(file, saved(book)))
    assert (again.status, again.identity) == ("ACCEPTED", ("360731", "2024-03"))
    after = opened(receipt_of(returned(file, saved(book))))["师带徒"]
    assert (colour(after, "C2"), remark(after, "C2")) == (None, "")


def test_a_parquet_file_gets_a_workbook_with_its_cells() -> None:
    header, *rows = sheet("师带徒", {"带徒人次": 999})
    buffer = io.BytesIO()
    pq.write_table(pa.table({str(name): [row[n] for row in rows] for n, name in enumerate(header)}), buffer)
    file = File("于都县_2024-03_师带徒.parquet", buffer.getvalue())
    outcome = checked(file)
    assert outcome.rules == ["R205"]
    page = opened(receipt_of(file, outcome))["师带徒"]
    assert (page["C2"].value, colour(page, "C2"), page["D2"].is_date) == (999, ERROR, True)


def test_an_unreadable_file_gets_the_list_only() -> None:
    file = File(NAME, b"\0 this is no workbook")
    book = opened(receipt_of(file))
    assert book.sheetnames == [FRONT]
    assert [(one["rule"], one["severity"]) for one in listed(book)] == [("R001", "退回 fatal")]
    assert "请在原文件中" in texts(book[FRONT])


def macro_workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_vba_project(io.BytesIO(b"\xd0\xcf\x11\xe0 macros"), is_stream=True)
        page = book.add_worksheet("师带徒")
        for number, row in enumerate(sheet("师带徒", {"带徒人次": "很多", "签订日期": "2024-03-05"})):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def test_macros_are_kept_and_the_name_says_so() -> None:
    file = File("于都县_2024-03.xlsm", macro_workbook())
    content = receipt_of(file)
    assert members(content)["xl/vbaProject.bin"] == b"\xd0\xcf\x11\xe0 macros"
    assert b"macroEnabled" in members(content)["[Content_Types].xml"]
    assert workbook_name(file.name, content) == "于都县_2024-03_校验结果.xlsm"
    assert colour(opened(content)["师带徒"], "C2") == ERROR


def test_a_large_text_table_gets_the_list_only() -> None:
    line = "李卫国工作室,李卫国,很多,2024-03-05\n"
    source = ("工作室名称,师傅,带徒人次,签订日期\n" + line * 250_000).encode()
    book = made(source, issue("C2"), name="于都县_2024-03_师带徒.csv")
    assert book.sheetnames == [FRONT]
    assert listed(book)[0]["cell"] == "C2"


def test_a_workbook_with_too_many_rows_is_not_kept_but_copied() -> None:
    """A million empty formatted rows are what a clerk's mouse leaves behind."""
    content = ledger("师带徒", {"带徒人次": "很多"}).content
    empty = b"".join(b'<row r="%d" ht="20" customHeight="1"/>' % row for row in range(3, 1_000_003))
    page = members(content)[SHEET].replace(b"</sheetData>", empty + b"</sheetData>")
    book = made(with_member(content, SHEET, page), issue("C2"))
    assert "只含读到的数据" in texts(book[FRONT])
    assert (book["师带徒"]["C2"].value, colour(book["师带徒"], "C2")) == ("很多", ERROR)


def test_of_very_many_issues_the_first_are_listed_and_all_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("etl.receipts.page.MOST_LINES", 20)
    book = made(ledger("师带徒").content, *(issue(f"C{number}") for number in range(2, 27)))
    lines = listed(book)
    assert (len(lines), lines[0]["cell"], lines[-1]["cell"]) == (20, "C2", "C21")
    assert (colour(book["师带徒"], "C21"), colour(book["师带徒"], "C22")) == (ERROR, None)
    said = texts(book[FRONT])
    assert "另有 5 处" in said
    assert "5 more issues" in said
    assert (25, "师带徒", "R202") in {row[:3] for row in book[FRONT].iter_rows(values_only=True)}


def test_only_the_first_cells_are_commented_and_all_are_coloured() -> None:
    rows = sheet("师带徒", *({"师傅": f"师傅{n}"} for n in range(1_010)))
    content = workbook({"师带徒": rows}).content
    book = made(content, *(issue(f"C{number}") for number in range(2, 1_012)))
    page = book["师带徒"]
    assert (len(marked(book)), colour(page, "C1011"), remark(page, "C1011")) == (1_000, ERROR, "")
    assert "批注只写在前 1,000 个单元格" in texts(book[FRONT])
    after = made(saved(book), status="ACCEPTED")["师带徒"]
    assert (colour(after, "C1011"), colour(after, "C2"), remark(after, "C2")) == (None, None, "")


# Hostile files


BOMB = b"""<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&c;</t></si></sst>"""


@pytest.mark.parametrize(
    ("member", "data"),
    [
        ("xl/sharedStrings.xml", BOMB),
        ("xl/styles.xml", BOMB.replace(b"sst", b"styleSheet")),
        ("xl/workbook.xml", b"<workbook/>"),
        ("[Content_Types].xml", b"<Types"),
        (SHEET, b"<worksheet><sheetData><row"),
    ],
)
def test_a_damaged_or_hostile_workbook_still_gets_a_receipt(member: str, data: bytes) -> None:
    content = with_member(ledger("师带徒").content, member, data)
    book = made(content, issue("C2"))
    assert [one["cell"] for one in listed(book)] == ["C2"]


# In LibreOffice


def converted(folder: Path, name: str, content: bytes, suffix: str) -> bytes:
    """The file as LibreOffice opens and saves it."""
    assert SOFFICE is not None
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    arguments = ["--headless", "--convert-to", suffix, "--outdir", str(folder / "out"), str(folder / name)]
    subprocess.run([SOFFICE, profile, *arguments], check=True, capture_output=True, timeout=120)
    return (folder / "out" / name).with_suffix(f".{suffix}").read_bytes()


@needs_office
def test_a_receipt_opens_in_libreoffice_and_comes_back_from_it(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(ledger("师带徒", {"带徒人次": "很多"}).content))
    page = book["师带徒"]
    page["C2"].fill, page["C2"].comment = (
        PatternFill("solid", fgColor="FFFF00"),
        Comment("与企业核对", "李会计"),
    )
    own = File("于都县_2024-03.xlsx", saved(book))
    back = opened(converted(tmp_path / "own", "r.xlsx", receipt_of(own), "xlsx"))
    assert back.sheetnames == [FRONT, "师带徒"]
    assert [one["cell"] for one in listed(back)] == ["C2"]
    assert (colour(back["师带徒"], "C2"), "不是数字" in remark(back["师带徒"], "C2")) == (ERROR, True)
    back["师带徒"]["C2"].value = 5
    again = returned(own, saved(back))
    assert checked(again).status == "ACCEPTED"
    page = opened(receipt_of(again))["师带徒"]
    assert (colour(page, "C2"), remark(page, "C2")) == ("FFFF00", "与企业核对")


@needs_office
def test_an_xls_file_gets_a_workbook_with_its_cells_marked(tmp_path: Path) -> None:
    rows = sheet("师带徒", {"带徒人次": "很多"}, {"师傅": "王秀英"})
    old = converted(
        tmp_path, "于都县_2024-03.xlsx", workbook({"师带徒": rows, "说明页": [["a", "b"]]}).content, "xls"
    )
    file = File("于都县_2024-03.xls", old)
    outcome = checked(file)
    book = opened(receipt_of(file, outcome))
    assert book.sheetnames == [FRONT, "师带徒", "说明页"]
    page = book["师带徒"]
    assert (colour(page, "C2"), page["D2"].is_date, page["C3"].value) == (ERROR, True, 3)
    page["C2"].value = 3
    assert checked(returned(file, saved(book))).status == "ACCEPTED"


def test_the_form_knows_the_sheet_of_receipts() -> None:
    assert FRONT in load_catalog().form.other_sheets
