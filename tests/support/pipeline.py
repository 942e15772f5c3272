"""Returns through the real intake, build and publication, in this process and without Dagster.

What belongs here: handing in and publishing. What does not: random returns (``strategies``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from etl.completing import complete_receipts
from etl.intake import Stated
from etl.processing import check_landed, pending
from etl.receiving import receive_files
from tests.support.oracle import Received, Units, is_late
from tests.support.returns import Return, next_month
from tests.support.workbooks import write_return
from warehouse import storage
from warehouse.building import build_candidate
from warehouse.catalog import load_catalog
from warehouse.landing import Landing
from warehouse.publications import PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version

_CHINA = dt.timezone(dt.timedelta(hours=8))


def units_of_catalog() -> Units:
    """The code list of units, for the oracle."""
    units = load_catalog().units
    return Units(
        codes=tuple(unit.unit for unit in units),
        expected=frozenset(unit.unit for unit in units if unit.files),
        municipal=frozenset(unit.unit for unit in units if unit.kind == "municipal"),
    )


def write_files(folder: Path, returns: Sequence[Return]) -> list[Path]:
    """One file a return; equal returns are the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_return(folder, each, returns.index(each)) for each in returns]


def hand_in(home: Home, returns: Sequence[Return], files: Path) -> list[Received]:
    """Lands the returns as files; gives those that are new, as the oracle wants to know of them.

    The times of reception are moved to the last moment in time, or the first that is late.
    """
    paths = write_files(files, returns)
    received: dict[tuple[str, str, str], Received] = {}
    for each, landed in zip(returns, receive_files(home, load_catalog(), paths, Stated()), strict=True):
        identity = (hashlib.sha256(landed.path.read_bytes()).hexdigest(), each.unit, each.period)
        assert landed.duplicate == (identity in received)
        if identity not in received:
            received_at = _received_at(each)
            _rewrite(home, landed.reception.sequence, received_at)
            received[identity] = Received(landed.reception.sequence, each, is_late(received_at, each.month))
    return list(received.values())


def publish(home: Home) -> str:
    """Checks what has landed, builds and publishes; gives the publication's id."""
    catalog = load_catalog()
    check_landed(home, catalog, pending(home, catalog))
    candidate = storage.temporary_path(home.publications)
    result = build_candidate(home, catalog, candidate, code_version=code_version())
    failed = [audit for audit in result.audits if not audit.passed]
    assert not failed, failed
    publication_id = PublicationStore(home).publish(candidate)
    complete_receipts(home, catalog)
    return publication_id


def _received_at(each: Return) -> dt.datetime:
    due = dt.datetime.combine(next_month(each.month).replace(day=6), dt.time(), _CHINA)
    return due - dt.timedelta(microseconds=1) if each.in_time else due


def _rewrite(home: Home, sequence: int, received_at: dt.datetime) -> None:
    path = Landing(home).manifests / f"{sequence:06d}.json"
    manifest = json.loads(path.read_bytes())
    manifest["received_at"] = received_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def readable(returns: Iterable[Return]) -> str:
    """Returns for whoever reads a failure."""
    return "\n".join(f"{number}. {each}" for number, each in enumerate(returns))
