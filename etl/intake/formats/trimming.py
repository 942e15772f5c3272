"""Rows and columns after the last cell with content, cut away.

What belongs here: that, for the rows of any format. What does not: what a cell means.
"""

from __future__ import annotations

from typing import Any


def trimmed(rows: list[list[Any]]) -> list[list[Any]]:
    """The same rows without the blank ones at the end and without the blank columns at the right."""
    while rows and not any(_has_content(value) for value in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    kept = width
    while kept and not any(len(row) >= kept and _has_content(row[kept - 1]) for row in rows):
        kept -= 1
    if kept < width:
        rows = [row[:kept] for row in rows]
    return rows


def _has_content(value: object) -> bool:
    return value != "" and value is not None
