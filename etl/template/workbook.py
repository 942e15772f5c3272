"""The form as a workbook: its sheets in order, for one unit and month, empty or filled in.

What belongs here: bringing the sheets together. What does not: where rows come from (``etl.sample``), files
(``writing``).
"""

from __future__ import annotations

import datetime as dt
import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.utility import quote_sheetname, xl_col_to_name, xl_rowcol_to_cell

from etl.template.cover import CoverText, Listed, write_cover
from etl.template.instructions import Instructions, due_date, make_instructions, write_instructions
from etl.template.layout import COVER_FACTS_ROW, Formats
from etl.template.ledgers import Columns, Plan, Surroundings, plan, write_ledger
from etl.template.validations import lists
from etl.template.words import load_words
from warehouse.catalog import Catalog, Unit


class TemplateError(ValueError):
    """There is no form for this unit and month; the message says why, in words."""


def template_workbook(catalog: Catalog, unit: Unit, month: dt.date) -> bytes:
    """The form of a unit for the month that begins on this day, to be filled in.

    Raises:
        TemplateError: the month is none of the programme, or the unit owes no return for it.
    """
    return FormWriter(catalog).write(unit, month)


def check_owed(catalog: Catalog, unit: Unit, month: dt.date) -> None:
    """Refuses a form that nobody would accept back.

    Raises:
        TemplateError: the month is none of the programme, or the unit owes no return for it.
    """
    months = catalog.programme.months
    if month not in months:
        raise TemplateError(
            f"{month:%Y-%m} 不在计划期内（{months[0]:%Y-%m} 至 {months[-1]:%Y-%m}） /"
            f" {month:%Y-%m} is no month of the programme, which runs from {months[0]:%Y-%m}"
            f" to {months[-1]:%Y-%m}"
        )
    if unit.owes_return(month):
        return
    if unit.files:
        raise TemplateError(
            f"{unit.name_zh}（{unit.unit}）无须报送 {month:%Y-%m} 的报表 /"
            f" {unit.name_en} ({unit.unit}) owes no return for {month:%Y-%m}"
        )
    host = catalog.unit_by_code[unit.host] if unit.host is not None else None
    in_zh, in_en = (
        (f"，它在{host.name_zh}境内", f"; it lies in {host.name_en}") if host is not None else ("", "")
    )
    raise TemplateError(
        f"{unit.name_zh}（{unit.unit}）不单独报送{in_zh} /"
        f" {unit.name_en} ({unit.unit}) sends no returns of its own{in_en}"
    )


@dataclass(frozen=True)
class _Month:
    """What all forms of one month have in common."""

    plans: tuple[Plan, ...]
    instructions: Instructions


class FormWriter:
    """Writes forms of one catalog; the same cells give the same bytes. Make one and use it for many.

    Args:
        catalog: sheets, labels, rules and the words of the form.
        guided: whether it guides who fills it in, with instructions, notes, drop-downs and messages. A
            workbook that comes filled in does without, and is written three times as fast.
        mark: a text that says that the rows are no real ones; it stands on every sheet and in the properties.
    """

    def __init__(self, catalog: Catalog, *, guided: bool = True, mark: str | None = None) -> None:
        self._catalog = catalog
        self._guided = guided
        self._mark = mark
        self._words = load_words()
        self._lists = lists(catalog)
        self._month = functools.cache(self._make_month)

    def _make_month(self, month: dt.date) -> _Month:
        plans = tuple(plan(self._catalog, self._words, ledger, month) for ledger in self._catalog.ledgers)
        return _Month(plans, make_instructions(self._catalog, self._words, plans, month))

    def write(self, unit: Unit, month: dt.date, cells: Mapping[str, Columns] | None = None) -> bytes:
        """The form of a unit and month.

        Args:
            unit: who reports.
            month: its first day.
            cells: by ledger; a ledger that is left out is declared nil. None: the form to be filled in, where
                every ledger is declared not reported.

        Raises:
            TemplateError: the month is none of the programme, or the unit owes no return for it.
        """
        check_owed(self._catalog, unit, month)
        common = self._month(month)
        form = self._catalog.form
        buffer = io.BytesIO()
        with Workbook(buffer, self._options()) as workbook:
            workbook.set_properties(self._properties(unit, month))
            formats = Formats(workbook)
            cover = workbook.add_worksheet(form.cover_sheet)
            if self._guided:
                instructions = workbook.add_worksheet(form.instructions_sheet)
                write_instructions(instructions, common.instructions, self._catalog, self._words, formats)
            facts = self._facts(unit, month)
            write_cover(
                cover,
                self._cover_text(unit, month, facts),
                [self._listed(planned, cells) for planned in common.plans],
                self._words,
                form.declarations,
                formats,
                guided=self._guided,
            )
            for planned in common.plans:
                sheet = workbook.add_worksheet(planned.ledger.title)
                given = cells.get(planned.ledger.name) if cells is not None else None
                around = self._surroundings(planned, common.instructions, unit, month, facts)
                write_ledger(sheet, planned, around, given, self._words, formats, guided=self._guided)
            if self._guided:
                self._write_lists(workbook)
        return buffer.getvalue()

    def _options(self) -> dict[str, object]:
        return {
            "in_memory": True,
            # A text that looks like a formula or an address stays the text that it is.
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_format_properties": {"font_name": self._words.font, "font_size": 11},
        }

    def _properties(self, unit: Unit, month: dt.date) -> dict[str, object]:
        properties: dict[str, object] = {
            "title": f"{self._words.title} {unit.name_zh} {month:%Y-%m}",
            "author": self._words.author,
            # A fixed time, so that the same cells give the same bytes.
            "created": dt.datetime(month.year, month.month, 1, tzinfo=dt.UTC),
        }
        if self._mark is not None:
            properties |= dict.fromkeys(("subject", "keywords", "comments"), self._mark)
        return properties

    def _facts(self, unit: Unit, month: dt.date) -> dict[str, str]:
        """What the intake reads back from the cover: the label of each fact and the fact, in order."""
        form = self._catalog.form
        return {
            form.unit_labels[0]: unit.name_zh,
            form.unit_code_labels[0]: unit.unit,
            form.period_labels[0]: f"{month:%Y-%m}",
            form.version_labels[0]: form.version,
        }

    def _cover_text(self, unit: Unit, month: dt.date, facts: Mapping[str, str]) -> CoverText:
        words, form = self._words.cover, self._catalog.form
        due = words.due.format(due=due_date(self._catalog, month))
        return CoverText(
            title=self._words.title,
            lead=self._mark or words.lead.format(instructions=form.instructions_sheet),
            is_mark=self._mark is not None,
            facts={**facts, words.due_label: due},
            footer=self._footer(unit, month),
        )

    def _footer(self, unit: Unit, month: dt.date) -> str:
        return (
            f"&L{unit.name_zh} {month:%Y-%m}&C{self._words.sheet.footer_page}&R{self._catalog.form.version}"
        )

    def _listed(self, planned: Plan, cells: Mapping[str, Columns] | None) -> Listed:
        declarations = self._catalog.form.declarations
        if cells is None:
            return Listed(planned, declarations.missing, 0)
        given = cells.get(planned.ledger.name)
        if given is None:
            return Listed(planned, declarations.nil, 0)
        return Listed(planned, declarations.rows, len(given[0]))

    def _surroundings(
        self, planned: Plan, instructions: Instructions, unit: Unit, month: dt.date, facts: Mapping[str, str]
    ) -> Surroundings:
        form, said = self._catalog.form, self._words.sheet
        title = planned.ledger.title
        cover = quote_sheetname(form.cover_sheet)
        parts = [
            f'"{"" if number == 0 else "　"}{label}："&{cover}!'
            + xl_rowcol_to_cell(COVER_FACTS_ROW + number, 1, row_abs=True, col_abs=True)
            for number, label in enumerate(facts)
        ]
        row = instructions.ledger_rows[planned.ledger.name] + 1
        return Surroundings(
            title=title if self._mark is None else f"{title}（{self._mark}）",
            identity_formula="=" + "&".join(parts),
            identity="　".join(f"{label}：{fact}" for label, fact in facts.items()),
            footer=self._footer(unit, month),
            cover_link=f"internal:{cover}!A1",
            cover_text=said.to_cover.format(cover=form.cover_sheet),
            instructions_link=f"internal:{quote_sheetname(form.instructions_sheet)}!A{row}",
            instructions_text=said.to_instructions.format(instructions=form.instructions_sheet),
        )

    def _write_lists(self, workbook: Workbook) -> None:
        """A hidden sheet with the lists that drop-downs refer to by name."""
        name = self._catalog.form.lists_sheet
        sheet = workbook.add_worksheet(name)
        for place, (list_name, values) in enumerate(self._lists.items()):
            sheet.write_column(0, place, [list_name, *values])
            column = xl_col_to_name(place, col_abs=True)
            workbook.define_name(list_name, f"={quote_sheetname(name)}!{column}$2:{column}${len(values) + 1}")
        sheet.hide()
