"""Receipts of workbooks: the county's own file marked and listed, and the way back in.

What belongs here: what of the file stays, what is added, what is taken back. What does not: other formats,
words of strangers, limits (``test_receipt_kinds``), the command line (``test_receipt_commands``).
"""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, GradientFill, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Pictures

from etl.receipts import receipt_workbook
from tests.intake import corpus
from tests.intake.workbooks import File, cover, csv_file, ledger, saved, sheet, workbook
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

YELLOW = "FFFF00"
#: Colour of a cell with an error, a warning, an information.
ERROR, WARNING, INFO = "FFC9CC", "FFECA0", "D9E9F9"


# The county's own file


def countys_own() -> Workbook:
    """A workbook as a county makes it: a cover, a ledger with a title, sheets of its own."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    front = book.create_sheet("封面")
    for line in cover(师带徒="有数据"):
        front.append(line)
    page = book.create_sheet("师带徒")
    page.append(["于都县师带徒台账"])
    page.merge_cells("A1:D1")
    page["A1"].font = Font(name="黑体", size=18, bold=True)
    changes = ({"带徒人次": "很多"}, {"师傅": "王秀英", "签订日期": None}, {"师傅": "李红"})
    for row in sheet("师带徒", *changes):
        page.append(row)
    page["C3"].fill = PatternFill("solid", fgColor="FFFF00")
    page["C3"].comment = Comment("李会计：与企业核对", "李会计")
    page["B4"].comment = Comment("返聘", "李会计")
    page["C5"].number_format = '0"人"'
    page.column_dimensions["A"].width = 33
    page.row_dimensions[2].height = 40
    page.freeze_panes = "B3"
    choices = DataValidation(type="list", formula1='"1,2,3"')
    choices.add("C3:C99")
    page.add_data_validation(choices)
    page.conditional_formatting.add("C3:C9", Rule("cellIs", operator="greaterThan", formula=["9"]))
    own = book.create_sheet("内部测算")
    own["A1"], own["A2"], own["A3"] = 1, 3, "=SUM(A1:A2)"
    chart = BarChart()
    chart.add_data(Reference(own, min_col=1, min_row=1, max_row=2))
    own.add_chart(chart, "D2")
    seal = io.BytesIO()
    Pictures.new("RGB", (8, 8), "red").save(seal, "PNG")
    own.add_image(Image(seal), "H2")
    book.create_sheet("密").sheet_state = "hidden"
    book.active = 1
    return book


@pytest.fixture(scope="module")
def own() -> File:
    return File(NAME, saved(countys_own()))


@pytest.fixture(scope="module")
def own_receipt(own: File) -> bytes:
    return receipt_of(own)


def test_wrong_cells_are_coloured_and_commented_chinese_first(own_receipt: bytes) -> None:
    page = opened(own_receipt)["师带徒"]
    assert (colour(page, "C3"), colour(page, "D4"), colour(page, "C4")) == (ERROR, ERROR, None)
    said = remark(page, "D4")
    assert 0 <= said.find("必填项“签订日期”是空的") < said.find("the required cell “签订日期” is blank")
    assert "2024-03-05" in said
    assert "师带徒 D4" not in said
    assert {(name, cell) for name, cell in marked(opened(own_receipt)) if name != "内部测算"} == {
        ("师带徒", "C3"),
        ("师带徒", "D4"),
        ("师带徒", "B4"),
    }


def test_a_comment_of_the_county_stays_above_ours(own_receipt: bytes) -> None:
    page = opened(own_receipt)["师带徒"]
    assert remark(page, "C3").startswith("李会计：与企业核对\n")
    assert "“很多”" in remark(page, "C3")
    assert page["C3"].comment is not None
    assert page["C3"].comment.author == "李会计"
    assert remark(page, "B4") == "返聘"


def with_results() -> File:
    """Formulas with their results, as a spreadsheet saves them: a number, 0, a text, a truth, an error."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("师带徒")
        for number, line in enumerate(sheet("师带徒", {"带徒人次": "很多"}, {"师傅": "王秀英"})):
            page.write_row(number, 0, [str(cell) for cell in line])
        page.write_formula("C3", "=1+2", None, 3)
        own = book.add_worksheet("测算")
        for cell, formula, result in (
            *(
                ("A1", "=师带徒!C3*2", 6),
                ("A2", "=A1-6", 0),
                ("A3", '="<"&"甲"', "<甲"),
                ("A4", "=1=1", True),
            ),
            ("A5", "=1/0", "#DIV/0!"),
        ):
            own.write_formula(cell, formula, None, result)
    # XlsxWriter asks programs to calculate, and so makes no difference between 0 and nothing.
    return File(
        NAME,
        corpus.changed(
            buffer.getvalue(), "xl/workbook.xml", lambda text: text.replace(' fullCalcOnLoad="1"', "")
        ),
    )


def test_formulas_keep_their_results_so_that_a_mended_receipt_needs_no_spreadsheet_program() -> None:
    file = with_results()
    outcome = checked(file)
    assert outcome.rules == ["R104", "R202"]
    receipt = receipt_of(file, outcome)
    book = openpyxl.load_workbook(io.BytesIO(receipt), data_only=True)
    assert [book["测算"][f"A{row}"].value for row in range(1, 6)] == [6, 0, "<甲", True, "#DIV/0!"]
    assert opened(receipt)["测算"]["A2"].value == "=A1-6"
    assert book.calculation.fullCalcOnLoad is False
    again = checked(returned(file, receipt))
    assert again.rules == ["R104", "R202"]
    assert again.column("apprenticeships", "apprentices") == [3]


def test_a_formula_without_a_result_lets_the_next_program_calculate() -> None:
    file = workbook({"师带徒": sheet("师带徒", {"带徒人次": "=1+2"})}, NAME)
    outcome = checked(file)
    (told,) = outcome.issues
    assert (told["rule"], told["cell"]) == ("R209", "C2")
    assert "打开、保存一次" in told["message_zh"]
    assert "#UNCALCULATED" not in told["message_zh"] + told["message_en"]
    assert opened(receipt_of(file, outcome)).calculation.fullCalcOnLoad is True


def test_no_result_gives_away_what_was_taken_out() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("师带徒")
        for number, line in enumerate(sheet("师带徒", {"备注": "13800138000"})):
            page.write_row(number, 0, [str(cell) for cell in line])
        book.add_worksheet("测算").write_formula("A1", "=师带徒!E2", None, "13800138000")
    file = File(NAME, buffer.getvalue())
    receipt = receipt_of(file)
    with zipfile.ZipFile(io.BytesIO(receipt)) as archive:
        assert not any(b"13800138000" in archive.read(name) for name in archive.namelist())


def test_everything_else_of_the_file_survives(own: File, own_receipt: bytes) -> None:
    before, after = opened(own.content), opened(own_receipt)
    assert after.sheetnames == [FRONT, *before.sheetnames]
    assert after["密"].sheet_state == "hidden"
    for name in before.sheetnames:
        cells = {
            cell.coordinate: (cell.value, repr(cell.font), cell.number_format)
            for row in before[name]
            for cell in row
        }
        assert {
            c.coordinate: (c.value, repr(c.font), c.number_format) for row in after[name] for c in row
        } == cells
    page = after["师带徒"]
    assert [str(area) for area in page.merged_cells.ranges] == ["A1:D1"]
    assert (page.column_dimensions["A"].width, page.row_dimensions[2].height) == (33, 40)
    assert page.freeze_panes == "B3"
    assert [str(one.sqref) for one in page.data_validations.dataValidation] == ["C3:C99"]
    assert [str(one.sqref) for one in page.conditional_formatting] == ["C3:C9"]
    mine = after["内部测算"]
    assert mine["A3"].value == "=SUM(A1:A2)"
    assert (len(mine._charts), len(mine._images)) == (1, 1)  # type: ignore[attr-defined]


def test_the_sheet_in_front_is_the_only_one_selected(own_receipt: bytes) -> None:
    """Were two selected, what is typed into one would be typed into both."""
    book = opened(own_receipt)
    assert book.active is book[FRONT]
    assert [page.title for page in book.worksheets if page.sheet_view.tabSelected] == [FRONT]


def test_the_sheet_in_front_tells_what_became_of_the_return(own: File) -> None:
    outcome = checked(own)
    said = texts(opened(receipt_of(own, outcome))[FRONT])
    for fact in (outcome.receipt["id"], "360731 于都县", "2024-03", "部分采纳 ACCEPTED_WITH_ISSUES", NAME):
        assert fact in said
    assert re.search(r"采纳行数 Rows accepted\n1\n", said)
    assert re.search(r"未采纳行数 Rows held out\n2\n", said)
    assert "错误 error 2，提醒 warning 1" in said


def test_issues_are_listed_in_the_order_of_sheets_and_rules_with_links(own: File) -> None:
    outcome = checked(own)
    book = opened(receipt_of(own, outcome))
    lines = listed(book)
    assert [(one["sheet"], one["rule"], one["cell"]) for one in lines] == [
        ("师带徒", "R201", "D4"),
        ("师带徒", "R202", "C3"),
        ("内部测算", "R104", "整表"),
    ]
    by_rule = {one["rule"]: one for one in outcome.issues}
    for line in lines:
        told = by_rule[line["rule"]]
        assert (line["found"] or None) == told["found"]
        assert [line[key] for key in ("expected", "zh", "en")] == [
            told[key] for key in ("expected", "message_zh", "message_en")
        ]
    assert [line["column"] for line in lines] == ["签订日期", "带徒人次", None]
    assert links(book) == ["'师带徒'!D4", "'师带徒'!C3", "'内部测算'!A1"]


def test_the_list_can_be_filtered_scrolled_and_printed(own_receipt: bytes) -> None:
    page = opened(own_receipt)[FRONT]
    header = next(n for n, row in enumerate(page.iter_rows(), 1) if str(row[0].value).startswith("序号"))
    assert page.auto_filter.ref == f"A{header}:J{header + 3}"
    assert page.freeze_panes == f"A{header + 1}"
    assert page.sheet_properties.pageSetUpPr is not None
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == f"${header}:${header}"
    assert all(page.column_dimensions[letter].width > 6 for letter in "ABCDEFGHIJ")
    assert page.column_dimensions["K"].hidden


def test_each_rule_is_counted_below_the_list() -> None:
    many = workbook(
        {"师带徒": sheet("师带徒", *({"师傅": f"师傅{n}", "带徒人次": "很多"} for n in range(7)))}
    )
    rows = list(opened(receipt_of(many))[FRONT].iter_rows(values_only=True))
    below = rows[next(number for number, row in enumerate(rows) if "按规则汇总" in str(row[0])) :]
    assert [row[:4] for row in below if row[2] == "R202"] == [(7, "师带徒", "R202", "错误 error")]


def test_several_issues_of_one_cell_stand_in_one_comment_and_the_worst_colours_it() -> None:
    content = ledger("师带徒").content
    issues = (
        issue("C2", severity="info", rule="R308"),
        issue("C2"),
        issue("C2", rule="R210", severity="warning"),
        issue("D2", rule="R308", severity="info"),
        issue("B2", rule="R210", severity="warning"),
    )
    page = made(content, *issues)["师带徒"]
    assert [colour(page, cell) for cell in ("C2", "D2", "B2")] == [ERROR, INFO, WARNING]
    said = remark(page, "C2")
    assert [said.count(rule) for rule in ("R202", "R210", "R308")] == [1, 1, 1]
    assert said.count("整数，例如 12") == 3


def test_an_issue_in_a_merged_area_marks_its_first_cell() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ledger("师带徒", {}, {}, {}).content))
    book["师带徒"].merge_cells("B2:B4")
    issues = [issue("B2", found="甲"), issue("B3", found="甲"), issue("B4", found="乙")]
    page = made(saved(book), *issues)["师带徒"]
    assert [str(area) for area in page.merged_cells.ranges] == ["B2:B4"]
    assert colour(page, "B2") == ERROR
    quoted = re.findall("填的是(“.”)", remark(page, "B2"))
    assert quoted == ["“甲”", "“乙”"]


def test_issues_without_a_cell_link_to_their_sheet_and_row() -> None:
    row = issue(None) | {"message_zh": "师带徒 第 7 行：重复。应为：整数，例如 12。"}
    book = made(ledger("师带徒").content, issue(None), row, issue(None, None, rule="R006", severity="fatal"))
    assert [(one["rule"], one["sheet"], one["cell"]) for one in listed(book)] == [
        ("R006", "整个文件 whole file", "—"),
        ("R202", "师带徒", "整表"),
        ("R202", "师带徒", "第 7 行"),
    ]
    assert links(book) == ["'师带徒'!A1", "'师带徒'!A7"]


def test_a_sheet_with_an_apostrophe_in_its_name_is_linked() -> None:
    book = made(workbook({"it's": [["a"]]}).content, issue("A1", "it's"))
    assert links(book) == ["'it''s'!A1"]


def test_a_rejected_workbook_is_marked_too() -> None:
    file = ledger("师带徒", {"带徒人次": "很多"}, name="报表.xlsx")
    outcome = checked(file)
    assert outcome.status == "REJECTED"
    book = opened(receipt_of(file, outcome))
    assert colour(book["师带徒"], "C2") == ERROR
    assert "退回 REJECTED" in texts(book[FRONT])
    assert listed(book)[0]["sheet"] == "整个文件 whole file"


def test_a_clean_return_gets_a_receipt_that_says_so() -> None:
    book = opened(receipt_of(ledger("师带徒")))
    assert listed(book) == []
    assert "没有发现问题" in texts(book[FRONT])
    assert marked(book) == []


# The way back


def test_a_mended_receipt_passes_and_its_receipt_has_no_mark_of_ours(own: File, own_receipt: bytes) -> None:
    book = opened(own_receipt)
    book["师带徒"]["C3"].value = 5
    book["师带徒"]["D4"].value = "2024-03-08"
    again = returned(own, saved(book))
    outcome = checked(again)
    assert (outcome.status, outcome.identity, len(outcome.column("apprenticeships", "apprentices"))) == (
        "ACCEPTED",
        ("360731", "2024-03"),
        3,
    )
    after = opened(receipt_of(again, outcome))
    page = after["师带徒"]
    assert after.sheetnames == [FRONT, *opened(own.content).sheetnames]
    assert (colour(page, "C3"), colour(page, "D4")) == (YELLOW, None)
    assert (remark(page, "C3"), remark(page, "D4"), remark(page, "B4")) == ("李会计：与企业核对", "", "返聘")
    assert [line["rule"] for line in listed(after)] == ["R104"]


def test_marks_are_known_again_where_rows_were_inserted(own_receipt: bytes) -> None:
    """A spreadsheet moves comments and colours with their cells; the list in front stays as it was."""
    book = opened(own_receipt)
    page = book["师带徒"]
    for cell in ("C3", "D4"):
        column, row = cell[0], int(cell[1])
        target = page[f"{column}{row + 6}"]
        target.fill = PatternFill("solid", fgColor=page[cell].fill.fgColor.rgb[2:])
        target.comment = Comment(remark(page, cell), "李会计")
        page[cell].fill, page[cell].comment = PatternFill(), None
    after = made(saved(book), issue("B3"))["师带徒"]
    assert (colour(after, "C9"), colour(after, "D10"), colour(after, "B3")) == (YELLOW, None, ERROR)
    assert (remark(after, "C9"), remark(after, "D10")) == ("李会计：与企业核对", "")


def test_marks_are_known_again_without_the_list_or_the_comments(own_receipt: bytes) -> None:
    without_list = opened(own_receipt)
    without_list.remove(without_list[FRONT])
    page = made(saved(without_list), status="ACCEPTED")["师带徒"]
    assert (colour(page, "D4"), remark(page, "D4"), remark(page, "C3")) == (None, "", "李会计：与企业核对")
    without_comments = opened(own_receipt)
    for cell in ("C3", "D4"):
        without_comments["师带徒"][cell].comment = None
    page = made(saved(without_comments), status="ACCEPTED")["师带徒"]
    assert (colour(page, "C3"), colour(page, "D4")) == (YELLOW, None)


def test_a_receipt_of_a_receipt_says_everything_once(own: File, own_receipt: bytes) -> None:
    again = returned(own, own_receipt)
    assert again.name == "于都县2024年3月报表_校验结果.xlsx"
    second = receipt_of(again)
    first_page, page = opened(own_receipt)["师带徒"], opened(second)["师带徒"]
    assert opened(second).sheetnames.count(FRONT) == 1
    for cell in ("C3", "D4"):
        assert (remark(page, cell), colour(page, cell)) == (remark(first_page, cell), ERROR)
    mended = made(second, status="ACCEPTED")["师带徒"]
    assert (colour(mended, "C3"), colour(mended, "D4")) == (YELLOW, None)


@pytest.mark.parametrize(
    "fill",
    [PatternFill("lightGrid", fgColor="0000FF", bgColor="FFFF00"), GradientFill(stop=("FF0000", "00FF00"))],
)
def test_any_fill_comes_back(fill: PatternFill | GradientFill) -> None:
    book = openpyxl.load_workbook(io.BytesIO(ledger("师带徒").content))
    book["师带徒"]["C2"].fill = fill
    receipt = receipt_workbook(document([issue("C2")]), saved(book), NAME, load_catalog())
    assert colour(opened(receipt)["师带徒"], "C2") == ERROR
    after = made(receipt, status="ACCEPTED")["师带徒"]["C2"].fill
    assert repr(after) == repr(fill)


def test_colours_like_ours_stay_in_a_file_that_was_no_receipt() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ledger("师带徒").content))
    book["师带徒"]["A2"].fill = PatternFill("solid", fgColor="FFC9CC")
    assert colour(made(saved(book), status="ACCEPTED")["师带徒"], "A2") == ERROR


def test_equal_input_gives_equal_bytes(own: File, own_receipt: bytes) -> None:
    assert receipt_of(own) == own_receipt
    table = csv_file(sheet("师带徒", {"带徒人次": "很多"}))
    assert receipt_of(table) == receipt_of(table)
