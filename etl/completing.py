"""Completes receipts once their returns are published, by what only all returns together show.

What belongs here: which receipts are completed, and from which publication. What does not: finding those
issues (``core.issues`` of the publication), receipts as such (``etl.receipts``).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.receipts import Document, read_receipt, write_receipts, write_workbooks
from warehouse import storage
from warehouse.catalog import Catalog
from warehouse.lake import Lake
from warehouse.landing import Landing
from warehouse.publications import PublicationStore, open_for_reading
from warehouse.settings import Home

#: So many receipts are written together: what bounds memory.
_MOST_TOGETHER = 500

_log = logging.getLogger(__name__)

#: What a receipt tells of an issue.
_KEYS = (
    *("rule", "severity", "sheet", "cell", "found", "expected", "message_zh", "message_en"),
    *("column", "label"),
)
#: The issues of returns that were checked after a batch.
_ISSUES = """
    SELECT *, column_name AS "column"
    FROM core.issues
    JOIN (SELECT return_id, sha256 FROM meta.sources WHERE batch > $completed) USING (return_id)
    ORDER BY return_id, issue_number
"""
_LAST_BATCH = "SELECT coalesce(max(batch), 0) FROM meta.sources"


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
    progress = _Progress(home)
    completed, store = progress.completed(), PublicationStore(home)
    current = store.current_id()
    if current is None or completed >= _number(Lake(home).batches()[-1:]):
        return 0
    changed = 0
    with closing(open_for_reading(store.path(current))) as connection:
        issues = connection.sql(_ISSUES, params={"completed": completed}).to_arrow_reader()
        together: list[_Completed] = []
        for one in _changed(home, issues):
            together.append(one)
            changed += 1
            if len(together) == _MOST_TOGETHER:
                _write(home, catalog, together, warn)
                together = []
        _write(home, catalog, together, warn)
        [(last,)] = connection.execute(_LAST_BATCH).fetchall()
    if last > completed:
        progress.note(last)
    return changed


@dataclass(frozen=True)
class _Completed:
    """A receipt with all that is known, and the file that it answers."""

    document: Document
    sha256: str


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


def _number(folders: Sequence[Path]) -> int:
    return max((int(folder.name) for folder in folders), default=0)


def _changed(home: Home, reader: pa.RecordBatchReader) -> Iterator[_Completed]:
    """The receipts to which something is added."""
    rows = (row for batch in reader for row in batch.to_pylist())
    for (return_id, sha256), mine in groupby(rows, key=itemgetter("return_id", "sha256")):
        try:
            document = read_receipt(home, return_id)
        except FileNotFoundError:  # somebody removed it; a check of the return writes it again
            continue
        known = [{key: row[key] for key in _KEYS} for row in mine]
        issues = _merged(document["issues"], known)
        if issues != document["issues"]:
            yield _Completed({**document, "issues": issues}, sha256)


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


def _write(home: Home, catalog: Catalog, together: Sequence[_Completed], warn: Callable[[str], None]) -> None:
    """The workbooks first: while a document lacks something, the next call writes both again."""
    if not together:
        return
    landing = Landing(home)
    documents = [one.document for one in together]
    paths = {one.return_id: landing.landed(one) for one in landing.receptions()}
    write_workbooks(home, catalog, documents, paths, warn)
    write_receipts(home, documents)
