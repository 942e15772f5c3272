"""In which unit a column of sums is given: behind its label, or in a line above the header.

What belongs here: finding units of money among words. What does not: a unit in a cell (``values``), which
labels there are (``headers``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

from etl.intake.text import folded
from warehouse.catalog import Form

#: Between the word for the unit and the unit: other units (单位：人、万元), or the currency (人民币万元).
_BETWEEN = r"[:(]?(?:[^:()0-9]{0,8}[、,/])?[^:()、,/0-9]{0,5}?"


class UnitsOfSums:
    """Understands units of money with the words of one form."""

    def __init__(self, form: Form) -> None:
        self._scales = {folded(word): factor for word, factor in form.scales.items()}
        yuan, scales = re.escape(folded(form.yuan_word)), "".join(map(re.escape, self._scales))
        label, word = (re.escape(folded(text)) for text in (form.unit_of_sums_label, form.sum_word))
        scale = f"[{scales}]"
        self._inside = re.compile(rf"({scale}*){yuan}|^({scale}+)$")
        self._behind = re.compile(rf"[/,、]?({scale}*){yuan}$")
        self._above = re.compile(rf"(?:{label}|{word}){_BETWEEN}({scale}+){yuan}")
        self._rate = re.compile(rf"{yuan}/|/{yuan}|[每均]")

    def is_rate(self, unit: str) -> bool:
        """Whether a label's unit says that its column has no sums, but so much for each of something."""
        return self._rate.search(unit) is not None

    def without_unit(self, label: str) -> str:
        """A label, as it is compared, without a unit of money right behind it (补助金额万元)."""
        return self._behind.sub("", label)

    def factor(self, labels: Sequence[str], brackets: Sequence[str | None]) -> int | None:
        """How many yuan a one means below these labels; ``brackets`` is what each has in its brackets."""
        for label, inside in zip(labels, brackets, strict=True):
            found = self._inside.search(inside) if inside else self._behind.search(folded(label))
            if found is not None:
                return self._times(next(filter(None, found.groups()), ""))
        return None

    def above(self, rows: Sequence[Sequence[Any]]) -> int:
        """How many yuan a one means below these lines."""
        return next(self._told(rows), 1)

    def _told(self, rows: Sequence[Sequence[Any]]) -> Iterator[int]:
        for row in rows:
            found = self._above.search(folded("".join(str(value) for value in row)))
            if found is not None:
                yield self._times(found[1])

    def _times(self, scale: str) -> int:
        return prod(self._scales[character] for character in scale)
