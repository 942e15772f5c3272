"""Issues put together as a person wants to be told of them: by sheet and rule, cells as ranges.

What belongs here: groups, cells in few words. What does not: how a terminal shows them (``etl.cli.answers``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from etl.receipts.wording import Issue, Statement, row_of, statement, visible

_CELL = re.compile(r"([A-Z]+)([0-9]+)")
#: Fewer cells below each other are told one by one.
_SHORTEST_RANGE = 3


@dataclass(frozen=True)
class Cells:
    """Cells, or rows, in which the same was found; ``found`` is None where nothing was."""

    found: str | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class Saying:
    """What is said of some cells of a group."""

    says: Statement
    cells: tuple[Cells, ...]

    @property
    def count(self) -> int:
        return sum(len(cells.names) for cells in self.cells)


@dataclass(frozen=True)
class Group:
    """Issues of one sheet, rule and column; most rules say the same of all of them."""

    sheet: str
    rule: str
    severity: str
    column: str
    sayings: tuple[Saying, ...]

    @property
    def count(self) -> int:
        return sum(saying.count for saying in self.sayings)


def grouped(issues: Sequence[Issue]) -> list[Issue]:
    """What concerns the whole file first, then sheet by sheet as they come; in a sheet by rule."""
    sheets = {sheet: number for number, sheet in enumerate(dict.fromkeys(one["sheet"] for one in issues))}
    sheets[None] = -1
    return sorted(issues, key=lambda one: (sheets[one["sheet"]], one["rule"]))


def groups(issues: Sequence[Issue]) -> Iterator[Group]:
    """The issues in the order of ``grouped``."""
    for (sheet, rule), some in groupby(grouped(issues), key=lambda one: (one["sheet"], one["rule"])):
        by_column: dict[tuple[str, str], list[Issue]] = {}
        for issue in some:
            column = visible(issue.get("label") or issue["column"])
            by_column.setdefault((issue["severity"], column), []).append(issue)
        for (severity, column), mine in by_column.items():
            yield Group(visible(sheet), rule, severity, column, tuple(_sayings(mine)))


def _sayings(issues: Iterable[Issue]) -> Iterator[Saying]:
    said: dict[Statement, dict[str | None, list[str]]] = {}
    for issue in issues:
        found = visible(issue["found"]).replace("\n", "↵") if issue["found"] else None
        said.setdefault(statement(issue), {}).setdefault(found, []).append(_name(issue))
    for says, cells in said.items():
        yield Saying(says, tuple(Cells(found, tuple(names)) for found, names in cells.items()))


def _name(issue: Issue) -> str:
    row = row_of(issue)
    return issue["cell"] or (f"第 {row} 行" if row else "")


def ranges(names: Sequence[str]) -> list[tuple[str, int]]:
    """Cells below each other as one range, with how many they are: ``F7–F12`` and 6."""
    places = sorted(
        (len(match[1]), match[1], int(match[2])) for name in names if (match := _CELL.fullmatch(name))
    )
    found = []
    for (_, column, _), run in groupby(enumerate(places), key=lambda one: (*one[1][:2], one[1][2] - one[0])):
        rows = [row for _, (_, _, row) in run]
        if len(rows) < _SHORTEST_RANGE:
            found += [(f"{column}{row}", 1) for row in rows]
        else:
            found.append((f"{column}{rows[0]}–{column}{rows[-1]}", len(rows)))
    return found + [(name, 1) for name in names if name and not _CELL.fullmatch(name)]
