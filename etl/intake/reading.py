"""One file read as a return: unit, month, ledgers found, and what is wrong with it as a whole.

What belongs here: bringing the readers together for one file. What does not: checking rows (``checking``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

import pyarrow as pa

from etl.intake import identity
from etl.intake.extraction import Extractor
from etl.intake.findings import Finding, is_fatal
from etl.intake.form import COVER_LINES, Declared, FormReader, Statements
from etl.intake.headers import HEADER_LINES, Header, HeaderFinder
from etl.intake.identity import Statement, UnitNames
from etl.intake.readers import Content, Sheet, Unreadable, read_content
from etl.intake.text import cell_name, column_letter, folded, quoted_list
from warehouse.catalog import Catalog, Ledger, LedgerField

SheetState = Literal["rows", "nil", "empty", "refused"]


@dataclass(frozen=True)
class LedgerSheet:
    """One ledger as it stands on one sheet; ``table`` holds the texts of its data rows (``extraction``)."""

    ledger: str
    sheet: str
    state: SheetState
    header_row: int | None = None
    letters: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, int] = field(default_factory=dict)
    table: pa.Table | None = None

    @property
    def row_count(self) -> int:
        return self.table.num_rows if self.table is not None else 0


@dataclass(frozen=True)
class ReadReturn:
    """A return as read; ``unit`` and ``period`` are None when they are missing, unknown or contradictory."""

    return_id: str
    file_name: str
    unit: str | None
    period: dt.date | None
    sheets: tuple[LedgerSheet, ...]
    findings: tuple[Finding, ...]
    rejected: bool

    @property
    def row_count(self) -> int:
        return sum(sheet.row_count for sheet in self.sheets)


@dataclass(frozen=True)
class Stated:
    """What the caller says of a return."""

    unit: str | None = None
    period: str | None = None
    submitter: str | None = None


class ReturnReader:
    """Reads returns with the words of one catalog; make one and use it for many files."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._unit_names = UnitNames(catalog)
        self._forms = FormReader(catalog, self._unit_names)
        self._headers = HeaderFinder(catalog)
        self._extractor = Extractor(catalog)
        self._other_sheets = {folded(name) for name in catalog.form.other_sheets}

    def read(
        self, content: bytes, file_name: str, *, return_id: str = "", stated: Stated | None = None
    ) -> ReadReturn:
        """Reads a file's bytes as a return; what is wrong with it is in ``findings``, never raised."""
        stated = stated or Stated()
        try:
            cells = read_content(content, file_name)
        except Unreadable as error:
            unreadable = Finding("R001", detail_zh=error.zh, detail_en=error.en)
            return self._as_far_as_known(file_name, return_id, stated, unreadable)
        return self._read_cells(cells, file_name, return_id, stated)

    def _as_far_as_known(
        self, file_name: str, return_id: str, stated: Stated, finding: Finding
    ) -> ReadReturn:
        """An unreadable file still belongs to the unit and month that the caller or its name tell."""
        statements = self._forms.options(stated.unit, stated.period)
        statements.extend(self._in_file_name(file_name))
        unit, _ = identity.settle_unit(self._catalog, statements.units, [])
        period, _ = identity.settle_period(self._catalog, statements.periods)
        return ReadReturn(return_id, file_name, unit, period, (), (finding,), rejected=True)

    def _read_cells(self, content: Content, file_name: str, return_id: str, stated: Stated) -> ReadReturn:
        cover = next((sheet for sheet in content.sheets if self._forms.is_cover(sheet)), None)
        declared = self._forms.declarations(cover) if cover is not None else {}
        stated_identity = self._forms.options(stated.unit, stated.period)
        if cover is not None:
            stated_identity.extend(self._forms.statements(cover, COVER_LINES))
        sheets: list[LedgerSheet] = []
        findings: list[Finding] = []
        for sheet in content.sheets:
            if sheet is cover or self._is_other(sheet):
                continue
            found, header = self._ledger_sheet(sheet, file_name, content, declared)
            lines = header.first_row if header is not None else HEADER_LINES
            stated_identity.extend(self._forms.statements(sheet, lines))
            sheets += found.sheets
            findings += found.findings
        self._add_undelivered(declared, sheets, findings)
        stated_identity.extend(self._in_file_name(file_name))
        if not sheets:
            findings = [self._no_ledger(content)]
        unit, unit_findings = identity.settle_unit(
            self._catalog, stated_identity.units, stated_identity.unit_codes
        )
        period, period_findings = identity.settle_period(self._catalog, stated_identity.periods)
        submitter = identity.settle_submitter(self._catalog, unit, stated.submitter)
        findings = [*unit_findings, *period_findings, *submitter, *findings]
        rejected = any(is_fatal(self._catalog, finding) for finding in findings)
        return ReadReturn(return_id, file_name, unit, period, tuple(sheets), tuple(findings), rejected)

    def _is_other(self, sheet: Sheet) -> bool:
        return sheet.name is not None and folded(sheet.name) in self._other_sheets

    def _in_file_name(self, file_name: str) -> Statements:
        stem = PurePath(file_name).stem
        stated = Statements()
        units, months = self._unit_names.mentioned(stem), identity.months_mentioned(stem)
        if len(units) == 1:
            stated.units.append(Statement("文件名", "the file name", file_name, units.pop()))
        if len(months) == 1:
            stated.periods.append(Statement("文件名", "the file name", file_name, months.pop()))
        return stated

    def _ledger_sheet(
        self, sheet: Sheet, file_name: str, content: Content, declared: Mapping[str, Declared]
    ) -> tuple[_Found, Header | None]:
        """One sheet as a ledger, or the finding that it is none."""
        named = self._headers.named(sheet.name) if sheet.name is not None else None
        header = self._headers.find(sheet, named)
        if not content.is_workbook and (header is None or header.missing):
            named = self._headers.named(PurePath(file_name).stem)
            header = (self._headers.find(sheet, named) if named is not None else None) or header
        ledger = header.ledger if header is not None else named
        if ledger is None:
            return self._no_sheet(sheet), None
        return self._delivered(sheet, ledger, header, declared.get(ledger.name)), header

    def _no_sheet(self, sheet: Sheet) -> _Found:
        """A sheet that is no ledger; an empty one is not worth a word."""
        if sheet.name is None or not any(str(value).strip() for row in sheet.rows for value in row):
            return _Found()
        titles = quoted_list([ledger.title for ledger in self._catalog.ledgers])
        return _Found(findings=(Finding("R104", sheet=sheet.name, details={"values": titles}),))

    def _delivered(
        self, sheet: Sheet, ledger: Ledger, header: Header | None, declared: Declared | None
    ) -> _Found:
        name = sheet.name or ledger.title
        if header is None:
            return self._without_header(sheet, name, ledger, declared)
        table = self._extractor.extract(sheet, header)
        letters = {field: column_letter(index) for field, index in header.columns.items()}
        corner = cell_name(header.last_row, min(header.columns.values(), default=0))
        findings = _header_findings(header, name, corner)
        state: SheetState
        if table.num_rows == 0:
            state, more = _state_without_rows(ledger, name, corner, declared)
            findings = more
        elif declared is not None and declared.state == "nil":
            state = "refused"
            findings.append(
                Finding(
                    "R106",
                    sheet=declared.sheet,
                    ledger=ledger.name,
                    cell=declared.cell,
                    found=declared.text,
                )
            )
        else:
            state = "refused" if header.missing or header.repeated else "rows"
        delivered = LedgerSheet(ledger.name, name, state, header.last_row + 1, letters, header.factors, table)
        return _Found((delivered,), tuple(findings))

    def _without_header(self, sheet: Sheet, name: str, ledger: Ledger, declared: Declared | None) -> _Found:
        """A sheet under a ledger's name in which no label is known."""
        if any(str(value).strip() for row in sheet.rows for value in row):
            findings = [_missing_column(ledger.name, name, "A1", field) for field in ledger.required_fields]
            return _Found((LedgerSheet(ledger.name, name, "refused"),), tuple(findings))
        state, findings = _state_without_rows(ledger, name, "A1", declared)
        return _Found((LedgerSheet(ledger.name, name, state),), tuple(findings))

    def _add_undelivered(
        self, declared: Mapping[str, Declared], sheets: list[LedgerSheet], findings: list[Finding]
    ) -> None:
        """Ledgers that the cover speaks of and no sheet holds."""
        delivered = {sheet.ledger for sheet in sheets}
        for name, declaration in declared.items():
            if name in delivered or declaration.state == "missing":
                continue
            ledger = self._catalog.ledger_by_name[name]
            state, more = _state_without_rows(ledger, declaration.sheet, declaration.cell, declaration)
            sheets.append(LedgerSheet(name, declaration.sheet, state))
            findings += more

    def _no_ledger(self, content: Content) -> Finding:
        names = [sheet.name for sheet in content.sheets if sheet.name is not None]
        return Finding(
            "R003",
            found="、".join(names) or None,
            details={"values": quoted_list([ledger.title for ledger in self._catalog.ledgers])},
            detail_zh=f"工作表：{'、'.join(names)}" if names else "表头无法识别",
            detail_en=f"sheets: {', '.join(names)}" if names else "the header is not known",
        )


@dataclass(frozen=True)
class _Found:
    """What one sheet adds to a return."""

    sheets: tuple[LedgerSheet, ...] = ()
    findings: tuple[Finding, ...] = ()


def _state_without_rows(
    ledger: Ledger, sheet: str, cell: str, declared: Declared | None
) -> tuple[SheetState, list[Finding]]:
    """A ledger without rows is nil when declared so; else it counts as not reported."""
    if declared is not None and declared.state == "nil":
        return "nil", []
    if declared is not None and declared.state == "missing":
        return "empty", []
    return "empty", [Finding("R105", sheet=sheet, ledger=ledger.name, cell=cell)]


def _header_findings(header: Header, sheet: str, corner: str) -> list[Finding]:
    """What is wrong with a header; ``corner`` is the cell at which its line begins."""
    ledger = header.ledger
    repeated = [
        Finding("R103", sheet=sheet, ledger=ledger.name, cell=cell_name(header.last_row, index),
                column_name=name, label=ledger.field(name).title, found=label)
        for name, (index, label) in header.repeated.items()
    ]  # fmt: skip
    missing = [
        _missing_column(ledger.name, sheet, corner, field)
        for field in header.missing
        if field.name not in header.repeated
    ]
    unknown = [
        Finding("R102", sheet=sheet, ledger=ledger.name, cell=cell_name(header.last_row, index),
                found=label)
        for index, label in header.unknown.items()
    ]  # fmt: skip
    return [*repeated, *missing, *unknown]


def _missing_column(ledger: str, sheet: str, cell: str, field: LedgerField) -> Finding:
    return Finding(
        "R101",
        sheet=sheet,
        ledger=ledger,
        cell=cell,
        column_name=field.name,
        label=field.title,
        details={"values": quoted_list(field.labels)},
    )
