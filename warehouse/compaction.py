"""Few files: folders of the lake and manifests of reception that have become many, written as one.

What belongs here: writing the compacted generation, and removing what it stands for. What does not: which of
them count (``spans``), when it is done (the caller, who holds the writer's lock).

Everything stays immutable: a generation is written under a temporary name and renamed in, and from then on
counts for what it holds; that stays until ``remove_compacted``. So who is reading is not disturbed, and a
crash leaves whole generations. Of a return that was checked again, the lake's generation holds the last check
alone: earlier publications read the folders that they were built from, which stay as long as they do.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse import storage
from warehouse.catalog.expressions import literal
from warehouse.lake import RETURNS_FILE, SHEETS_FILE, Lake
from warehouse.lake_sql import read_spans
from warehouse.landing import Landing
from warehouse.opening import open_for_reading
from warehouse.publications import PublicationStore
from warehouse.scratch import scratch_database
from warehouse.settings import Home
from warehouse.spans import Span, compacted_away, due, span_name

#: So many folders of the lake of one order of size are compacted into one, in an open month, too.
LAKE_FAN_IN = 8
#: So many files of manifests.
MANIFEST_FAN_IN = 64
#: A folder of the lake from this size on is compacted only by whoever asks for it.
LARGE_BYTES = 256 << 20
#: How long compacting waits for somebody who is committing or receiving, in seconds.
LOCK_TIMEOUT = 60


@dataclass(frozen=True)
class Generation:
    """What was written, under which path below the home, in place of how many files."""

    name: str
    files: int
    instead_of: int


@dataclass(frozen=True)
class Leftovers:
    """What counts no more: folders of the lake and files of manifests; names below the home."""

    names: tuple[str, ...]
    bytes: int


class LakeDamaged(Exception):
    """Rows that were accepted are not there any more: nothing is compacted, nothing is lost."""

    def __init__(self, run: Sequence[Span], file_name: str, accepted: int, found: int) -> None:
        super().__init__(
            f"the lake is damaged: the folders lake/{run[0].path.name} to lake/{run[-1].path.name} hold"
            f" {found} rows in {file_name}, their checks accepted {accepted}; `union7510 rebuild` makes them"
            " anew"
        )


def compact(home: Home, closed: Collection[dt.date] = (), *, everything: bool = False) -> list[Generation]:
    """Compacts what came in for closed months, and what has become many files; tells what was written.

    A closed month is written anew once, and what comes in once more whenever eight times as many folders (64
    times as many manifests) have come together, so the cost stays in proportion to what comes in.
    ``everything`` makes one generation of all. Killed at any moment it leaves whole generations. Call it
    while the writer's lock is held.

    Raises:
        LakeDamaged: rows are missing.
        storage.Busy: somebody is committing or receiving for too long.
    """
    storage.remove_temporaries(home.lake)
    folders, manifests = Lake(home).spans(), Landing(home).spans()
    if everything:
        of_lake, of_landing = ([found] if len(found) > 1 else [] for found in (folders, manifests))
    else:
        in_folders, in_manifests = _latest_months(home, folders, manifests) if closed else ({}, {})
        of_lake = due(folders, LAKE_FAN_IN, _is_large, latest=in_folders, closed=closed)
        of_landing = due(manifests, MANIFEST_FAN_IN, latest=in_manifests, closed=closed)
    return [*_compact_lake(home, folders, of_lake), *_compact_manifests(home, of_landing)]


def _latest_months(
    home: Home, folders: Sequence[Span], manifests: Sequence[Span]
) -> tuple[Mapping[Span, dt.date], Mapping[Span, dt.date]]:
    """The latest month of the checked returns in each folder of the lake, and in each file of manifests."""
    if not folders:
        return {}, {}
    with scratch_database(home) as connection:
        connection.execute(
            # The id of a return is its place in the order of reception.
            "CREATE TABLE checks AS"
            " SELECT batch_number, TRY_CAST(return_id[2:] AS INTEGER) AS sequence, period"
            f" FROM ({_rows(folders, RETURNS_FILE)})"
        )
        return (
            _latest_in(connection, folders, "batch_number"),
            _latest_in(connection, manifests, "sequence"),
        )


def _latest_in(
    connection: duckdb.DuckDBPyConnection, found: Sequence[Span], number: str
) -> Mapping[Span, dt.date]:
    by_first = {span.first: span for span in found}
    rows = connection.execute(
        f"SELECT first, max(period) FROM checks ASOF JOIN (SELECT unnest(?::INTEGER[]) AS first) AS spans"
        f" ON checks.{number} >= spans.first GROUP BY first HAVING max(period) IS NOT NULL",
        [[*by_first]],
    ).fetchall()
    return {by_first[first]: month for first, month in rows}


# The lake


def _compact_lake(home: Home, found: Sequence[Span], runs: Iterable[Sequence[Span]]) -> Iterable[Generation]:
    lake = Lake(home)
    for run in runs:
        folder = lake.begin()
        _write_generation(home, found, run, folder)
        final = lake.root / span_name(run[0].first, run[-1].last)
        before = sum(len([*span.path.iterdir()]) for span in run)
        with storage.exclusive(lake.root, LOCK_TIMEOUT):
            storage.move_into_place(folder, final)
        yield Generation(_below(home, final), len([*final.iterdir()]), before)


def _is_large(span: Span) -> bool:
    return sum(path.stat().st_size for path in span.path.iterdir()) >= LARGE_BYTES


def _write_generation(home: Home, found: Sequence[Span], run: Sequence[Span], folder: Path) -> None:
    """Every row of the run's folders whose check is the last one of its return, with its batch."""
    with scratch_database(home) as connection:
        connection.execute(
            "CREATE TABLE last_checks AS SELECT return_id, max(batch_number) AS batch_number"
            f" FROM ({_rows(found, RETURNS_FILE)}) GROUP BY return_id"
        )
        accepted: dict[str, int] = dict(
            connection.execute(
                "SELECT ledger || '.parquet', CAST(sum(rows_accepted) AS BIGINT)"
                f" FROM ({_rows(run, SHEETS_FILE)}) SEMI JOIN last_checks USING (return_id, batch_number)"
                " GROUP BY ledger HAVING sum(rows_accepted) > 0"
            ).fetchall()
        )
        names = sorted({path.name for span in run for path in span.path.iterdir()} | accepted.keys())
        for name in names:
            if not any((span.path / name).exists() for span in run):
                raise LakeDamaged(run, name, accepted[name], 0)
            rows = f"FROM ({_rows(run, name)}) SEMI JOIN last_checks USING (return_id, batch_number)"
            target = folder / name
            [(count,)] = connection.execute(
                f"COPY ({rows}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
            ).fetchall()
            if name in accepted and count != accepted[name]:
                raise LakeDamaged(run, name, accepted[name], count)
            everywhere = all((span.path / name).exists() for span in run)
            if count == 0 and not everywhere:  # a ledger of which no check holds a row any more
                target.unlink()


def _rows(found: Sequence[Span], file_name: str) -> str:
    return read_spans(found, file_name, is_optional=True).removeprefix(" UNION ALL BY NAME")


# Manifests


def _compact_manifests(home: Home, runs: Iterable[Sequence[Span]]) -> Iterable[Generation]:
    landing = Landing(home)
    for run in runs:
        # One a line: the manifests themselves are written to be read by people.
        lines = [_one_line(text) for text in landing.manifest_texts(run)]
        final = landing.manifests / f"{span_name(run[0].first, run[-1].last)}.jsonl"
        storage.write_file(final, b"".join(lines))
        yield Generation(_below(home, final), 1, len(run))


def _one_line(manifest: bytes) -> bytes:
    return json.dumps(json.loads(manifest), ensure_ascii=False).encode() + b"\n"


# What counts no more


def remove_compacted(home: Home, *, going: Collection[str] = (), dry_run: bool = False) -> Leftovers:
    """Removes what was compacted away, but for the folders from which a publication that is kept was built.

    ``going`` are ids of publications that are as good as gone. With ``dry_run`` nothing is removed.
    Killed at any moment, the next call does what is left. Call it while the writer's lock is held.
    """
    lake, landing = Lake(home), Landing(home)
    needed = _folders_of_publications(home, going)
    leaving = [span.path for span in compacted_away(lake.all_spans()) if span.path not in needed]
    leaving += [span.path for span in compacted_away(landing.all_spans())]
    size = sum(_size(path) for path in leaving)
    names = tuple(_below(home, path) for path in leaving)
    if not dry_run:
        for path in leaving:
            _remove(path)
    return Leftovers(names, size)


def _folders_of_publications(home: Home, going: Collection[str]) -> set[Path]:
    """The folders of the lake that ``verify`` of a publication reads."""
    store = PublicationStore(home)
    folders: set[Path] = set()
    for publication_id in set(store.ids()).difference(going):
        with closing(open_for_reading(store.path(publication_id))) as connection:
            try:
                files = connection.execute("SELECT path FROM meta.lake_files").fetchall()
            except duckdb.CatalogException:  # older than lists of the lake's files
                continue
        folders |= {(home.root / name).parent for (name,) in files}
    return folders


def _below(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in (path.iterdir() if path.is_dir() else (path,)))


def _remove(path: Path) -> None:
    """A folder loses its name first, so that there is never half of one."""
    if path.is_dir():
        unnamed = storage.temporary_path(path.parent)
        path.rename(unnamed)
        shutil.rmtree(unnamed)
    else:
        path.unlink(missing_ok=True)
