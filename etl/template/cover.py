"""The cover: who reports for which month, and what is said of each ledger.

What belongs here: writing the sheet 封面. What does not: reading it back (``etl.intake.form``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from etl.template.layout import (
    COVER_CHOOSE_ROW,
    COVER_FACTS_ROW,
    COVER_LIST_ROW,
    FIRST_ROW,
    Formats,
)
from etl.template.ledgers import Plan
from etl.template.validations import choice, remark
from etl.template.words import Hints, Words
from warehouse.catalog.model import Declarations

_WIDTHS = (26, 24, 12, 52)
#: Rows of a ledger that the cover counts: all that an .xls file can hold.
_COUNTED_ROWS = 65_536
_GREEN, _BLUE, _RED, _HEADING = "#E2EFDA", "#DDEBF7", "#FF9999", "#BDD7EE"
_A4 = 9


@dataclass(frozen=True)
class CoverText:
    """What the cover says before its list; ``facts`` are labels with values, in order."""

    title: str
    lead: str
    is_mark: bool
    facts: Mapping[str, str]
    footer: str


@dataclass(frozen=True)
class Listed:
    """One ledger on the cover."""

    plan: Plan
    state: str
    rows: int


def write_cover(
    sheet: Worksheet,
    text: CoverText,
    listed: Sequence[Listed],
    words: Words,
    declarations: Declarations,
    formats: Formats,
    *,
    guided: bool,
) -> None:
    """Writes the cover; ``guided`` with links, drop-downs and hints."""
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width, formats.plain)
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, len(_WIDTHS) - 1, text.title, formats.cover_title)
    sheet.write_string(1, 0, text.lead, formats.mark if text.is_mark else formats.quiet)
    sheet.set_row(1, 22)
    for number, (label, value) in enumerate(text.facts.items()):
        sheet.set_row(COVER_FACTS_ROW + number, 19)
        sheet.write_string(COVER_FACTS_ROW + number, 0, label, formats.fact_label)
        sheet.write_string(COVER_FACTS_ROW + number, 1, value, formats.fact)
    sheet.write_row(COVER_LIST_ROW, 0, words.cover.headings, formats.label(_HEADING))
    sheet.set_row(COVER_LIST_ROW, 22)
    for row, one in enumerate(listed, COVER_LIST_ROW + 1):
        sheet.set_row(row, 19)
        sheet.write_string(row, 1, one.state, formats.choice)
        if not guided:
            sheet.write_string(row, 0, one.plan.ledger.title, formats.fact)
            sheet.write_number(row, 2, one.rows, formats.centred)
            sheet.write_blank(row, 3, None, formats.hint)
    if guided:
        _write_guidance(sheet, text, listed, words, declarations, formats)
    sheet.write_string(COVER_LIST_ROW + len(listed) + 2, 0, words.cover.signatures, formats.plain)
    _set_up_page(sheet, text.footer)


def _write_guidance(
    sheet: Worksheet,
    text: CoverText,
    listed: Sequence[Listed],
    words: Words,
    declarations: Declarations,
    formats: Formats,
) -> None:
    """What to do, and beside each ledger how many rows it has and whether that fits what is chosen."""
    said, states = words.cover, declarations.model_dump()
    sheet.merge_range(
        COVER_CHOOSE_ROW, 0, COVER_CHOOSE_ROW, len(_WIDTHS) - 1, said.choose.format(**states), formats.wrapped
    )
    sheet.set_row(COVER_CHOOSE_ROW, 34)
    last_fact = COVER_FACTS_ROW + len(text.facts) - 1
    sheet.data_validation(COVER_FACTS_ROW, 1, last_fact, 1, remark(said.fixed_title, said.fixed_message))
    first, last = COVER_LIST_ROW + 1, COVER_LIST_ROW + len(listed)
    choices = choice(
        tuple(states.values()),
        said.choice_title,
        said.choice_message.format(**states),
        said.choice_error.format(**states),
    )
    sheet.data_validation(first, 1, last, 1, choices)
    hints = Hints(**{name: hint.format(**states) for name, hint in said.hints.model_dump().items()})
    for row, one in enumerate(listed, first):
        _write_count_and_hint(sheet, row, one, hints, declarations, formats)
    _colour_states(sheet, first, last, declarations, formats)


def _write_count_and_hint(
    sheet: Worksheet, row: int, one: Listed, hints: Hints, declarations: Declarations, formats: Formats
) -> None:
    place, column = quote_sheetname(one.plan.ledger.title), one.plan.event_column
    cells = xl_range_abs(FIRST_ROW, column, _COUNTED_ROWS - 1, column)
    state, rows = xl_rowcol_to_cell(row, 1), xl_rowcol_to_cell(row, 2)
    nil, has_rows = _quoted(declarations.nil), _quoted(declarations.rows)
    formula = (
        f"=IF({rows}>0,"
        f"IF({state}={nil},{_quoted(hints.nil_with_rows)},"
        f'IF({state}={has_rows},"",{_quoted(hints.missing_with_rows)})),'
        f"IF({state}={has_rows},{_quoted(hints.rows_without)},"
        f'IF({state}={nil},"",{_quoted(hints.missing)})))'
    )
    sheet.write_url(row, 0, f"internal:{place}!A1", formats.listed_link, one.plan.ledger.title)
    sheet.write_formula(row, 2, f"=COUNTA({place}!{cells})", formats.centred, one.rows)
    sheet.write_formula(row, 3, formula, formats.hint, _hint(one, hints, declarations))


def _hint(one: Listed, hints: Hints, declarations: Declarations) -> str:
    """What the formula gives, for programs that do not calculate."""
    if one.rows:
        by_state = {declarations.nil: hints.nil_with_rows, declarations.rows: ""}
        return by_state.get(one.state, hints.missing_with_rows)
    by_state = {declarations.rows: hints.rows_without, declarations.nil: ""}
    return by_state.get(one.state, hints.missing)


def _colour_states(
    sheet: Worksheet, first: int, last: int, declarations: Declarations, formats: Formats
) -> None:
    state, rows = xl_rowcol_to_cell(first, 1, col_abs=True), xl_rowcol_to_cell(first, 2, col_abs=True)
    nil, has_rows = _quoted(declarations.nil), _quoted(declarations.rows)
    contradiction = f"=AND({state}={nil},{rows}>0)"
    for column, formula, shown in (
        (1, contradiction, formats.of(bg_color=_RED)),
        (1, f"={state}={nil}", formats.of(bg_color=_BLUE)),
        (1, f"={state}={has_rows}", formats.of(bg_color=_GREEN)),
        (3, contradiction, formats.warning),
    ):
        options = {"type": "formula", "criteria": formula, "format": shown, "stop_if_true": True}
        sheet.conditional_format(first, column, last, column, options)


def _quoted(text: str) -> str:
    """A text in a formula."""
    return '"' + text.replace('"', '""') + '"'


def _set_up_page(sheet: Worksheet, footer: str) -> None:
    sheet.set_portrait()
    sheet.set_paper(_A4)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 1)
    sheet.hide_gridlines(2)
    sheet.set_footer(footer)
    sheet.set_tab_color("#C00000")
