"""The sheet 填报说明: how to fill in, what each column means, what the rules ask.

What belongs here: the sheet's lines and where each ledger's begin. What does not: the texts of columns
(``explanations``), the intake, which passes over this sheet.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from xlsxwriter.utility import quote_sheetname
from xlsxwriter.worksheet import Worksheet

from etl.template.explanations import Explanation, rate_texts
from etl.template.layout import CONDITIONAL, OPTIONAL, REQUIRED, Formats, line_count
from etl.template.ledgers import Plan
from etl.template.words import Words
from warehouse.catalog import Catalog, Ledger

_WIDTHS = (20, 30, 10, 16, 46, 24, 60)
_LINE_HEIGHT = 15
_A4 = 9


@dataclass(frozen=True)
class Line:
    """One line of the sheet: a heading, a text over the whole width, or the cells of a table."""

    kind: Literal["title", "heading", "ledger", "text", "labels", "column"]
    cells: tuple[str, ...]
    ledger: str | None = None
    colour: str = OPTIONAL


@dataclass(frozen=True)
class Instructions:
    """The sheet's lines, and the row (from 0) at which those of a ledger begin."""

    lines: tuple[Line, ...]
    ledger_rows: Mapping[str, int]


def due_date(catalog: Catalog, month: dt.date) -> dt.date:
    """The last day on which the month's return is in time."""
    next_month = month + dt.timedelta(days=calendar.monthrange(month.year, month.month)[1])
    return next_month.replace(day=catalog.programme.due_day)


def make_instructions(catalog: Catalog, words: Words, plans: Sequence[Plan], month: dt.date) -> Instructions:
    """The instructions of the form of a month."""
    lines = tuple(_lines(catalog, words, plans, month))
    rows = {line.ledger: row for row, line in enumerate(lines) if line.kind == "ledger" and line.ledger}
    return Instructions(lines, rows)


def _lines(catalog: Catalog, words: Words, plans: Sequence[Plan], month: dt.date) -> Iterator[Line]:
    said = words.instructions
    shared = _shared(plans)
    yield Line("title", (said.title,))
    given = {
        **catalog.form.declarations.model_dump(),
        "month": month,
        "due": words.cover.due.format(due=due_date(catalog, month)),
        "due_day": catalog.programme.due_day,
        "shared": "、".join(one.title for one in shared),
    }
    for section in said.sections:
        yield Line("heading", (section.heading.format(**given),))
        for line in section.lines:
            yield Line("text", (line.format(**given),))
    yield Line("ledger", (said.shared_heading,))
    yield Line("labels", said.headings)
    for explanation in shared:
        yield _column_line(explanation)
    for number, planned in enumerate(plans, 1):
        yield from _ledger_lines(catalog, words, planned, shared, number)


def _shared(plans: Sequence[Plan]) -> list[Explanation]:
    """Columns that every ledger has, as they are where they are not required."""
    first, *others = plans
    names = {column.field.name: column.field.title for column in first.columns}
    for planned in others:
        own = {column.field.name: column.field.title for column in planned.columns}
        names = {name: title for name, title in names.items() if own.get(name) == title}
    found: dict[str, Explanation] = {}
    for planned in plans:
        for column in planned.columns:
            if column.field.name in names and (
                column.field.name not in found or column.explanation.need == "optional"
            ):
                found[column.field.name] = column.explanation
    return list(found.values())


def _ledger_lines(
    catalog: Catalog, words: Words, planned: Plan, shared: Sequence[Explanation], number: int
) -> Iterator[Line]:
    ledger, said = planned.ledger, words.instructions
    heading = said.ledger_heading.format(number=number, title=ledger.title, description=ledger.description)
    yield Line("ledger", (heading,), ledger=ledger.name)
    yield Line("labels", said.headings)
    told = {(one.title, one.need) for one in shared}
    for column in planned.columns:
        if (column.field.title, column.explanation.need) not in told:
            yield _column_line(column.explanation)
    rules = "；".join([*_rules(catalog, ledger), _same_event(words, ledger)])
    yield Line("text", (f"{said.rules_label}：{rules}。",))


def _rules(catalog: Catalog, ledger: Ledger) -> Iterator[str]:
    rates = rate_texts(catalog)
    for rule in ledger.rules:
        yield rule.expected_zh.format(**rates)


def _same_event(words: Words, ledger: Ledger) -> str:
    columns = "、".join(ledger.field(name).title for name in ledger.primary_key)
    return words.instructions.same_event.format(columns=columns)


def _column_line(explanation: Explanation) -> Line:
    english = (
        f"{explanation.meaning_en} ({explanation.need_en}). {explanation.expected_en[:1].upper()}"
        f"{explanation.expected_en[1:]}."
    )
    colour = {"required": REQUIRED, "conditional": CONDITIONAL, "optional": OPTIONAL}[explanation.need]
    return Line(
        "column",
        (
            explanation.title,
            explanation.meaning_zh,
            explanation.kind,
            explanation.need_zh,
            explanation.expected_zh,
            explanation.example,
            english,
        ),
        colour=colour,
    )


def write_instructions(
    sheet: Worksheet, instructions: Instructions, catalog: Catalog, words: Words, formats: Formats
) -> None:
    """Writes the sheet."""
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    for row, line in enumerate(instructions.lines):
        _write_line(sheet, row, line, catalog, formats)
    cover = catalog.form.cover_sheet
    sheet.write_url(
        0, len(_WIDTHS) - 1, f"internal:{quote_sheetname(cover)}!A1", formats.link,
        words.sheet.to_cover.format(cover=cover),
    )  # fmt: skip
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    sheet.set_footer(f"&C{words.sheet.footer_page}")
    sheet.set_tab_color("#2F75B5")


def _write_line(sheet: Worksheet, row: int, line: Line, catalog: Catalog, formats: Formats) -> None:
    last = len(_WIDTHS) - 1
    match line.kind:
        case "title":
            sheet.set_row(row, 28)
            sheet.write_string(row, 0, line.cells[0], formats.title)
        case "heading" | "ledger":
            sheet.set_row(row, 24)
            for place in range(last + 1):
                sheet.write_blank(row, place, None, formats.heading)
            if line.ledger is None:
                sheet.write_string(row, 0, line.cells[0], formats.heading)
            else:
                place = quote_sheetname(catalog.ledger_by_name[line.ledger].title)
                sheet.write_url(row, 0, f"internal:{place}!A1", formats.heading_link, line.cells[0])
        case "text":
            # No program makes the row of a merged cell higher for its text.
            sheet.merge_range(row, 0, row, last, line.cells[0], formats.wrapped)
            sheet.set_row(row, _LINE_HEIGHT * line_count(line.cells[0], sum(_WIDTHS) - 4) + 4)
        case "labels":
            for place, text in enumerate(line.cells):
                sheet.write_string(row, place, text, formats.label("#D9D9D9"))
        case "column":
            lines = max(line_count(text, width) for text, width in zip(line.cells, _WIDTHS, strict=True))
            sheet.set_row(row, _LINE_HEIGHT * lines + 4)
            for place, text in enumerate(line.cells):
                sheet.write_string(row, place, text, formats.cell)
            sheet.write_string(row, 0, line.cells[0], formats.named(line.colour))
