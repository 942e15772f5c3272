"""What reading a file gives, and the two ways in which it can fail.

What belongs here: the shapes that all formats share. What does not: any one format.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: What stands in a cell whose formula was never calculated: no program has opened and saved the file since.
UNCALCULATED = "#公式未计算 NOT CALCULATED"


class Unreadable(Exception):
    """The file cannot be read (rule R001): what it is and what to do, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(zh, en)

    def __str__(self) -> str:
        return self.en


class OverLimit(Unreadable):
    """The file is over a limit (rule R002): which, what was found, and what to do."""


@dataclass(frozen=True)
class Merged:
    """An area of merged cells that is higher than one row; its value stands in its first cell."""

    first_row: int
    last_row: int
    column: int


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet from A1 on; rows may differ in length, a blank cell is ``''``.

    ``name`` is None for a file that has no sheets. Of a hidden sheet no cell is read.
    """

    name: str | None
    rows: Sequence[Sequence[Any]]
    hidden: bool = False
    merged: Sequence[Merged] = ()


@dataclass(frozen=True)
class TextFile:
    """A text table too large for objects: UTF-8, read by whoever has a faster reader.

    ``skip_bytes`` is the length of a byte order mark at its beginning, ``lines`` how many lines it has. A
    ``temporary`` file lies in the folder that the caller gave, who removes it.
    """

    path: Path
    delimiter: str
    head: Sequence[Sequence[str]]
    lines: int
    skip_bytes: int = 0
    temporary: bool = False

    def records(self) -> Iterator[list[str]]:
        """All rows, one after the other: slowly."""
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            yield from csv.reader(lines, delimiter=self.delimiter)


@dataclass(frozen=True)
class Content:
    """The sheets of a file, and whether it is a workbook (else it holds one table).

    Where ``text_file`` is given, the only sheet holds no more than its first rows.
    """

    sheets: tuple[Sheet, ...]
    is_workbook: bool
    date1904: bool = False
    text_file: TextFile | None = None
