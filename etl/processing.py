"""Checks what has landed, batch by batch, into the lake and the receipts.

What belongs here: which landed returns still need a check, and how many are checked at once.
What does not: the check itself (``etl.intake``), the figures (``warehouse.building``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from etl.intake import ReadReturn, ReturnReader, Stated, check_returns, check_version
from etl.receipts import receipts, write_receipts
from warehouse import storage
from warehouse.catalog import Catalog
from warehouse.lake import Lake
from warehouse.landing import Landing, Reception
from warehouse.settings import Home

#: A batch is checked as soon as it has so many rows or so many returns: what bounds memory.
BATCH_ROWS = 500_000
BATCH_RETURNS = 500

Progress = Callable[[int, int, str], None]


def silent(_done: int, _total: int, _what: str) -> None:
    """Progress that nobody watches."""


def pending(home: Home, catalog: Catalog) -> list[Reception]:
    """Landed returns without a check by the present catalog and code, in the order of reception."""
    checked = Lake(home).checked(check_version(catalog))
    return [one for one in Landing(home).receptions() if one.return_id not in checked]


def in_months(receptions: Sequence[Reception], months: Sequence[dt.date]) -> list[Reception]:
    """Those of the given months, and those whose month is not known: no month would ever take them."""
    wanted = {f"{month:%Y-%m}" for month in months}
    return [one for one in receptions if one.period is None or one.period in wanted]


def remove_unfinished(home: Home) -> None:
    """Removes what killed runs left; call it while the writer's lock is held."""
    for folder in (home.receipts, home.lake, home.publications):
        storage.remove_temporaries(folder)


def check_landed(
    home: Home, catalog: Catalog, receptions: Sequence[Reception], progress: Progress = silent
) -> list[dict[str, Any]]:
    """Checks landed returns and commits them to the lake; returns their receipts.

    Killed at any moment, it leaves whole batches; what is not in one is still pending.
    """
    lake = Lake(home)
    documents: list[dict[str, Any]] = []
    for batch_of_returns in _batches(home, catalog, receptions, progress):
        batch = check_returns(catalog, batch_of_returns)
        names = {one.return_id: one.file_name for one in batch_of_returns}
        written = receipts(batch, names)
        write_receipts(home, written)
        lake.commit(batch)
        documents += written
    return documents


def _batches(
    home: Home, catalog: Catalog, receptions: Sequence[Reception], progress: Progress
) -> Iterator[list[ReadReturn]]:
    reader, landing = ReturnReader(catalog), Landing(home)
    batch: list[ReadReturn] = []
    rows = 0
    for number, one in enumerate(receptions, start=1):
        stated = Stated(one.unit_option, one.period_option, one.submitter)
        read = reader.read(landing.content(one), one.file_name, return_id=one.return_id, stated=stated)
        batch.append(read)
        rows += read.row_count
        progress(number, len(receptions), one.file_name)
        if rows >= BATCH_ROWS or len(batch) >= BATCH_RETURNS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch
