"""The sheet 校验结果 in a county's own file, written with openpyxl.

What belongs here: openpyxl's formats of our layout. What does not: the layout (``layout``), marks in other
sheets (``annotated``).
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from etl.receipts.layout import COLUMNS, FONT, FORMER_FILL, FORMULA_SIGNS, Placed, Style, lay_out
from etl.receipts.page import Page
from etl.receipts.wording import RECEIPT_SHEET


def write_front(book: Workbook, page: Page, former: Mapping[int, str]) -> None:
    """Adds the sheet 校验结果 as the first; ``former`` is the fill that each issue's cell had before."""
    hidden = {sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"}
    layout = lay_out(page, frozenset(set(book.sheetnames) - hidden))
    sheet = book.create_sheet(RECEIPT_SHEET, 0)
    looks = _Looks()
    for placed in layout.placed:
        _write(sheet, placed, looks)
    for number, fill in former.items():
        if fill:
            sheet.cell(layout.header_row + number, FORMER_FILL).value = fill
    last = get_column_letter(len(COLUMNS) - 1)
    for row, height in layout.heights.items():
        sheet.row_dimensions[row].height = height
    for column, (_, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions[get_column_letter(FORMER_FILL)].hidden = True
    sheet.freeze_panes = f"A{layout.header_row + 1}"
    sheet.auto_filter.ref = f"A{layout.header_row}:{last}{layout.last_row}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = "C00000" if page.lines else "548235"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.print_title_rows = f"{layout.header_row}:{layout.header_row}"
    sheet.oddFooter.center.text = "&P / &N"
    # Were two sheets selected, what is typed into one would be typed into both.
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    for chart in book.chartsheets:
        for view in chart.sheetViews.sheetView:
            view.tabSelected = False
    book.active = 0
    for view in book.views:
        view.firstSheet = 0


class _Looks:
    """Our styles as formats of openpyxl, which takes its time to make one: each is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[Style, bool], StyleArray] = {}

    def put_on(self, cell: Cell, style: Style, *, quoted: bool) -> None:
        if (style, quoted) in self._made:
            cell._style = copy(self._made[style, quoted])  # type: ignore[attr-defined]
            return
        cell.font = Font(
            name=FONT,
            size=style.size,
            bold=style.bold,
            color=f"FF{style.colour}",
            underline="single" if style.underline else None,
        )
        cell.alignment = Alignment(
            horizontal="center" if style.centre else "left", vertical="center", wrap_text=style.wrap
        )
        if style.fill:
            cell.fill = PatternFill("solid", fgColor=style.fill)
        if style.border:
            line = Side(style="thin", color="BFBFBF")
            cell.border = Border(left=line, right=line, top=line, bottom=line)
        cell.quotePrefix = quoted
        self._made[style, quoted] = copy(cell._style)  # type: ignore[attr-defined]


def _write(sheet: Worksheet, placed: Placed, looks: _Looks) -> None:
    cell = sheet.cell(placed.row, placed.column)
    assert isinstance(cell, Cell)  # noqa: S101 - merged are only cells to the right of one that is placed
    cell.value = placed.value
    quoted = False
    if isinstance(placed.value, str):
        cell.data_type = "s"  # never a formula, whatever it begins with
        quoted = placed.style.text and placed.value[:1] in FORMULA_SIGNS
    looks.put_on(cell, placed.style, quoted=quoted)
    if placed.span > 1:
        sheet.merge_cells(None, placed.row, placed.column, placed.row, placed.column + placed.span - 1)
    if placed.target is not None:
        name, place = placed.target
        quoted_name = name.replace("'", "''")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted_name}'!{place}")
