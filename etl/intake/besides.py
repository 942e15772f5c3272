"""What stands on a ledger's sheet besides its table: other tables, and its own header once more.

What belongs here: finding these, and the words about a table that is not read. What does not: recognising a
header (``headers``), the rows (``extraction``). Loops here run over headers, never over all rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from etl.intake.extraction import FIRST_TEXT
from etl.intake.findings import Finding
from etl.intake.formats import Sheet
from etl.intake.headers import AROUND_LABEL, FEWEST_LABELS, Header, HeaderFinder
from etl.intake.text import cell_name, column_letter, folded, quoted_list
from warehouse.catalog import Catalog

#: So many rows that begin as a header does are looked at.
_MOST_HEADERS = 100
#: Above a table stand no more lines of titles than this.
_MOST_TITLES = 10
#: Most texts have nothing of it.
_DRESSED = r"[\s*:：）)]"


class _Place(NamedTuple):
    """Where the table that is read stands, from the one that is not."""

    zh: str
    en: str


_ABOVE, _BELOW, _BESIDE = _Place("下面", "below it"), _Place("上面", "above it"), _Place("旁边", "beside it")


@dataclass(frozen=True)
class Besides:
    """What is not a ledger's data on its sheet; rows and columns count from 0.

    ``pages`` are rows that repeat the header, with the titles above it; at ``end`` the next table begins.
    ``columns`` belong to a table beside it, and ``above`` is the header of one above it.
    """

    findings: tuple[Finding, ...] = ()
    above: tuple[Header, ...] = ()
    pages: tuple[range, ...] = ()
    end: int | None = None
    columns: frozenset[int] = frozenset()

    def data(self, table: pa.Table) -> pa.Table:
        """The rows of ``extract`` that belong to the ledger; those of pages are blank."""
        if self.end is not None:
            table = table.filter(pc.less_equal(table["row"], self.end))
        if not self.pages:
            return table
        rows = pa.array([row + 1 for page in self.pages for row in page], pa.int32())
        is_page = pc.is_in(table["row"], rows)
        return pa.table(
            [
                column if name == "row" else pc.if_else(is_page, None, column)
                for name, column in zip(table.schema.names, table.columns, strict=True)
            ],
            schema=table.schema,
        )


class OtherTables:
    """Looks around on the sheets of ledgers."""

    def __init__(self, catalog: Catalog, headers: HeaderFinder) -> None:
        self._headers = headers
        self._titles = quoted_list([ledger.title for ledger in catalog.ledgers])
        self._labels = sorted(headers.labels)

    def around(self, sheet: Sheet, header: Header, version: str | None, table: pa.Table | None) -> Besides:
        """What stands around the table of a header; ``table`` has its texts, if they are in memory."""
        findings: list[Finding] = []
        above = self._headers.table_above(sheet, header, version)
        if above is not None:
            findings.append(self._finding(sheet, header, above, _ABOVE))
        beside = self._headers.table_beside(sheet, header, version)
        if beside is not None:
            findings.append(self._finding(sheet, header, beside, _BESIDE))
        pages: list[range] = []
        end = None
        for found in self._below(sheet, header, version, table) if table is not None else ():
            first = found.first_row - _title_lines(sheet.rows[header.last_row + 1 : found.first_row])
            if not _is_repeated(header, found):
                end = first
                findings.append(self._finding(sheet, header, found, _BELOW))
                break
            pages.append(range(first, found.last_row + 1))
        columns = beside.columns.values() if beside is not None else ()
        of_beside = range(min(columns), max(columns) + 1) if columns else range(0)
        headers_above = () if above is None else (above,)
        return Besides(tuple(findings), headers_above, tuple(pages), end, frozenset(of_beside))

    def _below(self, sheet: Sheet, header: Header, version: str | None, table: pa.Table) -> Iterator[Header]:
        """Headers below a header; their first texts give them away."""
        corner = next((str(value) for value in sheet.rows[header.last_row] if str(value).strip()), "")
        labels = pa.array([*self._labels, *_bare(pa.array([corner])).to_pylist()])
        first_texts = table[FIRST_TEXT]
        dressed = pc.indices_nonzero(pc.match_substring_regex(first_texts, _DRESSED))
        is_label = pc.is_in(_bare(first_texts.take(dressed)), labels)
        rows = sorted(
            {
                *pc.indices_nonzero(pc.is_in(first_texts, labels)).to_pylist(),
                *dressed.filter(is_label).to_pylist(),
            }
        )
        behind = header.last_row + 1
        for place in islice(rows, _MOST_HEADERS):
            first = header.last_row + 1 + place
            if first < behind:
                continue
            lines = replace(sheet, rows=sheet.rows[first : first + 2])
            # A sheet's name may have told the ledger: its own header is looked for first.
            own = self._headers.find(lines, header.ledger, version)
            same = own is not None and own.columns == header.columns
            found = own if same else self._headers.find(lines, None, version) or own
            if found is not None and found.first_row == 0 and len(found.columns) >= FEWEST_LABELS:
                last = first + found.last_row
                behind = last + 1
                yield replace(found, first_row=first - _alike(sheet, first, header), last_row=last)

    def _finding(self, sheet: Sheet, header: Header, other: Header, place: _Place) -> Finding:
        """The other table is not lost without a word."""
        read, title = header.ledger.title, other.ledger.title
        zh, en = place
        column = min(other.columns.values())
        if place is _BESIDE:
            start_zh, start_en = f"{column_letter(column)} 列", f"column {column_letter(column)}"
        else:
            start_zh, start_en = f"第 {other.first_row + 1} 行", f"row {other.first_row + 1}"
        return Finding(
            "R104",
            sheet=sheet.name or read,
            cell=cell_name(other.last_row, column),
            details={"values": self._titles},
            detail_zh=f"{start_zh}起的“{title}”没有读取，只读取了它{zh}的“{read}”"
            "（请把两个台账分到两张工作表）",
            detail_en=f"has two tables: “{title}” from {start_en} on was not read, only “{read}” {en} "
            "(give each ledger a sheet of its own)",
        )


def unsearched(catalog: Catalog, sheet: str, row: int, count: int) -> Finding:
    """Headers below that of a text too large to be searched: what follows was read as the table above."""
    more_zh, more_en = (f"（共 {count} 处）", f" ({count} of them)") if count > 1 else ("", "")
    return Finding(
        "R104",
        sheet=sheet,
        cell=f"A{row}",
        details={"values": quoted_list([ledger.title for ledger in catalog.ledgers])},
        detail_zh=f"第 {row} 行又出现表头{more_zh}（这么大的文本只按一张表读取，其下各行按最上面的表头校验；"
        "是另一个台账的，请单独存成一个文件）",
        detail_en=f"has another header in row {row}{more_en} (a text of this size is read as one table, and"
        " what follows was checked by the first header; give another ledger a file of its own)",
    )


def _alike(sheet: Sheet, row: int, header: Header) -> int:
    """How many lines above a row are those above the header's last line, such as a header's upper line."""
    above = zip(reversed(sheet.rows[header.last_row + 1 : row]), reversed(sheet.rows[: header.last_row]),
                strict=False)  # fmt: skip
    return len(list(takewhile(lambda pair: list(pair[0]) == list(pair[1]), above)))


def _bare(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, AROUND_LABEL, "")


def _is_repeated(header: Header, found: Header) -> bool:
    """Whether a header stands once more, as on each page of a print."""
    return found.ledger is header.ledger and found.columns.items() <= header.columns.items()


def _title_lines(rows: Sequence[Sequence[Any]]) -> int:
    """How many of the last rows are titles: of one cell at most, or of nothing but labelled values."""
    count = 0
    for row in islice(reversed(rows), _MOST_TITLES):
        cells = [folded(value) for value in row if str(value).strip()]
        if len(cells) > 1 and not all(":" in cell for cell in cells):
            break
        count += 1
    return count
