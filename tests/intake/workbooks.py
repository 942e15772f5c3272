"""Files as units send them, and what the intake makes of them.

What belongs here: valid example rows of every ledger, workbooks and CSV bytes made of them, one call that
checks many files. What does not: expectations.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import yaml

from etl.intake import ReturnReader, Stated, check_returns
from etl.intake.circumstances import Circumstances
from etl.receipts import receipts
from warehouse.catalog import load_catalog

Cells = Sequence[Sequence[object]]
Row = Mapping[str, object]

MARCH_5 = dt.date(2024, 3, 5)

#: The example of GB 32100-2015.
CREDIT_CODE = "91350100M000100Y43"

HERE = Path(__file__).parent

#: One valid row of each ledger by its title, held in March 2024.
EXAMPLES: dict[str, Row] = yaml.safe_load((HERE / "examples.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class File:
    """A file as it arrives, and what bears on it."""

    name: str
    content: bytes = field(repr=False)
    stated: Stated = field(default_factory=Stated)
    circumstances: Circumstances = field(default_factory=Circumstances)


def sheet(title: str, *changes: Row, header: Sequence[str] | None = None) -> list[list[object]]:
    """A ledger's header and one example row for each of ``changes`` (label: cell), at least one row.

    A change under a new label adds a column; ``header`` chooses and orders the columns.
    """
    rows = [{**EXAMPLES[title], **change} for change in changes or ({},)]
    labels = header if header is not None else dict.fromkeys(label for row in rows for label in row)
    return [[*labels], *([row.get(label) for label in labels] for row in rows)]


def workbook(sheets: Mapping[str, Cells], name: str = "于都县_2024-03.xlsx", **stated: str) -> File:
    """A workbook with these sheets; the file's name tells unit and month unless another is given."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    return File(name, saved(book), Stated(**stated))


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ledger(title: str, *changes: Row, name: str = "于都县_2024-03.xlsx", **stated: str) -> File:
    """A workbook with one ledger: ``sheet(title, *changes)``."""
    return workbook({title: sheet(title, *changes)}, name, **stated)


def csv_file(
    rows: Cells, name: str = "于都县_2024-03_师带徒.csv", encoding: str = "utf-8-sig", **stated: str
) -> File:
    """A CSV file with these rows, dates as spreadsheets write them."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["" if value is None else value for value in row] for row in rows])
    return File(name, buffer.getvalue().encode(encoding), Stated(**stated))


def cover(
    unit: object = "于都县", period: object = "2024-03", code: object = None, **ledgers: str
) -> list[list[object]]:
    """A cover sheet; ``ledgers`` says 有数据, 零报告 or 未填报 of each."""
    lines: list[list[object]] = [["填报单位", unit], ["统计月份", period]]
    if code is not None:
        lines.append(["单位代码", code])
    lines.append(["台账", "填报情况"])
    lines.extend([title, state] for title, state in ledgers.items())
    return lines


@dataclass(frozen=True)
class Checked:
    """What became of one file: its receipt, its sheets, and its accepted rows by ledger."""

    receipt: Mapping[str, Any]
    sheets: Sequence[Mapping[str, Any]]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def status(self) -> str:
        return str(self.receipt["status"])

    @property
    def issues(self) -> list[dict[str, Any]]:
        return list(self.receipt["issues"])

    @property
    def rules(self) -> list[str]:
        return [issue["rule"] for issue in self.issues]

    @property
    def identity(self) -> tuple[str | None, str | None]:
        return self.receipt["unit"], self.receipt["period"]

    @property
    def states(self) -> dict[str, str]:
        return {one["ledger"]: one["state"] for one in self.sheets}

    def column(self, ledger_name: str, column: str) -> list[Any]:
        """The accepted values of a column, in order."""
        return [row[column] for row in self.rows.get(ledger_name, ())]


@functools.cache
def reader() -> ReturnReader:
    return ReturnReader(load_catalog())


def check(*files: File) -> list[Checked]:
    """The files checked together, as one batch."""
    read = [
        reader().read(
            one.content,
            one.name,
            return_id=f"{number:04d}",
            stated=one.stated,
            circumstances=one.circumstances,
        )
        for number, one in enumerate(files)
    ]
    with tempfile.TemporaryDirectory() as folder:
        batch = check_returns(load_catalog(), read, Path(folder))
        rows = {name: pq.read_table(path).to_pylist() for name, path in batch.ledgers.items()}
    documents = receipts(batch, {one.return_id: one.file_name for one in read})
    sheets = batch.sheets.to_pylist()
    return [
        Checked(
            document,
            [one for one in sheets if one["return_id"] == document["id"]],
            {
                name: mine
                for name, every in rows.items()
                if (mine := [row for row in every if row["return_id"] == document["id"]])
            },
        )
        for document in documents
    ]


def check_one(file: File) -> Checked:
    return check(file)[0]


def write(folder: Path, *files: File) -> list[Path]:
    """Writes files into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / file.name for file in files]
    for path, file in zip(paths, files, strict=True):
        path.write_bytes(file.content)
    return paths
