"""The results of formulas: openpyxl keeps a formula or its result, and a receipt needs both.

What belongs here: taking the results from a unit's file and putting them into the one that openpyxl has
written. What does not: calculating; a result is the one that the unit's own program left.

Without them a receipt that is mended by a program which does not calculate, a phone's viewer or a script,
would come back with formulas that nobody ever calculated (R209).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openpyxl.reader.excel import ExcelReader
from openpyxl.workbook import Workbook

#: A cell's attribute for the type of its result, and the result, both as they stand in the file.
Result = tuple[bytes, bytes]
#: By sheet and cell.
Results = Mapping[str, Mapping[str, Result]]

_FORMULA = rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)"
_CALCULATED = re.compile(rb"<c(\s[^>]*)>\s*" + _FORMULA + rb"\s*<v(?:\s[^>]*)?>([^<]+)</v>\s*</c>")
_REFERENCE = re.compile(rb'\sr="([A-Z]+[0-9]+)"')
_TYPE = re.compile(rb'\st="(?:str|b|e|n)"')
#: As openpyxl writes a formula's cell.
_WRITTEN = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*)>(' + _FORMULA + rb")(?:<v\s*/>|<v></v>)</c>")
_ON_OPENING = re.compile(rb'<(?:\w+:)?calcPr[^>]*\sfullCalcOnLoad="(?:1|true)"')


@dataclass(frozen=True)
class Calculated:
    """What a file's program has calculated; ``on_opening`` asks every program to calculate anew."""

    results: Results = field(default_factory=dict)
    on_opening: bool = True


def calculated(archive: zipfile.ZipFile, reader: ExcelReader) -> Calculated:
    """The results in a file that ``reader`` has read."""
    names = {name.lower(): name for name in archive.namelist()}
    results = {}
    for sheet, part in reader.parser.find_sheets():
        name = names.get(part.target.lstrip("/").lower())
        found = _results(archive.read(name)) if name is not None else {}
        if found:
            results[sheet.name] = found
    workbook = archive.read(names[reader.parser.workbook_part_name.lstrip("/").lower()])
    return Calculated(results, bool(_ON_OPENING.search(workbook)))


def _results(xml: bytes) -> Mapping[str, Result]:
    if b"<f" not in xml:
        return {}
    found = {}
    for attributes, value in _CALCULATED.findall(xml):
        reference, kind = _REFERENCE.search(attributes), _TYPE.search(attributes)
        if reference is not None:
            found[reference[1].decode()] = (kind[0] if kind is not None else b"", value)
    return found


def keep_mode(book: Workbook, known: Calculated) -> None:
    """Lets programs go on with the results, where every formula has one and the unit's file did so too.

    Otherwise they calculate everything when they open the file, and a result 0 counts as none.
    """
    everything = all(
        cell.coordinate in known.results.get(sheet.title, {})
        for sheet in book.worksheets
        for cell in sheet._cells.values()
        if cell.data_type == "f"
    )
    if everything and book.calculation is not None:
        book.calculation.fullCalcOnLoad = known.on_opening


def with_results(xml: bytes, results: Mapping[str, Result]) -> bytes:
    """A sheet as openpyxl has written it, with the results that are known."""

    def put(cell: re.Match[bytes]) -> bytes:
        known = results.get(cell[1].decode())
        if known is None:
            return cell[0]
        kind, value = known
        return b'<c r="%s"%s%s>%s<v>%s</v></c>' % (cell[1], cell[2], kind, cell[3], value)

    return _WRITTEN.sub(put, xml)


def by_part(book: Workbook, results: Results) -> Mapping[str, Mapping[str, Result]]:
    """The results by the part in which openpyxl writes a sheet: it numbers them in their order."""
    parts: Iterable[tuple[int, str]] = enumerate((sheet.title for sheet in book.worksheets), start=1)
    return {f"xl/worksheets/sheet{number}.xml": results[title] for number, title in parts if title in results}
