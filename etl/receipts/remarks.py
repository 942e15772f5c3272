"""Our remarks in the cells of a file: the comment's text, its size, and how it is known again.

What belongs here: what a comment of ours looks like. What does not: the list of issues (``page``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.receipts.page import MOST_COMMENTS, Line, Page
from etl.receipts.wording import SEVERITIES, display_width

AUTHOR = "union7510"


_MARK = re.compile(r"\n*【校验结果 (?P<numbers>[\d、]+) 】.*", re.DOTALL)
#: Excel cuts longer texts.
_MOST_CHARACTERS = 30_000
_WIDTH_PIXELS, _LINE_WIDTH, _LINE_PIXELS, _MOST_PIXELS = 380, 52, 17, 480


@dataclass(frozen=True)
class Remark:
    """All that is said of one cell; ``numbers`` are those of the list on the sheet 校验结果.

    A cell that is not commented has its colour, and its line on the list.
    """

    numbers: tuple[int, ...]
    severity: str
    text: str
    emptied: str
    is_commented: bool = True


def remarks(page: Page) -> Mapping[str, Mapping[str, Remark]]:
    """By sheet and cell; issues without a cell stand on the list only."""
    lines: dict[tuple[str, str], list[tuple[int, Line]]] = defaultdict(list)
    for number, line in enumerate(page.lines, start=1):
        if line.sheet and line.is_cell:
            lines[line.sheet, line.place].append((number, line))
    by_sheet: dict[str, dict[str, Remark]] = defaultdict(dict)
    for number, ((sheet, cell), said) in enumerate(lines.items()):
        by_sheet[sheet][cell] = replace(_remark(said), is_commented=number < MOST_COMMENTS)
    return by_sheet


def joined(some: Sequence[Remark]) -> Remark:
    """Several remarks as one, such as those on a merged area; what is said alike is said once."""
    first, *others = some
    for other in others:
        first = Remark(
            (*first.numbers, *other.numbers),
            _worst((first.severity, other.severity)),
            first.text if other.text in first.text else f"{first.text}\n\n{other.text}",
            first.emptied or other.emptied,
            first.is_commented,
        )
    return first


def comment_text(remark: Remark, theirs: str = "") -> str:
    """A comment: what the county had written, then ours below a line that is known again."""
    numbers = "、".join(map(str, remark.numbers))
    ours = f"【校验结果 {numbers} 】\n{remark.text}"
    return (f"{theirs}\n\n{ours}" if theirs else ours)[:_MOST_CHARACTERS]


def without_ours(text: str) -> tuple[str, tuple[int, ...]]:
    """What the county itself had written, and the numbers of the issues that we had added."""
    match = _MARK.search(text)
    if match is None:
        return text, ()
    return text[: match.start()], tuple(int(number) for number in match["numbers"].split("、") if number)


def comment_size(text: str) -> tuple[int, int]:
    """Width and height in pixels in which a comment can be read."""
    lines = sum(1 + display_width(line) // _LINE_WIDTH for line in text.split("\n"))
    return _WIDTH_PIXELS, min(_LINE_PIXELS * (lines + 1), _MOST_PIXELS)


def _remark(said: Sequence[tuple[int, Line]]) -> Remark:
    return Remark(
        tuple(number for number, _ in said),
        _worst(line.severity for _, line in said),
        "\n\n".join(line.remark for _, line in said),
        next((line.emptied for _, line in said if line.emptied), ""),
    )


def _worst(severities: Iterable[str]) -> str:
    order = list(SEVERITIES)
    return min(severities, key=lambda name: order.index(name) if name in order else len(order))
