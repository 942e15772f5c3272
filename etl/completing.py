"""Completes receipts once their returns are published, by what only all returns together show.

What belongs here: which receipts are completed, and from which publication. What does not: finding those
issues (``core.issues`` of the publication), receipts as such (``etl.receipts``).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from etl.receipts import Document, read_receipt, write_receipts, write_workbooks
from warehouse import storage
from warehouse.catalog import Catalog
from warehouse.lake import Lake
from warehouse.landing import Landing
from warehouse.publications import PublicationStore, open_for_reading
from warehouse.settings import Home

#: Of so many returns the issues are read together: what bounds memory.
_MOST_TOGETHER = 500

_log = logging.getLogger(__name__)

#: What a receipt tells of an issue.
_KEYS = (
    *("rule", "severity", "sheet", "cell", "found", "expected", "message_zh", "message_en"),
    *("column", "label"),
)
_CHECKED = "SELECT return_id, batch FROM meta.sources WHERE batch > $completed ORDER BY return_id"
#: The table stands in this order, so the first condition passes over most of it.
_ISSUES = """
    SELECT *, column_name AS "column"
    FROM core.issues
    WHERE return_id BETWEEN $first AND $last AND list_contains($ids::VARCHAR[], return_id)
    ORDER BY return_id, issue_number
"""


def complete_receipts(home: Home, catalog: Catalog, warn: Callable[[str], None] = _log.warning) -> int:
    """Adds to receipts what the current publication knows of their returns; returns how many changed.

    Each check of a return is completed once, by the publication that shows it first: what later returns bring
    to light stands in later publications. Killed at any moment, the next call does what is left. Call it
    while the writer's lock is held.

    Args:
        home: where receipts and publications lie.
        catalog: names of units and meanings of rules.
        warn: is told which receipt workbooks could not be made.
    """
    progress, store = _Progress(home), PublicationStore(home)
    completed, current = progress.completed(), store.current_id()
    if current is None or Lake(home).last_number() <= completed:
        return 0
    if store.rollback_in_force() is not None:  # the next publication shows what was checked meanwhile
        return 0
    changed = 0
    with closing(open_for_reading(store.path(current))) as connection:
        checked = connection.execute(_CHECKED, {"completed": completed}).fetchall()
        for start in range(0, len(checked), _MOST_TOGETHER):
            ids = [return_id for return_id, _ in checked[start : start + _MOST_TOGETHER]]
            documents = [*_changed(home, connection, ids)]
            _write(home, catalog, documents, warn)
            changed += len(documents)
    if checked:
        progress.note(max(batch for _, batch in checked))
    return changed


class _Progress:
    """The last batch of the lake whose receipts are complete; it lies beside the batches that it counts."""

    def __init__(self, home: Home) -> None:
        self._path = home.lake / "ANSWERED"

    def completed(self) -> int:
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0

    def note(self, batch: int) -> None:
        storage.write_file(self._path, f"{batch}\n".encode("ascii"))


def _changed(home: Home, connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> Iterator[Document]:
    """Those receipts that change, with all that is known."""
    parameters = {"ids": [*ids], "first": ids[0], "last": ids[-1]}
    reader = connection.sql(_ISSUES, params=parameters).to_arrow_reader()
    rows = (row for batch in reader for row in batch.to_pylist())
    for return_id, mine in groupby(rows, key=itemgetter("return_id")):
        try:
            document = read_receipt(home, return_id)
        except FileNotFoundError:  # somebody removed it; the next check of the return writes it again
            continue
        issues = _merged(document["issues"], [{key: row[key] for key in _KEYS} for row in mine])
        if issues != document["issues"]:
            yield {**document, "issues": issues}


def _merged(told: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is told already and still true, in its order, and then what is new, in the publication's."""
    left = Counter(map(_identity, known))
    issues = [issue for issue in told if _take(left, issue)]
    return issues + [issue for issue in known if _take(left, issue)]


def _take(left: Counter[tuple[Any, ...]], issue: dict[str, Any]) -> bool:
    """Whether the issue is among what is left; it then is no more."""
    identity = _identity(issue)
    left[identity] -= 1
    return left[identity] >= 0


def _identity(issue: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(map(issue.get, _KEYS))


def _write(home: Home, catalog: Catalog, documents: Sequence[Document], warn: Callable[[str], None]) -> None:
    """The workbooks first: while a document lacks something, the next call writes both again."""
    if not documents:
        return
    landing = Landing(home)
    paths = {one.return_id: landing.landed(one) for one in landing.receptions()}
    write_workbooks(home, catalog, documents, paths, warn)
    write_receipts(home, documents)
