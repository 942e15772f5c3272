"""Limits: each holds before the work that it saves is done, and tells what was found and what to do."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from etl.intake.formats import OverLimit, Unreadable, read_content
from etl.limits import Limits
from tests.intake import corpus
from tests.intake.workbooks import File, check_one, ledger, reader, saved

GOOD = ledger("师带徒").content
DEFAULT = Limits()
#: Reading any file of these tests takes seconds when a limit is not held to, on an idle machine.
_MOMENT = 5.0


def refused(content: bytes | Path, limits: Limits, name: str = "a.xlsx") -> OverLimit:
    before = time.process_time()
    with pytest.raises(OverLimit) as caught:
        read_content(content, name, limits)
    assert time.process_time() - before < _MOMENT
    return caught.value


def assert_told(error: OverLimit, *words: str) -> None:
    """The limit and what was found stand in both languages, and so does what to do."""
    for word in words:
        assert word in error.zh
        assert word in error.en
    assert re.search("请按|请删除", error.zh)
    assert re.search("split|delete", error.en)


def workbook_of_sheets(count: int) -> bytes:
    book = openpyxl.Workbook()
    for _ in range(count - 1):
        book.create_sheet()
    return saved(book)


def test_a_file_of_too_many_bytes_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.truncate(DEFAULT.file_bytes + 1)
    assert_told(refused(path, DEFAULT), "1 GiB")
    assert_told(refused(GOOD, Limits(file_bytes=2048)), "2 KiB")


def test_what_a_container_says_it_unpacks_to_is_looked_at_first() -> None:
    content = corpus.zipped({**corpus.members(GOOD), "xl/media/image1.bmp": bytes(3 << 20)})
    assert_told(refused(content, Limits(unpacked_bytes=1 << 20)), "1 MiB", "3 MiB")


def test_a_part_that_grows_beyond_reason_is_a_bomb() -> None:
    bomb = bytes(80 << 20)
    content = corpus.zipped({**corpus.members(GOOD), "xl/sharedStrings.xml": bomb})
    assert_told(refused(content, DEFAULT), "xl/sharedStrings.xml", "400")


def test_too_many_sheets() -> None:
    assert len(read_content(workbook_of_sheets(5), "a.xlsx", Limits(sheets=5)).sheets) == 5
    assert_told(refused(workbook_of_sheets(6), Limits(sheets=5)), "6", "5")


def test_too_many_rows_in_a_workbook_a_text_and_a_parquet_file() -> None:
    limits = Limits(rows=100)
    book = corpus.written(lambda one: one.add_worksheet("x").write_column(0, 0, range(101)))
    assert_told(refused(book, limits), "101", "100")
    assert_told(refused(b"a,b\n" * 101, limits, "a.csv"), "101", "100")
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": range(101)}), buffer)
    assert_told(refused(buffer.getvalue(), limits, "a.parquet"), "101", "100")
    assert len(read_content(b"a,b\n" * 100, "a.csv", limits).sheets[0].rows) == 100


def test_too_many_columns() -> None:
    limits = Limits(columns=10)
    book = corpus.written(lambda one: one.add_worksheet("宽表").write_row(0, 0, range(11)))
    assert_told(refused(book, limits), "宽表", "11", "10")
    assert_told(refused(b",".join([b"a"] * 11) + b"\n", limits, "a.csv"), "11", "10")
    buffer = io.BytesIO()
    pq.write_table(pa.table({f"{number}": [1] for number in range(11)}), buffer)
    assert_told(refused(buffer.getvalue(), limits, "a.parquet"), "11", "10")


def test_too_many_cells_of_all_sheets_together() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        for name in ("甲", "乙"):
            book.add_worksheet(name).write(9, 9, 1)

    content = corpus.written(write)
    assert len(read_content(content, "a.xlsx", Limits(cells=200)).sheets) == 2
    assert_told(refused(content, Limits(cells=199)), "乙", "200", "199")


@pytest.mark.parametrize("column", [25, 27, 16_383])
def test_a_stray_cell_far_away_is_told_before_memory_is_asked_for(column: int) -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("师带徒")
        page.write_row(0, 0, ["师傅", "带徒人次"])
        page.write(0, column, "x")
        page.write(1_048_575, 0, "x")

    assert_told(refused(corpus.written(write), DEFAULT), "师带徒", "1,048,576", "20,000,000")


def test_cells_repeated_in_an_ods_file_are_counted_before_they_are_written_out() -> None:
    value = '<table:table-cell office:value-type="float" office:value="1"{}/>'
    columns, rows = ' table:number-columns-repeated="16384"', ' table:number-rows-repeated="1048576"'
    wide_row = f"<table:table-row>{value.format(columns)}</table:table-row>"
    blank_rows = f"<table:table-row{rows}><table:table-cell{columns}/></table:table-row>"
    single = f"<table:table-row>{value.format('')}</table:table-row>"
    after_blanks = f"<table:table-cell{columns.replace('16384', '9999')}/>{value.format('')}"
    bodies = [
        f"<table:table-row{rows}>{value.format(columns)}</table:table-row>",
        wide_row + blank_rows.replace("1048576", "1048574") + single,
        f"<table:table-row{rows}>{after_blanks}</table:table-row>",
    ]
    for body in bodies:
        assert_told(refused(corpus.ods(body), DEFAULT), "20,000,000")


@pytest.mark.parametrize("times", ["99999999", "99999999999999999999", "-1", "1e9"])
def test_more_repetitions_than_a_sheet_has_rows_are_damage(times: str) -> None:
    rows = f'<table:table-row table:number-rows-repeated="{times}"><table:table-cell/></table:table-row>'
    with pytest.raises(Unreadable, match=f"number-rows-repeated='{re.escape(times)}'"):
        read_content(corpus.ods(rows), "a.ods")


# What looks large and is not.


def test_a_million_formatted_rows_and_all_columns_formatted_cost_little() -> None:
    """Blank cells with a format, as whole columns and rows with borders are saved."""

    def write(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("师带徒")
        page.write_row(0, 0, ["师傅", "带徒人次"])
        page.write_row(1, 0, ["李卫国", 3])
        border = book.add_format({"border": 1})
        for column in range(2, 16_384):
            page.write_blank(1, column, None, border)

    blank = "".join(
        f'<row r="{row}"><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>' for row in range(3, 1_000_003)
    )
    content = corpus.changed(
        corpus.written(write),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("</sheetData>", f"{blank}</sheetData>"),
    )
    before = time.process_time()
    (page,) = read_content(content, "a.xlsx").sheets
    assert [list(row) for row in page.rows] == [["师傅", "带徒人次"], ["李卫国", 3]]
    assert time.process_time() - before < 2 * _MOMENT


def test_formulas_filled_down_that_give_nothing_are_cut_away() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("x")
        page.write_row(0, 0, ["师傅", 3])
        for row in range(1, 20_000):
            page.write_formula(row, 1, '=IF(A2="","",1)', None, "")

    content = corpus.changed(
        corpus.written(write),
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(r'(<c r="B\d+")(><f>)', r'\1 t="str"\2', xml),
    )
    (page,) = read_content(content, "a.xlsx").sheets
    assert [list(row) for row in page.rows] == [["师傅", 3]]


def test_blank_repeated_rows_and_columns_of_an_ods_file_are_cut_away() -> None:
    rows = (
        '<table:table-row><table:table-cell office:value-type="float" office:value="7"/>'
        '<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:style-name="ce1" table:number-columns-repeated="16384"/></table:table-row>'
    )
    (page,) = read_content(corpus.ods(rows), "a.ods").sheets
    assert [list(row) for row in page.rows] == [[7]]


def test_blank_formatted_cells_of_an_old_workbook_are_cut_away() -> None:
    blank = b"".join(corpus.record(0x0201, row.to_bytes(2, "little") + bytes(4)) for row in range(1, 2000))
    (page,) = read_content(corpus.xls(cells=corpus.number_cell(0, 0, 7.0) + blank), "a.xls").sheets
    assert [list(row) for row in page.rows] == [[7]]


# The limits as settings.


def test_limits_are_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Limits.from_environment() == DEFAULT
    monkeypatch.setenv("UNION7510_MAX_SHEETS", "7")
    monkeypatch.setenv("UNION7510_MAX_FILE_BYTES", "5_000_000")
    monkeypatch.setenv("UNION7510_MAX_SECONDS", "")
    assert Limits.from_environment() == Limits(sheets=7, file_bytes=5_000_000)


@pytest.mark.parametrize("text", ["0", "-1", "1 GB", "²", "1.5"])
def test_a_limit_that_is_no_number_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"UNION7510_MAX_ROWS .* whole number above 0, such as 10000000"):
        Limits.stated({"UNION7510_MAX_ROWS": text})


def test_over_a_limit_is_rule_r002_and_rejects_the_return() -> None:
    read = reader().read(b"a,b\n" * 20_000, "于都县_2024-03.csv")
    assert read.unit == "360731"
    checked = check_one(File("于都县_2024-03.xlsx", workbook_of_sheets(DEFAULT.sheets + 1)))
    (issue,) = checked.issues
    assert (checked.status, issue["rule"], checked.identity) == ("REJECTED", "R002", ("360731", "2024-03"))
    assert "201" in issue["message_zh"]
    assert "201" in issue["message_en"]
