"""Returns written as the files that units send, in several styles.

What belongs here: cells, headers, covers, file names. What does not: what the rows mean (``returns``).
The same return gives the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from tests.support.returns import Cell, Return, Row, Sheet, Value
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField, load_catalog

_CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_GARBAGE = b"\x00\x01 this is no workbook"


#: The cells of one line of a sheet.
_Line = list[Cell]


def write_return(folder: Path, each: Return, number: int) -> Path:
    """The return as a file; ``number`` keeps names, and the cover, apart from those of other returns."""
    name, content = return_file(each, number)
    path = folder / name
    path.write_bytes(content)
    return path


def return_file(each: Return, number: int) -> tuple[str, bytes]:
    """File name and bytes of a return."""
    catalog = load_catalog()
    unit = catalog.unit_by_code[each.unit]
    if each.flaw == "unreadable":
        return f"{unit.short_zh}_{each.period}_{number}.xlsx", _GARBAGE
    if each.style.layout == "csv" and each.flaw is None and len(each.sheets) == 1 and not each.nil:
        [sheet] = each.sheets
        title = catalog.ledger_by_name[sheet.ledger].title
        return f"{unit.name_zh}_{each.period}_{title}_{number}.csv", _csv(catalog, each, sheet)
    return f"return-{number}.xlsx", _workbook(catalog, each, number)


def _csv(catalog: Catalog, each: Return, sheet: Sheet) -> bytes:
    text = io.StringIO(newline="")
    lines = _table(catalog, each, sheet.ledger, sheet, sheet.rows)
    csv.writer(text).writerows([["" if cell is None else cell for cell in line] for line in lines])
    return text.getvalue().encode("gb18030")


def _workbook(catalog: Catalog, each: Return, number: int) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as workbook:
        workbook.set_properties({"created": _CREATED, "comments": f"{number}"})
        date_format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheets = [("封面", _cover(catalog, each)), *_ledger_sheets(catalog, each)]
        for name, lines in sheets:
            worksheet = workbook.add_worksheet(name)
            for row, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if isinstance(cell, dt.date):
                        worksheet.write_datetime(row, column, cell, date_format)
                    elif cell is not None:
                        worksheet.write(row, column, cell)
    return buffer.getvalue()


def _cover(catalog: Catalog, each: Return) -> list[_Line]:
    form, unit = catalog.form, catalog.unit_by_code[each.unit]
    lines: list[_Line] = [["工会工作月报"]]
    if each.style.layout != "titled" or not each.sheets:
        name = "不存在的单位" if each.flaw == "unknown unit" else unit.name_zh
        lines += [[form.unit_labels[0], name], [form.period_labels[0], each.period]]
    if each.flaw == "unknown unit" and each.style.layout == "titled":
        lines.append([form.unit_labels[0], "不存在的单位"])
    if each.flaw == "two months":
        lines += [[form.period_labels[0], "2024-01"], [form.period_labels[1], "2025-01"]]
    words = {"nil": form.declarations.nil, "empty": form.declarations.missing}
    lines += [
        [catalog.ledger_by_name[ledger].title, words.get(state, form.declarations.rows)]
        for ledger, state in each.states().items()
    ]
    return lines


def _ledger_sheets(catalog: Catalog, each: Return) -> list[tuple[str, list[_Line]]]:
    sheets = []
    for sheet in each.sheets:
        title = catalog.ledger_by_name[sheet.ledger].title
        half = (len(sheet.rows) + 1) // 2 if each.style.split and len(sheet.rows) > 1 else len(sheet.rows)
        sheets.append((title, _table(catalog, each, sheet.ledger, sheet, sheet.rows[:half])))
        if sheet.rows[half:]:
            sheets.append((f"{title}2", _table(catalog, each, sheet.ledger, sheet, sheet.rows[half:])))
    return sheets


def _table(
    catalog: Catalog, each: Return, ledger_name: str, sheet: Sheet, rows: Sequence[Row]
) -> list[_Line]:
    """Title lines, header, rows and what stands below them."""
    ledger, style, unit = catalog.ledger_by_name[ledger_name], each.style, catalog.unit_by_code[each.unit]
    fields = _columns(ledger, sheet, reverse=style.aliases)
    labels = [_label(ledger, field, each) for field in fields]
    lines: list[_Line] = []
    if style.layout == "titled":
        lines.append([f"{ledger.title}明细表"])
        lines.append([f"填报单位：{unit.name_zh}　统计月份：{each.period}"])
    if style.layout == "two lines":
        lines.append(["基本情况", *[None] * (len(labels) - 1)])
    lines.append(_Line(labels))
    for number, row in enumerate(rows, start=1):
        lines.append([_cell(field, row, each, number) for field in fields])
    if style.layout == "titled" and rows:
        lines.append(["合计", *[None] * (len(fields) - 2), 999])
        lines.append(["填表人：某某"])
    return lines


def _columns(ledger: Ledger, sheet: Sheet, *, reverse: bool) -> list[LedgerField]:
    missing = ledger.required_fields[0].name if sheet.state == "refused" else None
    fields = [field for field in ledger.fields if field.name != missing]
    return fields[:1] + fields[:0:-1] if reverse else fields


def _label(ledger: Ledger, field: LedgerField, each: Return) -> str:
    in_ten_thousands = each.style.ten_thousands and field.kind is FieldKind.YUAN
    if in_ten_thousands:
        return f"{field.title.removesuffix('（元）')}（万元）"
    if not each.style.aliases:
        return field.title
    used = Counter(label for other in ledger.fields for label in other.labels)
    return next((alias for alias in field.aliases if used[alias] == 1), field.title)


def _cell(field: LedgerField, row: Row, each: Return, number: int) -> Cell:
    if field.name == "seq":
        return number
    if field.name in row.cells:
        return row.cells[field.name]
    return _written(field, row.values.get(field.name), each)


def _written(field: LedgerField, value: Value, each: Return) -> Cell:
    """A value as the unit types it."""
    texts = each.style.texts
    if value is None:
        return "/" if texts else None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        if texts:
            forms = ("{0.year}年{0.month}月{0.day}日", "{0:%Y.%m.%d}", "{0:%Y/%m/%d}")
            return forms[value.day % 3].format(value)
        return value
    if field.kind in {FieldKind.CHAIN, FieldKind.CLUSTER}:
        return _name(str(value), alias=texts)
    if isinstance(value, str):
        return value
    if field.kind is FieldKind.YUAN and each.style.ten_thousands:
        value = Decimal(value) / 10_000
    if field.kind is FieldKind.PERCENT and texts:
        return f"{value}%"
    if texts:
        return f"{value:,}" if value >= 1000 else f"{value:f}".translate(_FULL_WIDTH)
    return value if isinstance(value, int) else float(value)


def _name(code: str, *, alias: bool) -> str:
    """A chain's or cluster's name, or another one that is understood."""
    catalog = load_catalog()
    names = {chain.chain: (chain.name_zh, *chain.aliases) for chain in catalog.chains}
    names |= {cluster.cluster: (cluster.name_zh, *cluster.aliases) for cluster in catalog.clusters}
    return names[code][-1 if alias else 0]
