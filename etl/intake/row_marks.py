"""Rows below a header that are no data by their first words: totals, notes and signatures.

What belongs here: the patterns, for Python and SQL alike. What does not: the words (``form.yaml``), what
becomes of such rows (``statements``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from etl.intake.text import folded
from warehouse.catalog import Form

#: What may stand around a text; the macro ``trimmed`` takes the same away.
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"

_ANY_BLANKS = re.compile(r"\s+", re.ASCII)  # as RE2 means it


def total_pattern(form: Form) -> str:
    """Matches the first text, after NFKC and with single blanks, of a row that adds up the whole sheet."""
    return f"^(?:{_spaced(form.grand_total_words)})"


def note_pattern(form: Form) -> str:
    """Matches the first text, after NFKC and with single blanks, of a row that is no data either."""
    return rf"^(?:{_spaced(form.total_words)}|(?:{_spaced(form.note_words)})(?:[:\d( ]|$))"


class RowMarks:
    """Tells rows that are no data by their first text."""

    def __init__(self, form: Form) -> None:
        self._pattern = re.compile(f"{total_pattern(form)}|{note_pattern(form)}", re.ASCII)

    def is_mark(self, first_text: str) -> bool:
        text = unicodedata.normalize("NFKC", first_text).strip(_BLANKS)
        return self._pattern.search(_ANY_BLANKS.sub(" ", text)) is not None


def _spaced(words: Iterable[str]) -> str:
    """A pattern of any of the words, also with blanks between their characters."""
    return "|".join(" ?".join(map(re.escape, folded(word))) for word in words)
