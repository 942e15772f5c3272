"""One file read as a return: unit, month, ledgers found, and what is wrong with it as a whole.

What belongs here: bringing the readers together for one file. What does not: checking rows (``checking``).
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from etl.intake import identity
from etl.intake.besides import Besides, OtherTables
from etl.intake.circumstances import Circumstances
from etl.intake.delivery import LedgerSheet, TextBody
from etl.intake.extraction import extract
from etl.intake.findings import Finding, is_fatal
from etl.intake.form import COVER_LINES, CoverList, Declared, FormReader, Statements
from etl.intake.formats import Content, OverLimit, Sheet, TextFile, Unreadable, read_content
from etl.intake.headers import HEADER_LINES, Header, HeaderFinder
from etl.intake.identity import Statement, UnitNames
from etl.intake.merged import with_merged_cells
from etl.intake.personal import masked_names, without_numbers
from etl.intake.privacy import Part, Privacy
from etl.intake.redaction import NotCopied, check_clean, check_same, write_copy
from etl.intake.text import cell_name, column_letter, folded, quoted_list
from etl.limits import Limits
from warehouse.catalog import Catalog, Ledger, LedgerField


@dataclass(frozen=True)
class ReadReturn:
    """A return as read; ``unit`` and ``period`` are None when they are missing, unknown or contradictory.

    ``findings`` are those of the return as a whole; what is wrong with a sheet stands at the sheet. No name
    has a personal number in it. ``is_personal`` says that the file holds what is never stored, for those who
    asked.
    """

    return_id: str
    file_name: str
    unit: str | None
    period: dt.date | None
    sheets: tuple[LedgerSheet, ...]
    findings: tuple[Finding, ...]
    rejected: bool
    circumstances: Circumstances = dataclass_field(default_factory=Circumstances)
    sheet_names: tuple[str, ...] = ()
    is_personal: bool = False

    @property
    def row_count(self) -> int:
        """Rows in memory, the blank ones too."""
        return sum(sheet.row_count for sheet in self.sheets)

    @property
    def is_large(self) -> bool:
        """Whether its rows lie in a text file; such a return is checked by itself."""
        return any(sheet.body is not None for sheet in self.sheets)


@dataclass(frozen=True)
class Stated:
    """What the caller says of a return."""

    unit: str | None = None
    period: str | None = None
    submitter: str | None = None


class ReturnReader:
    """Reads returns with the words of one catalog; make one and use it for many files.

    Args:
        catalog: ledgers, labels, units and the words of the form.
        limits: how large a file may be.
        folder: where temporary files of large tables are put; the caller removes it.
    """

    def __init__(self, catalog: Catalog, limits: Limits | None = None, folder: Path | None = None) -> None:
        self._catalog = catalog
        self._limits = limits or Limits()
        self._folder = folder
        self._unit_names = UnitNames(catalog)
        self._headers = HeaderFinder(catalog)
        self._forms = FormReader(catalog, self._unit_names, self._headers.named)
        self._privacy = Privacy(catalog)
        self._other_tables = OtherTables(catalog, self._headers)
        self._other_sheets = {folded(name) for name in catalog.form.other_sheets}

    def read(
        self,
        source: bytes | Path | None,
        file_name: str,
        *,
        return_id: str = "",
        stated: Stated | None = None,
        circumstances: Circumstances | None = None,
        look_for_personal: bool = False,
        copy_to: Path | None = None,
    ) -> ReadReturn:
        """Reads a file as a return; what is wrong with it is in its findings, never raised.

        Args:
            source: the file's bytes, or where it lies; None where it was not kept (``etl.receiving``).
            file_name: the name under which it was sent.
            return_id: the return's.
            stated: what the caller says of it.
            circumstances: what bears on it.
            look_for_personal: whether the answer shall say if the file holds what is never stored.
            copy_to: where a copy without that is written. It is there only if it would be read in the same
                way, and names nobody.
        """
        one = _reading(file_name, return_id, stated, circumstances)
        if source is None:
            return self._as_far_as_known(one, Finding("R211", label="整个文件 the whole file"))
        try:
            content = read_content(source, one.file_name, self._limits, self._folder)
        except Unreadable as error:
            rule = "R002" if isinstance(error, OverLimit) else "R001"
            return self._as_far_as_known(one, Finding(rule, detail_zh=error.zh, detail_en=error.en))
        named = _with_names_to_tell(content)
        read, parts = self._read_cells(named, one)
        if look_for_personal:
            read = replace(read, is_personal=self._privacy.is_touched(content, parts))
        if copy_to is not None:
            self._copy(_as_understood(named, parts), parts, read, one, copy_to)
        return read

    def _copy(
        self, content: Content, parts: Sequence[Part], read: ReadReturn, one: _Reading, path: Path
    ) -> None:
        """Writes a copy; what is not as it should be never gets its name."""
        unproven = path.with_name(f"{path.name}.unproven")
        try:
            write_copy(content, parts, self._privacy, unproven)
            copy = read_content(unproven, one.file_name, self._limits, self._folder)
            again, its_parts = self._read_cells(copy, one)
            check_clean(copy, its_parts, self._privacy)
            check_same(self._catalog, read, again)
            unproven.rename(path)
        except (NotCopied, Unreadable, csv.Error):
            return
        finally:
            unproven.unlink(missing_ok=True)

    def unread(
        self,
        file_name: str,
        finding: Finding,
        *,
        return_id: str = "",
        stated: Stated | None = None,
        circumstances: Circumstances | None = None,
    ) -> ReadReturn:
        """A file that nobody could read, ``finding`` says why."""
        one = _reading(file_name, return_id, stated, circumstances)
        return self._as_far_as_known(one, finding)

    def _as_far_as_known(self, one: _Reading, finding: Finding) -> ReadReturn:
        """An unreadable file still belongs to the unit and month that the caller or its name tell."""
        statements = self._forms.options(one.stated.unit, one.stated.period)
        statements.extend(self._in_file_name(one.file_name))
        unit, _ = identity.settle_unit(self._catalog, statements.units, [])
        period, _ = identity.settle_period(self._catalog, statements.periods, one.circumstances)
        return one.result(unit, period, (), (finding,), rejected=True)

    def _read_cells(self, content: Content, one: _Reading) -> tuple[ReadReturn, list[Part]]:
        """The return, and each sheet as its cells are understood."""
        visible = [sheet for sheet in content.sheets if not sheet.hidden]
        cover = next((sheet for sheet in visible if self._forms.is_cover(sheet)), None)
        listed = self._forms.cover_list(cover) if cover is not None else CoverList()
        declared = listed.declared
        version = self._forms.version(cover, COVER_LINES) if cover is not None else None
        stated = self._forms.options(one.stated.unit, one.stated.period)
        if cover is not None:
            stated.extend(self._forms.statements(cover, COVER_LINES))
        sheets: list[LedgerSheet] = []
        parts: list[Part] = []
        findings = [self._hidden(sheet) for sheet in content.sheets if self._is_hidden_ledger(sheet)]
        if cover is not None:
            findings += [self._no_ledger_on(cover, *one) for one in listed.strange.items()]
        for sheet in visible:
            if sheet is cover or self._is_other(sheet):
                continue
            # A sheet may come from another workbook than its cover: its own line is nearer to its labels.
            its_version = self._forms.version(sheet, HEADER_LINES) or version
            found, header = self._ledger_sheet(sheet, one.file_name, content, declared, its_version)
            lines = header.first_row if header is not None else HEADER_LINES
            stated.extend(self._forms.statements(sheet, lines))
            stated.extend(found.stated)
            sheets += found.sheets
            findings += found.findings
            parts += found.parts
        if not sheets:
            parts = [Part(sheet, is_data=True) for sheet in visible]
        sheets += self._undelivered(declared, {sheet.ledger for sheet in sheets})
        stated.extend(self._in_file_name(one.file_name))
        if not sheets:
            findings = [self._no_ledger(content)]
        unit, unit_findings = identity.settle_unit(self._catalog, stated.units, stated.unit_codes)
        period, period_findings = identity.settle_period(self._catalog, stated.periods, one.circumstances)
        submitter = identity.settle_submitter(self._catalog, unit, one.stated.submitter)
        findings = [*unit_findings, *period_findings, *submitter, *findings]
        rejected = any(is_fatal(self._catalog, finding) for finding in findings)
        read = one.result(unit, period, tuple(sheets), tuple(findings), rejected=rejected)
        names = tuple(sheet.name for sheet in content.sheets if sheet.name is not None)
        return replace(read, sheet_names=names), parts

    def _is_hidden_ledger(self, sheet: Sheet) -> bool:
        return sheet.hidden and sheet.name is not None and self._headers.named(sheet.name) is not None

    def _hidden(self, sheet: Sheet) -> Finding:
        return Finding(
            "R104",
            sheet=sheet.name,
            details={"values": self._ledger_titles()},
            detail_zh="是隐藏的，没有读取（需要计入时请取消隐藏）",
            detail_en="is hidden and not read; unhide it if it should count",
        )

    def _no_ledger_on(self, cover: Sheet, cell: str, name: str) -> Finding:
        return Finding(
            "R104",
            sheet=cover.name,
            cell=cell,
            found=name,
            details={"values": self._ledger_titles()},
            detail_zh=f"在台账清单里写的“{name}”不是台账",
            detail_en=f"lists “{name}”, which is no ledger",
        )

    def _is_other(self, sheet: Sheet) -> bool:
        return sheet.name is not None and folded(sheet.name) in self._other_sheets

    def _in_file_name(self, file_name: str) -> Statements:
        stem = PurePath(file_name).stem
        stated = Statements()
        for statements, mentioned, names in (
            (stated.units, self._unit_names.mentioned(stem), self._unit_names.several(stem)),
            (stated.periods, months := identity.months_mentioned(stem), tuple(sorted(months))),
        ):
            # A name that tells two says neither; where no other place tells, the answer names both.
            if len(mentioned) == 1:
                statements.append(Statement("文件名", "the file name", file_name, next(iter(mentioned))))
            elif mentioned:
                statements.append(Statement("文件名", "the file name", file_name, None, names=names))
        return stated

    def _ledger_sheet(
        self,
        sheet: Sheet,
        file_name: str,
        content: Content,
        declared: Mapping[str, Declared],
        version: str | None,
    ) -> tuple[_Found, Header | None]:
        """One sheet as a ledger, or the finding that it is none; ``version`` is its form's."""
        named = self._headers.named(sheet.name) if sheet.name is not None else None
        header = self._headers.find(sheet, named, version)
        if not content.is_workbook and (header is None or header.missing):
            named = self._headers.named(PurePath(file_name).stem)
            header = (self._headers.find(sheet, named, version) if named is not None else None) or header
        ledger = header.ledger if header is not None else named
        if ledger is None:
            return self._no_sheet(sheet), None
        if header is None:
            own_words = self._forms.nothing(sheet)
            delivered = _without_header(sheet, ledger, declared.get(ledger.name), own_words)
            return _Found((delivered,), parts=(Part(sheet, is_data=True),)), None
        sheet = with_merged_cells(sheet, header)
        table = extract(sheet, header) if content.text_file is None else None
        besides = self._other_tables.around(sheet, header, version, table)
        delivered = self._delivered(sheet, header, content, besides, table, declared.get(ledger.name))
        parts = [Part(sheet, header, table), *(Part(sheet, other) for other in besides.above)]
        return _Found((delivered,), besides.findings, tuple(parts), self._titles(sheet, besides)), header

    def _titles(self, sheet: Sheet, besides: Besides) -> Statements:
        """What stands above a header that comes once more: its rows may be another unit's or month's."""
        stated = Statements()
        for page in besides.pages:
            lines: list[Sequence[Any]] = [()] * page.start + [*sheet.rows[page.start : page.stop]]
            stated.extend(self._forms.statements(replace(sheet, rows=lines), page.stop))
        return stated

    def _no_sheet(self, sheet: Sheet) -> _Found:
        """A sheet that is no ledger; an empty one is not worth a word."""
        if sheet.name is None or not any(str(value).strip() for row in sheet.rows for value in row):
            return _Found()
        finding = Finding(
            "R104",
            sheet=sheet.name,
            details={"values": self._ledger_titles()},
            detail_zh="不是台账",
            detail_en="is no ledger",
        )
        return _Found(findings=(finding,))

    def _ledger_titles(self) -> str:
        return quoted_list([ledger.title for ledger in self._catalog.ledgers])

    def _delivered(
        self,
        sheet: Sheet,
        header: Header,
        content: Content,
        besides: Besides,
        table: pa.Table | None,
        declared: Declared | None,
    ) -> LedgerSheet:
        ledger = header.ledger
        name = sheet.name or ledger.title
        corner = cell_name(header.last_row, min(header.columns.values(), default=0))
        personal = self._personal_columns(header, name)
        text = content.text_file
        told = {cell_name(header.last_row, column) for column in besides.columns}
        told |= {one.cell for one in personal if one.cell is not None}
        return LedgerSheet(
            ledger=ledger.name,
            sheet=name,
            cell=corner,
            header_row=header.last_row + 1,
            indexes=header.columns,
            letters={field: column_letter(index) for field, index in header.columns.items()},
            factors=header.factors,
            date1904=content.date1904,
            table=besides.data(table) if table is not None else None,
            body=_text_body(text, header) if text is not None else None,
            declared=declared,
            refused=bool(header.missing or header.repeated or personal),
            findings=(*personal, *_header_findings(header, name, corner, told)),
        )

    def _personal_columns(self, header: Header, sheet: str) -> list[Finding]:
        """Columns that are there to hold what is never stored (R211)."""
        return [
            Finding(
                "R211",
                sheet=sheet,
                ledger=header.ledger.name,
                cell=cell_name(header.last_row, index),
                label=label,
            )
            for index, label in self._privacy.refused_columns(header).items()
        ]

    def _undelivered(self, declared: Mapping[str, Declared], delivered: set[str]) -> list[LedgerSheet]:
        """Ledgers that the cover speaks of and no sheet holds."""
        return [
            LedgerSheet(name, place.sheet, place.cell, declared=place)
            for name, place in declared.items()
            if name not in delivered and place.state != "missing"
        ]

    def _no_ledger(self, content: Content) -> Finding:
        named = [(sheet.name, sheet.hidden) for sheet in content.sheets if sheet.name is not None]
        zh = [f"{name}（隐藏的，没有读取）" if hidden else name for name, hidden in named]
        en = [f"{name} (hidden, not read)" if hidden else name for name, hidden in named]
        return Finding(
            "R003",
            found="、".join(name for name, _ in named) or None,
            details={"values": quoted_list([ledger.title for ledger in self._catalog.ledgers])},
            detail_zh=f"工作表：{'、'.join(zh)}" if zh else "表头无法识别",
            detail_en=f"sheets: {', '.join(en)}" if en else "the header is not known",
        )


@dataclass(frozen=True)
class _Reading:
    """What is known of a file before it is read."""

    file_name: str
    return_id: str
    stated: Stated
    circumstances: Circumstances

    def result(
        self,
        unit: str | None,
        period: dt.date | None,
        sheets: tuple[LedgerSheet, ...],
        findings: tuple[Finding, ...],
        *,
        rejected: bool,
    ) -> ReadReturn:
        return ReadReturn(
            self.return_id, self.file_name, unit, period, sheets, findings, rejected, self.circumstances
        )


def _reading(
    file_name: str, return_id: str, stated: Stated | None, circumstances: Circumstances | None
) -> _Reading:
    name = without_numbers(file_name)
    return _Reading(name, return_id, stated or Stated(), circumstances or Circumstances())


def _with_names_to_tell(content: Content) -> Content:
    """The same with sheets whose names have no personal number in them: names are quoted and stored."""
    names = masked_names([sheet.name for sheet in content.sheets])
    sheets = zip(content.sheets, names, strict=True)
    return replace(content, sheets=tuple(replace(sheet, name=name) for sheet, name in sheets))


def _as_understood(content: Content, parts: Sequence[Part]) -> Content:
    """The same with the sheets of the parts: a copy has no merged cells."""
    sheets = {part.sheet.name: part.sheet for part in parts}
    return replace(content, sheets=tuple(sheets.get(sheet.name, sheet) for sheet in content.sheets))


@dataclass(frozen=True)
class _Found:
    """What one sheet adds to a return."""

    sheets: tuple[LedgerSheet, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: tuple[Part, ...] = ()
    stated: Statements = dataclass_field(default_factory=Statements)


def _without_header(
    sheet: Sheet, ledger: Ledger, declared: Declared | None, own_words: Declared | None
) -> LedgerSheet:
    """A sheet under a ledger's name in which no label is known."""
    name = sheet.name or ledger.title
    if own_words is not None or not any(str(value).strip() for row in sheet.rows for value in row):
        return LedgerSheet(ledger.name, name, declared=declared, own_words=own_words)
    findings = tuple(_missing_column(ledger.name, name, "A1", field) for field in ledger.required_fields)
    return LedgerSheet(ledger.name, name, declared=declared, refused=True, findings=findings)


def _text_body(text: TextFile, header: Header) -> TextBody:
    """Where the rows of a large text file begin, in lines and in rows, and how wide they are."""
    rows_before = header.last_row + 1
    with text.path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, delimiter=text.delimiter)
        for _ in islice(reader, rows_before):
            pass
        first_line = reader.line_num
    body: Sequence[Sequence[str]] = text.head[rows_before:]
    width = max(len(body[0]) if body else 0, *(index + 1 for index in header.columns.values()))
    return TextBody(text.path, text.delimiter, first_line, rows_before + 1, width, text.lines)


def _header_findings(header: Header, sheet: str, corner: str, told: set[str]) -> list[Finding]:
    """What is wrong with a header besides cells already told; ``corner`` is where its line begins."""
    ledger = header.ledger
    repeated = [
        Finding("R103", sheet=sheet, ledger=ledger.name, cell=cell_name(header.last_row, index),
                column_name=name, label=ledger.field(name).title, found=label)
        for name, (index, label) in header.repeated.items()
    ]  # fmt: skip
    if len(repeated) > 1 and not header.columns:
        # A table that stands twice, side by side, is one cause.
        titles = "、".join(one.label or "" for one in repeated)
        repeated = [replace(min(repeated, key=lambda one: header.repeated[one.column_name or ""][0]),
                            label=titles, found=None)]  # fmt: skip
    missing = [
        _missing_column(ledger.name, sheet, corner, field)
        for field in header.missing
        if field.name not in header.repeated
    ]
    unknown = [
        Finding("R102", sheet=sheet, ledger=ledger.name, cell=cell_name(header.last_row, index), found=label)
        for index, label in header.unknown.items()
        if cell_name(header.last_row, index) not in told
    ]
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
