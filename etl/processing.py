"""Checks what has landed, batch by batch, into the lake and the receipts.

What belongs here: which landed returns still need a check, and how many are checked at once.
What does not: the check itself (``etl.intake``), the figures (``warehouse.building``).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from etl.deciding import Bearing
from etl.intake import ReadReturn, Stated, check_returns, check_version
from etl.intake.isolation import ReadingRoom, ReadRequest
from etl.receipts import receipts, write_receipts, write_workbooks
from warehouse import storage
from warehouse.catalog import Catalog
from warehouse.lake import Lake
from warehouse.landing import Landing, Reception
from warehouse.scratch import spill_folder
from warehouse.settings import Home

#: A batch is checked as soon as it has so many rows or so many returns: what bounds memory.
BATCH_ROWS = 500_000
BATCH_RETURNS = 500

_log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]


def silent(_done: int, _total: int, _what: str) -> None:
    """Progress that nobody watches."""


def pending(home: Home, catalog: Catalog) -> list[Reception]:
    """Landed returns without a check by the present catalog, code and decisions, in order of reception."""
    checks, bearing = Lake(home).last_checks(), Bearing.today(home, catalog)

    def is_checked(one: Reception) -> bool:
        last = checks.get(one.return_id)
        if last is None:
            return False
        decided = bearing.on(one).digest(last.unit, last.period)
        return last.check_version == check_version(catalog, decided)

    return [one for one in Landing(home).receptions() if not is_checked(one)]


def unchecked(home: Home) -> list[Reception]:
    """Landed returns that no run has checked yet, by whatever catalog and code."""
    checks = Lake(home).last_checks()
    return [one for one in Landing(home).receptions() if one.return_id not in checks]


def in_months(receptions: Sequence[Reception], months: Sequence[dt.date]) -> list[Reception]:
    """Those of the given months, and those whose month is not known: no month would ever take them."""
    wanted = {f"{month:%Y-%m}" for month in months}
    return [one for one in receptions if one.period is None or one.period in wanted]


def remove_unfinished(home: Home) -> None:
    """Removes what killed runs left; call it while the writer's lock is held."""
    for folder in {home.receipts, home.lake, home.publications, spill_folder(home)}:
        storage.remove_temporaries(folder)


def check_landed(
    home: Home,
    catalog: Catalog,
    receptions: Sequence[Reception],
    progress: Progress = silent,
    warn: Callable[[str], None] = _log.warning,
) -> list[dict[str, Any]]:
    """Checks landed returns and commits them to the lake; returns their receipts.

    Killed at any moment, it leaves whole batches; what is not in one is still pending. ``warn`` is told which
    receipt workbooks could not be made.
    """
    lake, landing = Lake(home), Landing(home)
    paths = {one.return_id: landing.landed(one) for one in receptions}
    documents: list[dict[str, Any]] = []
    with ReadingRoom(catalog) as room:
        reads = room.read_all(requests(home, catalog, receptions))
        for batch_of_returns in _batches(reads, len(receptions), progress):
            folder = lake.begin()
            batch = check_returns(catalog, batch_of_returns, folder)
            names = {one.return_id: one.file_name for one in batch_of_returns}
            sheets = {one.return_id: one.sheet_names for one in batch_of_returns}
            written = receipts(batch, names, sheets)
            write_receipts(home, written)
            write_workbooks(home, catalog, written, paths, warn)
            lake.commit(batch, folder)
            room.discard(batch_of_returns)
            documents += written
    return documents


def requests(home: Home, catalog: Catalog, receptions: Iterable[Reception]) -> Iterator[ReadRequest]:
    """What a reading room needs of landed returns, with what was decided about them."""
    landing, bearing = Landing(home), Bearing.today(home, catalog)
    for one in receptions:
        yield ReadRequest(
            landing.landed(one),
            one.file_name,
            return_id=one.return_id,
            stated=_stated(one),
            circumstances=bearing.on(one),
        )


def _stated(one: Reception) -> Stated:
    """What the caller said; of a return whose file was not kept, what was found in it on reception."""
    kept = one.content_sha256 is not None
    unit, period = (None, None) if kept else (one.unit, one.period)
    return Stated(one.unit_option or unit, one.period_option or period, one.submitter)


def _batches(reads: Iterable[ReadReturn], count: int, progress: Progress) -> Iterator[list[ReadReturn]]:
    """The returns in their order, many together; a large one is alone."""
    batch: list[ReadReturn] = []
    rows = 0
    for number, read in enumerate(reads, start=1):
        progress(number, count, read.file_name)
        if read.is_large and batch:
            yield batch
            batch, rows = [], 0
        batch.append(read)
        rows += read.row_count
        if read.is_large or rows >= BATCH_ROWS or len(batch) >= BATCH_RETURNS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch
