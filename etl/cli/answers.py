"""Receipts on a terminal: all that is wrong, in few lines, and what to do next.

What belongs here: how receipts read in a terminal. What does not: putting issues together (``etl.receipts``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from etl.receipts.documents import Document, has_problems
from etl.receipts.grouping import Cells, Group, Saying, groups, ranges
from etl.receipts.wording import SEVERITIES, STATUSES, status_words, visible

if TYPE_CHECKING:  # brings Arrow, which not every command needs
    from warehouse.lake import Batch

#: So many different sayings of one rule and column are told, so many different findings of one saying, and so
#: many ranges of cells of one finding; the rest is counted.
_MOST_SAYINGS, _MOST_FOUND, _MOST_RANGES = 20, 20, 8

_COLOURS = {"fatal": "bold red", "error": "red", "warning": "yellow", "info": "cyan"}
_STATUSES_EN = {"ACCEPTED": "accepted", "ACCEPTED_WITH_ISSUES": "accepted in part", "REJECTED": "rejected"}
_STATUS_COLOURS = {"ACCEPTED": "green", "ACCEPTED_WITH_ISSUES": "yellow", "REJECTED": "bold red"}


def print_receipts(documents: Sequence[Document], *, everything: str = "--json lists all") -> None:
    """Receipts in order; ``everything`` says where all cells stand, with the return's ``{id}``."""
    console = Console(highlight=False, markup=False, emoji=False)
    for document in documents:
        for indent, line in _receipt(document, everything.format(id=document["id"])):
            _print(console, indent, line)
        console.print()


def print_closing(documents: Sequence[Document], batch: Batch) -> None:
    """How many files and rows there were, what became of them, and what to do next."""
    console = Console(highlight=False, markup=False, emoji=False)
    silent = _silent(documents, batch)
    next_step = _choose_first(silent) if silent else _next_step(documents)
    for line in (*_counts(documents), *next_step):
        _print(console, 0, Text(line))


def _print(console: Console, indent: int, line: Text) -> None:
    """Wrapped below its own beginning on a terminal; elsewhere a line stays a line."""
    if console.is_terminal:
        console.print(Padding(line, (0, 0, 0, indent)))
    else:
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)


def _receipt(document: Document, everything: str) -> Iterator[tuple[int, Text]]:
    yield 0, Text(visible(document["file"]), "bold")
    identity = (
        f"{document['unit'] or '单位不明 unit unknown'} · {document['period'] or '月份不明 month unknown'} · "
    )
    status = Text(status_words(document["status"]), _STATUS_COLOURS.get(document["status"], ""))
    accepted, held_out = document["rows_accepted"], document["rows_held_out"]
    rows = f" · 采纳 {accepted:,} 行 accepted · 未采纳 {held_out:,} 行 held out"
    yield 2, Text(identity).append_text(status).append(rows)
    sheet = None
    for group in groups(document["issues"]):
        if group.sheet != sheet:
            sheet = group.sheet
            yield 2, Text(sheet or "整个文件 whole file", "bold")
        yield from _group(group, everything)


def _group(group: Group, everything: str) -> Iterator[tuple[int, Text]]:
    heading = Text(
        f"{group.rule} {SEVERITIES.get(group.severity, group.severity)}", _COLOURS.get(group.severity, "")
    )
    if group.column:
        heading.append(f"  {group.column}", "bold")
    if group.count > 1:
        heading.append(f"  {group.count:,} 处")
    yield 4, heading
    passes = None
    for saying in group.sayings[:_MOST_SAYINGS]:
        yield 6, Text(saying.says.zh)
        yield 6, Text(saying.says.en)
        if saying.says.passes and saying.says.passes != passes:
            passes = saying.says.passes
            yield 6, Text("应为 passes: ", "green").append(passes, "default")
        yield from _cells(group.sheet, saying, everything)
    untold = sum(saying.count for saying in group.sayings[_MOST_SAYINGS:])
    if untold:
        yield 6, Text(_more(untold, everything))


def _cells(sheet: str, saying: Saying, everything: str) -> Iterator[tuple[int, Text]]:
    for cells in saying.cells[:_MOST_FOUND]:
        names = _names(cells, everything)
        if names or cells.found is not None:
            line = Text(f"{sheet} {names}".strip())
            yield 8, line.append(f"  “{cells.found}”" if cells.found is not None else "")
    untold = sum(len(cells.names) for cells in saying.cells[_MOST_FOUND:])
    if untold:
        yield 8, Text(_more(untold, everything))


def _names(cells: Cells, everything: str) -> str:
    found = ranges(cells.names)
    told = "、".join(name for name, _ in found[:_MOST_RANGES])
    untold = sum(count for _, count in found[_MOST_RANGES:])
    return f"{told} {_more(untold, everything)}" if untold else told


def _more(count: int, everything: str) -> str:
    return f"还有 {count:,} 处 and {count:,} more: {everything}"


def _counts(documents: Sequence[Document]) -> tuple[str, str]:
    statuses = Counter(document["status"] for document in documents)
    accepted = sum(document["rows_accepted"] for document in documents)
    held_out = sum(document["rows_held_out"] for document in documents)
    zh = "，".join(f"{statuses[name]} 个{words}" for name, words in STATUSES.items() if statuses[name])
    en = ", ".join(f"{statuses[name]} {words}" for name, words in _STATUSES_EN.items() if statuses[name])
    files, rows = _counted(len(documents), "file"), _counted(accepted, "row")
    return (
        f"共 {len(documents)} 个文件：{zh}；采纳 {accepted:,} 行，未采纳 {held_out:,} 行。",
        f"{files}: {en}; {rows} accepted, {held_out:,} held out.",
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _silent(documents: Sequence[Document], batch: Batch) -> list[str]:
    """Files in which nothing is wrong, and which report nothing: not even that there is nothing."""
    telling = {one["return_id"] for one in batch.sheets.to_pylist() if one["state"] != "empty"}
    return [one["file"] for one in documents if one["status"] == "ACCEPTED" and one["id"] not in telling]


def _choose_first(silent: Sequence[str]) -> tuple[str, str]:
    """Whoever sends such a file may have forgotten to choose."""
    files = visible("、".join(silent[:_MOST_FOUND]))
    return (
        f"没有填报任何台账：{files}。有数据的请填写，没有数据的请在封面选“零报告”，再校验一次。",
        f"These report no ledger: {files}. Fill in rows, or choose 零报告 on the cover, and check again.",
    )


def _next_step(documents: Sequence[Document]) -> tuple[str, str]:
    if not any(has_problems(document) for document in documents):
        if any(issue["severity"] == "warning" for document in documents for issue in document["issues"]):
            return (
                "没有未采纳的内容；请先看一看上面的提醒，没有问题就可以报送：union7510 submit FILE。",
                "Nothing would be held out; after a look at the warnings, hand it in: union7510 submit FILE.",
            )
        return (
            "没有未采纳的内容，可以报送：union7510 submit FILE。",
            "Nothing would be held out; hand it in: union7510 submit FILE.",
        )
    return (
        "请按上面的说明改正后再校验一次；加 --receipt DIR 可得到已标色、加批注的副本，在副本里改即可。",
        "Mend the cells named above and check again; --receipt DIR writes marked copies to mend.",
    )
