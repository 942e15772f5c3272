"""The parts of a return that are not tables: the cover sheet, and the lines above a header.

What belongs here: finding labelled values and nil declarations. What does not: weighing what different places
say (``identity``). Loops here run over a form's few leading lines, never over a ledger's rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from etl.intake.formats import Sheet
from etl.intake.identity import Statement, UnitNames, understand_month
from etl.intake.text import cell_name, cell_text, folded
from warehouse.catalog import Catalog, Form, Ledger

#: A cover has at most this many lines worth reading.
COVER_LINES = 200
#: What may end a row's words that there is nothing to report.
NOTHING_ENDS = "。.!"
#: A sheet with more lines, or more cells in a line, is a table.
_PROSE_LINES, _PROSE_CELLS = 30, 2

#: ``unknown`` is a word that is none of the form's.
Declaration = Literal["rows", "nil", "missing", "unknown"]


@dataclass
class Statements:
    """What one form, or several places of one return, say of its identity and of the form's version."""

    units: list[Statement] = field(default_factory=list)
    unit_codes: list[Statement] = field(default_factory=list)
    periods: list[Statement] = field(default_factory=list)
    versions: list[Statement] = field(default_factory=list)

    def extend(self, other: Statements) -> None:
        self.units += other.units
        self.unit_codes += other.unit_codes
        self.periods += other.periods
        self.versions += other.versions


@dataclass(frozen=True)
class Declared:
    """What the cover, or a ledger's own sheet, says of the ledger, and where."""

    state: Declaration
    text: str
    sheet: str
    cell: str


@dataclass(frozen=True)
class CoverList:
    """The cover's list of ledgers; ``strange`` are names in it that are no ledger's, by their cells."""

    declared: Mapping[str, Declared] = field(default_factory=dict)
    strange: Mapping[str, str] = field(default_factory=dict)


def nothing_said(form: Form, text: str, sheet: str, cell: str) -> Declared | None:
    """What a row means whose only text is this: nil, a word that declares nothing, or None of these."""
    said = folded(text).rstrip(NOTHING_ENDS)
    if said == folded(form.declarations.nil):
        return Declared("nil", text.strip(), sheet, cell)
    is_nothing = re.search(nothing_pattern(form), said) is not None
    return Declared("unknown", text.strip(), sheet, cell) if is_nothing else None


def nothing_pattern(form: Form) -> str:
    """Matches a row's only text, folded, where it says that there is nothing (本月无师带徒活动).

    Understood alike by Python's ``re`` and RE2; so is a declaration with more words behind it.
    """
    words = "|".join(re.escape(folded(word)) for word in form.nothing_words)
    return rf"^(?:(?:{words})|{re.escape(folded(form.declarations.nil))}(?:$|[(,:;、。.]))"


class FormReader:
    """Reads covers and leading lines with the words of the form; ``named`` tells ledgers by name."""

    def __init__(
        self, catalog: Catalog, unit_names: UnitNames, named: Callable[[str], Ledger | None]
    ) -> None:
        self._catalog = catalog
        self._unit_names = unit_names
        self._named = named
        form = catalog.form
        self._labels = {
            "units": {folded(label) for label in form.unit_labels},
            "unit_codes": {folded(label) for label in form.unit_code_labels},
            "periods": {folded(label) for label in form.period_labels},
            "versions": {folded(label) for label in form.version_labels},
        }
        self._versions = {folded(version): version for version in form.versions}
        every_label = sorted(set().union(*self._labels.values()), key=len, reverse=True)
        spaced = [r"\s*".join(map(re.escape, label)) for label in every_label]
        known = "|".join(spaced)
        # A value ends where another label begins, ours or not: 统计月份：2024年3月　单位：元
        other = rf"[\s,;][^\s,;:]{{1,12}}\s*:|\w{{0,2}}{re.escape(folded(form.unit_of_sums_label))}\s*:"
        self._inline = re.compile(rf"({known})\s*:\s*(.*?)\s*(?=(?:{known})\s*:|{other}|$)", re.IGNORECASE)
        declarations = form.declarations
        self._declarations: dict[str, Declaration] = {
            folded(declarations.rows): "rows",
            folded(declarations.nil): "nil",
            folded(declarations.missing): "missing",
        }

    def is_cover(self, sheet: Sheet) -> bool:
        return sheet.name is not None and folded(sheet.name) == folded(self._catalog.form.cover_sheet)

    def statements(self, sheet: Sheet, lines: int) -> Statements:
        """The unit and month that the first ``lines`` of a sheet state."""
        found = Statements()
        for kind, value, row, column in self._labelled(sheet.rows[:lines]):
            place = cell_name(row, column)
            name = sheet.name or ""
            statement = Statement(
                place_zh=f"{name}{'!' if name else ''}{place}",
                place_en=f"{name}{'!' if name else ''}{place}",
                text=cell_text(value),
                value=self._understand(kind, value),
                sheet=sheet.name,
                cell=place,
                names=self._unit_names.several(cell_text(value)) if kind == "units" else (),
            )
            getattr(found, kind).append(statement)
            code = self._unit_names.code_beside_name(statement.text) if kind == "units" else None
            if code is not None:
                found.unit_codes.append(replace(statement, text=code, value=self._unit_names.by_code(code)))
        return found

    def version(self, sheet: Sheet, lines: int) -> str | None:
        """The version of the form that the first ``lines`` of a sheet state; None when there is none such."""
        return next((one.value for one in self.statements(sheet, lines).versions), None)

    def _understand(self, kind: str, value: object) -> str | None:
        if kind == "periods":
            return understand_month(value)
        text = cell_text(value)
        if kind == "versions":
            return self._versions.get(folded(text))
        if kind == "unit_codes":
            return self._unit_names.by_code(text)
        return self._unit_names.understand(text)

    def _labelled(self, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Any, int, int]]:
        """Each labelled value with its kind and place: beside its label, or in one cell with it."""
        for row_index, row in enumerate(rows):
            for column_index, value in enumerate(row):
                if not isinstance(value, str) or not value.strip():
                    continue
                kind = self._kind(value)
                if kind is not None:
                    beside = next(
                        ((i, v) for i, v in enumerate(row) if i > column_index and str(v).strip()), None
                    )
                    # Where the next cell is a label again, this one was left blank.
                    if beside is not None and self._kind(str(beside[1])) is None:
                        yield kind, beside[1], row_index, beside[0]
                    continue
                for label, text in self._inline.findall(unicodedata.normalize("NFKC", value)):
                    inline_kind = self._kind(label)
                    if inline_kind is not None and text:
                        yield inline_kind, text, row_index, column_index

    def _kind(self, label: str) -> str | None:
        name = folded(label).rstrip(":")
        return next((kind for kind, labels in self._labels.items() if name in labels), None)

    def cover_list(self, cover: Sheet) -> CoverList:
        """What a cover says of each ledger: has rows, nil, or not filled in."""
        rows = cover.rows[:COVER_LINES]
        stated_in = {
            place for row in rows for place, value in enumerate(row) if self._state(value) is not None
        }
        declared: dict[str, Declared] = {}
        strange: dict[str, str] = {}
        for row_index, row in enumerate(rows):
            ledger: str | None = None
            label: tuple[str, str] | None = None
            for column_index, value in enumerate(row):
                text, place = cell_text(value).strip(), cell_name(row_index, column_index)
                state = self._state(value)
                named = self._named(text) if isinstance(value, str) else None
                if state is not None and ledger is not None:
                    declared[ledger] = Declared(state, text, cover.name or "", place)
                elif state is not None and label is not None and sum(map(self._is_state, row)) == 1:
                    strange[label[0]] = label[1]
                elif named is not None:
                    ledger, label = named.name, None
                elif text and ledger is not None and (column_index in stated_in or not stated_in):
                    declared.setdefault(ledger, Declared("unknown", text, cover.name or "", place))
                elif text and isinstance(value, str):
                    label = place, text
        return CoverList(declared, strange)

    def nothing(self, sheet: Sheet) -> Declared | None:
        """What a sheet without a table says where a row says only that there is nothing to report."""
        rows = [[i for i, value in enumerate(row) if str(value).strip()] for row in sheet.rows[:_PROSE_LINES]]
        if len(sheet.rows) > _PROSE_LINES or any(len(row) > _PROSE_CELLS for row in rows):
            return None
        for number, places in enumerate(rows):
            if len(places) == 1:
                text, place = cell_text(sheet.rows[number][places[0]]), cell_name(number, places[0])
                if (said := nothing_said(self._catalog.form, text, sheet.name or "", place)) is not None:
                    return said
        return None

    def _state(self, value: object) -> Declaration | None:
        return self._declarations.get(folded(value)) if isinstance(value, str) else None

    def _is_state(self, value: object) -> bool:
        return self._state(value) is not None

    def options(self, unit: str | None, period: str | None) -> Statements:
        """The identity that the caller states."""
        stated = Statements()
        if unit is not None:
            value = self._unit_names.understand(unit)
            stated.units.append(Statement("提交时指定的单位", "the unit given by the caller", unit, value))
        if period is not None:
            value = understand_month(period)
            stated.periods.append(
                Statement("提交时指定的月份", "the period given by the caller", period, value)
            )
        return stated
