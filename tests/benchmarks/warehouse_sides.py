"""The sides of ``bench_warehouse``, each a process that prints what it took.

What belongs here: the work. What does not: taking turns and limits (``bench_warehouse``).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from warehouse.building import build_candidate, inputs_fingerprint
from warehouse.catalog import FieldKind, Ledger, load_catalog
from warehouse.catalog.expressions import identifier, literal
from warehouse.closing import closed_months
from warehouse.compaction import compact, remove_compacted
from warehouse.engines import RemoteEngine
from warehouse.lake import Lake
from warehouse.landing import Landing
from warehouse.publications import PublicationStore
from warehouse.scratch import scratch_database
from warehouse.settings import Home

_NUMBERS = frozenset({FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.YUAN, FieldKind.PERCENT})


def publish(home: Home, remote: str | None = None) -> None:
    """Builds, audits and publishes; the engine at ``remote`` computes what it takes upon itself."""
    candidate = home.publications / "candidate.duckdb"
    engine = RemoteEngine(remote) if remote else None
    result = build_candidate(home, load_catalog(), candidate, code_version="benchmark", engine=engine)
    failed = [audit.name for audit in result.audits if not audit.passed]
    if failed:
        raise RuntimeError(f"audits failed: {failed}")
    PublicationStore(home).publish(candidate)


def limit(home: Home) -> None:
    """Scans every column of every ledger once and groups: what no build can do without."""
    with scratch_database(home) as connection:
        for ledger in load_catalog().ledgers:
            connection.execute(_grouped(home, ledger)).fetchall()


def _grouped(home: Home, ledger: Ledger) -> str:
    sums = ", ".join(
        f"sum({identifier(field.name)})" if field.kind in _NUMBERS else f"max({identifier(field.name)})"
        for field in ledger.stored_fields
    )
    files = literal(str(home.lake / "*" / f"{ledger.name}.parquet"))
    return f"""
        SELECT
            return_id, chain, cluster, date_trunc('month', {identifier(ledger.event_date)}) AS month,
            count(*), count(DISTINCT natural_key), max(sheet), max("row"), {sums}
        FROM read_parquet({files})
        GROUP BY return_id, chain, cluster, month"""


def plan(home: Home) -> None:
    """What every run does before it reads a row: which returns are checked, whether anything is new."""
    Landing(home).receptions()
    Lake(home).last_checks()
    inputs_fingerprint(home, load_catalog(), "benchmark")


def compaction(home: Home) -> None:
    """Compacts as often as something is due, as the runs that brought the files would have done."""
    closed = closed_months(home, load_catalog())
    while compact(home, closed):
        pass
    remove_compacted(home)


SIDES: dict[str, Callable[..., None]] = {
    "publish": publish,
    "limit": limit,
    "plan": plan,
    "compaction": compaction,
}


def main() -> None:
    """``python -m tests.benchmarks.warehouse_sides SIDE HOME [REMOTE]``."""
    side, root, *remote = sys.argv[1:]
    duckdb.connect().close()
    load_catalog()
    wall, cpu = time.perf_counter(), time.process_time()
    SIDES[side](Home(Path(root)), *remote)
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))  # noqa: T201


if __name__ == "__main__":
    main()
