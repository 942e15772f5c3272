"""Cells that the reader of workbooks gives as blank although something stands there.

python-calamine has '' for an error and for a formula without a value. Their places are found in the file.

What belongs here: a mark, and putting marks into rows. What does not: finding them (``marks_xlsx`` and
others).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mark:
    """A cell, its row and column from 0, and the text that stands for it."""

    row: int
    column: int
    text: str


def put(rows: list[list[Any]], marks: Iterable[Mark]) -> None:
    """Writes each mark into its cell; rows grow to hold it."""
    for mark in marks:
        while len(rows) <= mark.row:
            rows.append([])
        row = rows[mark.row]
        row.extend("" for _ in range(mark.column + 1 - len(row)))
        row[mark.column] = mark.text
