"""How labels and names are compared, and how cells are called."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

#: Blanks, and what takes no room at all; ``without_blanks`` of ``sql/macros.sql`` has the same.
_BLANKS = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff]+")


def folded(text: object) -> str:
    """``text`` after NFKC, without blanks, in lower case: the form in which names are compared."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", str(text))).lower()


def column_letter(index: int) -> str:
    """The spreadsheet letter of the column with this index, from 0: A, B, and after Z comes AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters


def cell_name(row_index: int, column_index: int) -> str:
    """The spreadsheet name of a cell, both indexes from 0."""
    return f"{column_letter(column_index)}{row_index + 1}"


def cell_text(value: object) -> str:
    """A cell's value as it would be typed: no more digits of a number than the spreadsheet keeps."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def quoted_list(names: Sequence[str], limit: int = 3) -> str:
    """The first few names, for a message."""
    return "、".join(names[:limit])
