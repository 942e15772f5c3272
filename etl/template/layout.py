"""How the form looks: where things stand, formats of cells, widths, and texts that fit.

What belongs here: rows, colours, number formats, measuring texts. What does not: what the sheets say.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from warehouse.catalog import FieldKind

# Rows of a ledger's sheet, from 0.
TITLE_ROW, IDENTITY_ROW, LEGEND_ROW, HEADER_ROW, FIRST_ROW = range(5)
# Rows of the cover, from 0: four facts and the due date, what to do, then the ledgers.
COVER_FACTS_ROW, COVER_CHOOSE_ROW, COVER_LIST_ROW = 2, 8, 9

#: Colours of labels: what must be filled in, what must be in some cases, what may be.
REQUIRED, CONDITIONAL, OPTIONAL = "#F8CBAD", "#FFE699", "#DDEBF7"
_EDGE, _LINK = "#8EA9C1", "#0563C1"

#: Width in characters and number format of the cells of a kind of column.
WIDTHS_AND_FORMATS: Mapping[FieldKind, tuple[int, str]] = {
    FieldKind.TEXT: (28, "@"),
    FieldKind.INTEGER: (12, "0"),
    FieldKind.DECIMAL: (12, "#,##0.00##"),
    FieldKind.YUAN: (16, "#,##0.00"),
    # Not 0.##, which shows 50 as “50.”; 50% may be typed as well.
    FieldKind.PERCENT: (12, "General"),
    FieldKind.DATE: (13, "yyyy-mm-dd"),
    FieldKind.BOOLEAN: (10, "@"),
    FieldKind.ENUM: (14, "@"),
    FieldKind.CHAIN: (18, "@"),
    FieldKind.CLUSTER: (24, "@"),
    FieldKind.CREDIT_CODE: (22, "@"),
}
#: Width of a column that is not stored: the county's own numbering.
_NARROW = 7
_CENTRED = frozenset(["0", "yyyy-mm-dd"])

_BREAK = re.compile(r"[\s，、；。：,;:]")


class Formats:
    """The formats of one workbook; cells without one of their own take their column's."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.label = functools.cache(self._label)
        self.named = functools.cache(self._named)
        self.column = functools.cache(self._column)
        self.cover_title = self.of(bold=True, font_size=18, align="center", valign="vcenter")
        self.title = self.of(bold=True, font_size=16, valign="vcenter")
        self.mark = self.of(bold=True, font_color="#C00000", valign="vcenter")
        self.plain = self.of(valign="vcenter")
        self.quiet = self.of(font_color="#595959", valign="vcenter")
        self.bold = self.of(bold=True, valign="vcenter")
        self.heading = self.of(bold=True, font_size=12, valign="vcenter", bg_color=OPTIONAL)
        self.heading_link = self.of(
            bold=True, font_size=12, valign="vcenter", bg_color=OPTIONAL, font_color=_LINK
        )
        self.wrapped = self.of(text_wrap=True, valign="top")
        self.link = self.of(font_color=_LINK, underline=1, valign="vcenter")
        self.cell = self.of(border=1, border_color=_EDGE, text_wrap=True, valign="top")
        self.fact = self.of(border=1, border_color=_EDGE, num_format="@", valign="vcenter")
        self.fact_label = self.of(
            border=1, border_color=_EDGE, bold=True, bg_color=OPTIONAL, valign="vcenter"
        )
        self.listed_link = self.of(
            border=1, border_color=_EDGE, font_color=_LINK, underline=1, valign="vcenter"
        )
        self.centred = self.of(border=1, border_color=_EDGE, align="center", valign="vcenter")
        self.choice = self.of(
            border=1, border_color=_EDGE, align="center", valign="vcenter", num_format="@", bg_color="#FFF9E7"
        )
        self.hint = self.of(border=1, border_color=_EDGE, font_color="#595959", valign="vcenter")
        self.warning = self.of(font_color="#C00000", bold=True)

    def of(self, **properties: Any) -> Format:
        """The one format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def _label(self, colour: str) -> Format:
        """A label at the head of a column, and its sample in the legend."""
        return self.of(
            bold=True, border=1, border_color=_EDGE, bg_color=colour, text_wrap=True,
            align="center", valign="vcenter",
        )  # fmt: skip

    def _named(self, colour: str) -> Format:
        """The name of a column in the instructions."""
        return self.of(bold=True, border=1, border_color=_EDGE, bg_color=colour, text_wrap=True, valign="top")

    def _column(self, number_format: str) -> Format:
        """The cells of a column whose values are shown so."""
        aligned = {"align": "center"} if number_format in _CENTRED else {}
        return self.of(num_format=number_format, border=1, border_color=_EDGE, valign="vcenter", **aligned)


def column_width(kind: FieldKind, label: str, values: Iterable[str], *, stored: bool) -> float:
    """The width in characters at which values fit, and the label in two lines."""
    if not stored:
        return _NARROW
    usual, _ = WIDTHS_AND_FORMATS[kind]
    longest = max(map(display_width, values), default=0)
    # A drop-down's button takes about three characters.
    return max(usual, math.ceil(display_width(label) / 2) + 3, min(longest + 4, 40))


def display_width(text: str) -> int:
    """Width in characters; a Chinese one is two wide."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def line_count(text: str, width: int) -> int:
    """Lines that a text takes in ``width`` characters."""
    return sum(max(1, math.ceil(display_width(line) / width)) for line in text.split("\n"))


def shortened(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters as a spreadsheet counts them, cut behind a word."""
    if _utf16_length(text) <= limit:
        return text
    kept = text[:limit]
    while _utf16_length(kept) > limit - 1:
        kept = kept[:-1]
    breaks = [match.start() for match in _BREAK.finditer(kept)]
    # A text with hardly a break is cut between two characters.
    if breaks and breaks[-1] >= len(kept) // 2:
        kept = kept[: breaks[-1]]
    return kept.rstrip("，、；。：,;: \n") + "…"


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
