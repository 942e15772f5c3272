"""Every format gives the same ledger: the same typed rows, and the same cells when something is wrong."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from etl.intake.formats import UNCALCULATED, Sheet, read_content
from tests.intake import corpus
from tests.intake.conftest import Converted
from tests.intake.workbooks import Cells, File, check, csv_file, ledger, saved, sheet

#: Characters that GBK and GB2312 lack, or that NFKC would rewrite.
RARE = "䶮镕·①㎡𠮷"
#: Cells know no time zone.
MOMENT = dt.datetime(2024, 3, 5, 8, 30)  # noqa: DTZ001
STEM = "于都县_2024-03_师带徒"
GOOD = ({"师傅": RARE}, {"师傅": "王秀英", "带徒人次": 12})
#: The second row is wrong, in the cell C3.
WRONG = ({"师傅": RARE}, {"师傅": "王秀英", "带徒人次": "很多"})


def text(encoding: str, rows: Cells, separator: str = ",") -> bytes:
    return csv_file(rows).content.decode("utf-8-sig").replace(",", separator).encode(encoding)


def parquet(rows: Cells) -> bytes:
    labels, *body = rows
    columns = [pa.array(column) for column in zip(*body, strict=True)]
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns, names=[str(label) for label in labels]), buffer)
    return buffer.getvalue()


#: By the name of the file; what is no workbook names the ledger in its name.
WRITTEN: dict[str, Callable[[Cells], bytes]] = {
    f"{STEM}.xlsm": lambda rows: workbook_of(rows),
    f"{STEM}.xls": lambda rows: workbook_of(rows),
    f"{STEM}.dat": lambda rows: workbook_of(rows),
    f"{STEM}.csv": lambda rows: text("utf-8", rows),
    f"{STEM} 2.csv": lambda rows: text("utf-8-sig", rows),
    f"{STEM} 3.csv": lambda rows: text("gb18030", rows),
    f"{STEM} 4.csv": lambda rows: text("utf-8", rows, ";"),
    f"{STEM} 5.csv": lambda rows: b"sep=;\r\n" + text("utf-8", rows, ";"),
    f"{STEM} 2.xls": lambda rows: text("gb18030", rows, "\t"),
    f"{STEM} 3.xlsx": lambda rows: text("utf-8", rows),
    f"{STEM}.txt": lambda rows: text("utf-16", rows, "\t"),
    f"{STEM} 2.txt": lambda rows: text("utf-16-le", rows, "\t"),
    f"{STEM} 3.txt": lambda rows: text("utf-16-be", rows, "\t"),
    f"{STEM} 4.txt": lambda rows: b"\xfe\xff" + text("utf-16-be", rows, "\t"),
    f"{STEM}.tsv": lambda rows: text("utf-8", rows, "\t"),
    f"{STEM}.parquet": parquet,
}


def workbook_of(rows: Cells) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "师带徒"
    for row in rows:
        page.append(list(row))
    return saved(book)


def merged(content: bytes) -> bytes:
    """The same with what both rows have in common written once."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for area in ("A2:A3", "D2:D3"):
        book["师带徒"].merge_cells(area)
    return saved(book)


def assert_equal(files: list[File], expected: File, wrong_cell: str | None) -> None:
    (wanted, *found) = check(expected, *files)
    assert [issue["cell"] for issue in wanted.issues] == ([wrong_cell] if wrong_cell else [])
    rows = [{**row, "return_id": ""} for row in wanted.rows["apprenticeships"]]
    for file, one in zip(files, found, strict=True):
        cells = [(issue["rule"], issue["sheet"], issue["cell"]) for issue in one.issues]
        assert cells == [(issue["rule"], issue["sheet"], issue["cell"]) for issue in wanted.issues], file.name
        assert [{**row, "return_id": ""} for row in one.rows["apprenticeships"]] == rows, file.name


@pytest.mark.parametrize(("changes", "wrong_cell"), [(GOOD, None), (WRONG, "C3")], ids=["good", "wrong"])
def test_the_same_ledger_in_every_format_is_the_same(
    changes: tuple[dict[str, object], ...], wrong_cell: str | None
) -> None:
    rows = sheet("师带徒", *changes)
    as_text = [[str(value) if key else value for value in row] for key, row in enumerate(rows)]
    files = [
        File(name, write(as_text if name.endswith("parquet") else rows)) for name, write in WRITTEN.items()
    ]
    assert_equal(files, ledger("师带徒", *changes), wrong_cell)


@pytest.mark.parametrize("target", corpus.CONVERSIONS)
def test_what_libreoffice_writes_is_the_same_ledger(target: str, converted: Converted) -> None:
    sources = {
        f"{STEM} 好": ledger("师带徒", *GOOD).content,
        f"{STEM} 错": ledger("师带徒", *WRONG).content,
        f"{STEM} 合": merged(ledger("师带徒", *GOOD).content),
    }
    good, wrong, merged_cells = converted(target, sources).values()
    if target in {"xls", "ods"}:
        assert_equal([File(merged_cells.name, merged_cells.read_bytes())], ledger("师带徒", *GOOD), None)
    assert_equal([File(good.name, good.read_bytes())], ledger("师带徒", *GOOD), None)
    assert_equal([File(wrong.name, wrong.read_bytes())], ledger("师带徒", *WRONG), "C3")


def test_typed_columns_of_parquet_are_cells_like_a_workbook_has() -> None:
    table = pa.table(
        {
            "文字": ["甲", None],
            "整数": pa.array([3, None], pa.int16()),
            "小数": [1.5, float("nan")],
            "金额": pa.array([None, "120.50"]).cast(pa.decimal128(10, 2)),
            "日期": [dt.date(2024, 3, 5), None],
            "时刻": [MOMENT, None],
            "分类": pa.array(["一类", "二类"]).dictionary_encode(),
            "空": pa.nulls(2),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    (page,) = read_content(buffer.getvalue(), "x.parquet").sheets
    assert list(map(list, page.rows)) == [
        table.column_names,
        ["甲", 3, 1.5, "", dt.date(2024, 3, 5), MOMENT, "一类", ""],
        ["", "", "", "120.50", "", "", "二类", ""],
    ]


# What stands in awkward cells.


def awkward() -> bytes:
    """Errors, formulas without values, merged cells, times, a hidden and a very hidden sheet, blank ends."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "格"
    page.append(["文", 3, 1.5, True, dt.date(2024, 3, 5), MOMENT, dt.time(8, 30)])
    page.append(["=B1/0", "=B1*2"])
    page["C2"] = "#REF!"
    page["A3"] = "合并"
    page.merge_cells("A3:B4")
    page["C4"] = "后"
    for row in range(5, 40):
        page.cell(row, 30).number_format = "0.00"
    for name, state in (("隐藏", "hidden"), ("深藏", "veryHidden")):
        other = book.create_sheet(name)
        other["A1"] = "不读"
        other.sheet_state = state
    return saved(book)


def sheets_of(content: bytes | Path, name: str) -> dict[str | None, Sheet]:
    return {one.name: one for one in read_content(content, name).sheets}


def test_awkward_cells_of_a_workbook_that_was_never_calculated() -> None:
    found = sheets_of(awkward(), "a.xlsx")
    assert list(map(list, found["格"].rows)) == [
        ["文", 3, 1.5, True, dt.date(2024, 3, 5), MOMENT, dt.time(8, 30)],
        [UNCALCULATED, UNCALCULATED, "#REF!", "", "", "", ""],
        ["合并", "", "", "", "", "", ""],
        ["", "", "后", "", "", "", ""],
    ]
    assert {name: (one.hidden, len(one.rows)) for name, one in found.items()} == {
        "格": (False, 4),
        "隐藏": (True, 0),
        "深藏": (True, 0),
    }


@pytest.mark.parametrize("target", ["xls", "ods"])
def test_awkward_cells_of_what_libreoffice_calculated(target: str, converted: Converted) -> None:
    found = sheets_of(converted(target, {"awkward": awkward()})["awkward"], "a")
    first, *rest = map(list, found["格"].rows)
    assert first[:3] == ["文", 3, 1.5]
    assert first[4:7] == [dt.date(2024, 3, 5), MOMENT, dt.time(8, 30)]
    assert [row[:3] for row in rest] == [
        ["#DIV/0!", 6, "#REF!"],
        ["合并", "", ""],
        ["", "", "后"],
    ]
    assert found["隐藏"].hidden
    assert found["隐藏"].rows == ()


def test_every_error_of_an_old_workbook_is_its_text() -> None:
    codes = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!"}
    cells = [corpus.number_cell(0, 0, 1.0)]
    cells += [corpus.error_cell(0, column, code) for column, code in enumerate([*codes, 0x2A], start=1)]
    found = sheets_of(corpus.xls(cells=b"".join(cells)), "a.xls")
    assert list(map(list, found["师带徒"].rows)) == [[1.0, *codes.values(), "#N/A"]]


def cell_a1(content: bytes) -> object:
    (page,) = read_content(content, "a.xlsx").sheets
    return page.rows[0][0] if page.rows else ""


def with_first_cell(cell: str) -> bytes:
    """A workbook in which the XML of the cell A1 is given; the cell B1 holds a number."""
    content = corpus.written(lambda book: book.add_worksheet("x").write_row(0, 0, [7.5, 1]))
    return corpus.changed(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace('<c r="A1"><v>7.5</v></c>', cell)
    )


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><f>1+1</f></c>', UNCALCULATED),
        ('<c r="A1"><f>1+1</f><v/></c>', UNCALCULATED),
        ("<c r='A1'><f ca='1'>1+1</f><v></v></c>", UNCALCULATED),
        ('<c r="A1"><f t="shared" si="0"/></c>', UNCALCULATED),
        ("<c><f>1+1</f></c>", UNCALCULATED),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', 2.0),
        ('<c r="A1" t="str"><f>IF(B1,"","")</f><v></v></c>', ""),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "#N/A"),
        ("<c t='e'><v>#NAME?</v></c>", "#NAME?"),
    ],
)
def test_a_formula_without_value_and_an_error_are_told(cell: str, value: object) -> None:
    assert cell_a1(with_first_cell(cell)) == value


def test_formulas_of_a_library_that_does_not_calculate_have_no_value_even_if_it_writes_zero() -> None:
    by_library = corpus.written(lambda book: book.add_worksheet("x").write_formula("A1", "=SUM(B1:B9)"))
    with_value = corpus.written(lambda book: book.add_worksheet("x").write_formula("A1", "=1+1", None, 2))
    assert (cell_a1(by_library), cell_a1(with_value)) == (UNCALCULATED, 2.0)


def test_marks_are_found_below_prefixed_names_and_far_down() -> None:
    def prefixed(xml: str) -> str:
        for name in ("worksheet", "sheetData", "row", "c", "v", "f", "dimension", "sheetViews", "sheetView",
                     "sheetFormatPr", "pageMargins"):  # fmt: skip
            xml = xml.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
            xml = xml.replace(f"</{name}>", f"</x:{name}>")
        return xml.replace("xmlns=", "xmlns:x=", 1)

    def write(book: object) -> None:
        page = book.add_worksheet("x")  # type: ignore[attr-defined]
        for row in range(40_000):
            page.write_row(row, 0, ["一些文字", row])
        page.write_formula(39_999, 2, "=1/0", None, "#DIV/0!")

    content = corpus.changed(corpus.written(write), "xl/worksheets/sheet1.xml", prefixed)
    (page,) = read_content(content, "a.xlsx").sheets
    assert list(page.rows[39_999]) == ["一些文字", 39_999, "#DIV/0!"]


def test_an_ods_formula_without_value_is_told(converted: Converted) -> None:
    path = converted("ods", {"formula": with_first_cell('<c r="A1"><f>1+1</f><v>2</v></c>')})["formula"]
    content = path.read_bytes()
    assert cell_a1(content) == 2.0
    value = ' office:value-type="float" office:value="2" calcext:value-type="float"><text:p>2</text:p>'
    without = corpus.changed(content, "content.xml", lambda xml: xml.replace(value, ">"))
    assert cell_a1(without) == UNCALCULATED


def test_workbooks_of_the_1904_date_system_say_so(converted: Converted) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append([dt.date(2024, 3, 5), 43894])
    content = saved(book)
    found = read_content(content, "a.xlsx")
    assert found.date1904
    assert list(found.sheets[0].rows[0]) == [dt.date(2024, 3, 5), 43894]
    old = read_content(converted("xls", {"mac": content})["mac"], "a.xls")
    assert (old.date1904, old.sheets[0].rows[0][0]) == (True, dt.date(2024, 3, 5))
    assert not read_content(workbook_of([["x"]]), "a.xlsx").date1904
    by_hand = corpus.xls(corpus.record(0x0022, b"\x01\x00"), cells=corpus.number_cell(0, 0, 1.0))
    assert read_content(by_hand, "a.xls").date1904


def test_chart_sheets_and_macros_are_passed_over() -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("图")
    book.worksheets[0].append(["甲"])
    parts = corpus.members(saved(book))
    content = corpus.zipped({**parts, "xl/vbaProject.bin": b"not run"})
    assert [one.name for one in read_content(content, "a.xlsm").sheets] == ["Sheet"]
