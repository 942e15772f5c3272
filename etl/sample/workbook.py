"""One return as a workbook in the form that units fill in.

What belongs here: the cover, the sheets, the formats of cells. What does not: where the rows come from.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from etl.sample.generation import Columns
from etl.sample.profile import SampleForm
from warehouse.catalog import Catalog, FieldKind, Ledger, Unit

_TITLE_ROW, _HEADER_ROW, _FIRST_ROW = 0, 1, 2
_COVER_LIST_ROW = 6

#: Width in characters and number format of the cells of a kind of field.
_WIDTHS_AND_FORMATS: Mapping[FieldKind, tuple[int, str]] = {
    FieldKind.TEXT: (30, "@"),
    FieldKind.INTEGER: (12, "0"),
    FieldKind.DECIMAL: (12, "0.####"),
    FieldKind.YUAN: (16, "#,##0.00"),
    FieldKind.PERCENT: (12, "0.##"),
    FieldKind.DATE: (13, "yyyy-mm-dd"),
    FieldKind.BOOLEAN: (10, "@"),
    FieldKind.ENUM: (14, "@"),
    FieldKind.CHAIN: (18, "@"),
    FieldKind.CLUSTER: (24, "@"),
    FieldKind.CREDIT_CODE: (22, "@"),
}
# A text that looks like a formula or an address stays the text that it is.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


class WorkbookWriter:
    """Writes returns of one catalog; the same cells give the same bytes.

    Args:
        catalog: sheets, labels and the words of the cover.
        form: the words that the catalog leaves open, and the mark of synthetic data.
    """

    def __init__(self, catalog: Catalog, form: SampleForm) -> None:
        self._catalog = catalog
        self._form = form

    def write(self, unit: Unit, first_day: dt.date, cells: Mapping[str, Columns]) -> bytes:
        """The workbook of a unit and month.

        Args:
            unit: who reports.
            first_day: the first day of the reported month.
            cells: by ledger; a ledger that is left out is declared nil and has a header only.
        """
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer, _OPTIONS) as workbook:
            workbook.set_properties(self._properties(unit, first_day))
            formats = _Formats(workbook)
            self._write_cover(
                workbook.add_worksheet(self._catalog.form.cover_sheet), unit, first_day, cells, formats
            )
            for ledger in self._catalog.ledgers:
                self._write_ledger(
                    workbook.add_worksheet(ledger.title), ledger, cells.get(ledger.name), formats
                )
        return buffer.getvalue()

    def _properties(self, unit: Unit, first_day: dt.date) -> dict[str, object]:
        mark = self._form.mark
        return {
            "title": f"{self._form.title} {unit.name_zh} {first_day:%Y-%m}",
            "subject": mark,
            "keywords": mark,
            "comments": mark,
            # A fixed time, so that the same cells give the same bytes.
            "created": dt.datetime(first_day.year, first_day.month, 1, tzinfo=dt.UTC),
        }

    def _write_cover(
        self,
        sheet: Worksheet,
        unit: Unit,
        first_day: dt.date,
        cells: Mapping[str, Columns],
        formats: _Formats,
    ) -> None:
        form = self._catalog.form
        declared = [
            form.declarations.rows if ledger.name in cells else form.declarations.nil
            for ledger in self._catalog.ledgers
        ]
        sheet.set_column(0, 1, 24, formats.of("@"))
        sheet.write_string(0, 0, self._form.title, formats.title)
        sheet.write_string(1, 0, self._form.mark, formats.mark)
        sheet.write_column(
            2, 0, [form.unit_labels[0], form.unit_code_labels[0], form.period_labels[0]], formats.bold
        )
        sheet.write_column(2, 1, [unit.name_zh, unit.unit, f"{first_day:%Y-%m}"])
        sheet.write_row(
            _COVER_LIST_ROW, 0, [self._form.ledger_heading, self._form.state_heading], formats.header
        )
        sheet.write_column(_COVER_LIST_ROW + 1, 0, [ledger.title for ledger in self._catalog.ledgers])
        sheet.write_column(_COVER_LIST_ROW + 1, 1, declared)

    def _write_ledger(
        self, sheet: Worksheet, ledger: Ledger, columns: Columns | None, formats: _Formats
    ) -> None:
        sheet.write_string(_TITLE_ROW, 0, f"{ledger.title}（{self._form.mark}）", formats.title)
        sheet.write_row(_HEADER_ROW, 0, [field.title for field in ledger.fields], formats.header)
        sheet.freeze_panes(_FIRST_ROW, 0)
        for place, field in enumerate(ledger.fields):
            width, number_format = _WIDTHS_AND_FORMATS[field.kind]
            sheet.set_column(place, place, width if field.stored else 6, formats.of(number_format))
            if columns is not None:
                sheet.write_column(_FIRST_ROW, place, columns[place])


class _Formats:
    """The formats of one workbook; cells without one of their own take their column's."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        self._by_number_format: dict[str, Format] = {}
        self.title = workbook.add_format({"bold": True, "font_size": 14})
        self.mark = workbook.add_format({"bold": True, "font_color": "#C00000"})
        self.bold = workbook.add_format({"bold": True})
        self.header = workbook.add_format(
            {"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True}
        )

    def of(self, number_format: str) -> Format:
        """The format of plain cells whose values are shown so."""
        if number_format not in self._by_number_format:
            self._by_number_format[number_format] = self._workbook.add_format({"num_format": number_format})
        return self._by_number_format[number_format]
