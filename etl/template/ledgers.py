"""A ledger's sheet: title, who and when, legend, labels with notes, and cells that say what passes.

What belongs here: planning a ledger's columns once for a month, and writing them into a workbook. What does
not: the texts (``explanations``), what cells refuse (``validations``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from etl.template.explanations import Explanation, Need, explain
from etl.template.layout import (
    CONDITIONAL,
    FIRST_ROW,
    HEADER_ROW,
    IDENTITY_ROW,
    LEGEND_ROW,
    OPTIONAL,
    REQUIRED,
    TITLE_ROW,
    WIDTHS_AND_FORMATS,
    Formats,
    column_width,
    line_count,
)
from etl.template.validations import Options, listed_values, validation
from etl.template.words import Words
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField

#: A ledger's cells, column by column in the order of its fields; dates are a spreadsheet's day numbers.
Columns = Sequence[Sequence[Any]]

#: So many rows have drop-downs and messages, or as many as there are.
VALIDATED_ROWS = 2000

_COLOURS: dict[Need, str] = {"required": REQUIRED, "conditional": CONDITIONAL, "optional": OPTIONAL}
#: Before the label of a required column; the intake reads labels without it.
_REQUIRED_MARK = "*"

# Where things stand beside the title and the line of identity: columns from 0.
_LEGEND_COLUMN, _HINT_COLUMN, _LINKS_COLUMN, _SUMS_COLUMN = 1, 4, 5, 5
_A4, _LANDSCAPE_MARGINS = 9, {"left": 0.4, "right": 0.4, "top": 0.6, "bottom": 0.6}
# A note's box in pixels: width, height of a line, characters in a line.
_NOTE_WIDTH, _NOTE_LINE, _NOTE_CHARACTERS = 320, 16, 46


@dataclass(frozen=True)
class Column:
    """One column of the form."""

    field: LedgerField
    explanation: Explanation
    label: str
    width: float
    number_format: str
    validation: Options | None
    note: str


@dataclass(frozen=True)
class Plan:
    """One ledger's sheet in the form of a month."""

    ledger: Ledger
    columns: tuple[Column, ...]

    @property
    def event_column(self) -> int:
        """Index of the column with the event's date, which every row has."""
        return self.ledger.fields.index(self.ledger.field(self.ledger.event_date))

    @property
    def has_sums(self) -> bool:
        return any(column.field.kind is FieldKind.YUAN for column in self.columns)


@dataclass(frozen=True)
class Surroundings:
    """What the lines above a table say, and where their links lead."""

    title: str
    identity_formula: str
    identity: str
    footer: str
    cover_link: str
    cover_text: str
    instructions_link: str
    instructions_text: str


def plan(catalog: Catalog, words: Words, ledger: Ledger, month: dt.date) -> Plan:
    """What a ledger's sheet holds in the form of a month."""
    return Plan(ledger, tuple(_column(catalog, words, ledger, field, month) for field in ledger.fields))


def _column(catalog: Catalog, words: Words, ledger: Ledger, field: LedgerField, month: dt.date) -> Column:
    explanation = explain(catalog, words, ledger, field, month)
    label = f"{_REQUIRED_MARK}{field.title}" if field.constraints.required else field.title
    return Column(
        field=field,
        explanation=explanation,
        label=label,
        width=column_width(field.kind, label, listed_values(catalog, field), stored=field.stored),
        number_format=WIDTHS_AND_FORMATS[field.kind][1],
        validation=validation(catalog, words, ledger, field, explanation, month),
        note=explanation.note(words),
    )


def write_ledger(
    sheet: Worksheet,
    planned: Plan,
    surroundings: Surroundings,
    cells: Columns | None,
    words: Words,
    formats: Formats,
    *,
    guided: bool,
) -> None:
    """Writes a ledger's sheet, empty or with rows; ``guided`` with notes, checked cells and links."""
    rows = len(cells[0]) if cells else 0
    last_row = FIRST_ROW + max(VALIDATED_ROWS, rows) - 1
    for place, column in enumerate(planned.columns):
        sheet.set_column(place, place, column.width, formats.column(column.number_format))
        colour = _COLOURS[column.explanation.need]
        sheet.write_string(HEADER_ROW, place, column.label, formats.label(colour))
        if guided and column.validation is not None:
            sheet.data_validation(FIRST_ROW, place, last_row, place, column.validation)
        if guided:
            sheet.write_comment(HEADER_ROW, place, column.note, _box(column.note, words))
        if cells:
            sheet.write_column(FIRST_ROW, place, cells[place])
    # Numbers kept as texts are meant so: codes keep their digits.
    sheet.ignore_errors({"number_stored_as_text": xl_range(FIRST_ROW, 0, last_row, len(planned.columns) - 1)})
    _write_lines_above(sheet, planned, surroundings, words, formats)
    if guided:
        _write_guidance(sheet, surroundings, words, formats)
    _set_up_page(sheet, surroundings.footer)


def _write_lines_above(
    sheet: Worksheet, planned: Plan, surroundings: Surroundings, words: Words, formats: Formats
) -> None:
    said = words.sheet
    sheet.set_row(TITLE_ROW, 26, formats.plain)
    sheet.set_row(IDENTITY_ROW, 18, formats.plain)
    sheet.set_row(LEGEND_ROW, 18, formats.plain)
    sheet.set_row(HEADER_ROW, 34)
    sheet.write_string(TITLE_ROW, 0, surroundings.title, formats.title)
    sheet.write_formula(IDENTITY_ROW, 0, surroundings.identity_formula, formats.plain, surroundings.identity)
    if planned.has_sums:
        sheet.write_string(IDENTITY_ROW, _SUMS_COLUMN, said.unit_of_sums, formats.bold)
    sheet.write_string(LEGEND_ROW, 0, said.legend, formats.quiet)
    legend = {said.required: REQUIRED, said.conditional: CONDITIONAL, said.optional: OPTIONAL}
    for place, (text, colour) in enumerate(legend.items()):
        sheet.write_string(LEGEND_ROW, _LEGEND_COLUMN + place, text, formats.label(colour))


def _write_guidance(sheet: Worksheet, surroundings: Surroundings, words: Words, formats: Formats) -> None:
    sheet.write_string(LEGEND_ROW, _HINT_COLUMN, words.sheet.hint, formats.quiet)
    links = {
        surroundings.cover_link: surroundings.cover_text,
        surroundings.instructions_link: surroundings.instructions_text,
    }
    for place, (link, text) in enumerate(links.items()):
        sheet.write_url(TITLE_ROW, _LINKS_COLUMN + place, link, formats.link, text)


def _set_up_page(sheet: Worksheet, footer: str) -> None:
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(**_LANDSCAPE_MARGINS)
    sheet.repeat_rows(TITLE_ROW, HEADER_ROW)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    sheet.set_footer(footer)


def _box(note: str, words: Words) -> dict[str, Any]:
    lines = line_count(note, _NOTE_CHARACTERS)
    return {
        "author": words.author,
        "width": _NOTE_WIDTH,
        "height": (lines + 1) * _NOTE_LINE,
        "font_name": words.font,
        "font_size": 9,
    }
