"""What a publication costs at 1, 10, 100 million rows, and opening many files: ``make bench-warehouse``.

What belongs here: taking turns, limits, the report. What does not: the work (``warehouse_sides``), the data
(``lake_data``).

A round builds and publishes, and then only scans and groups the same Parquet (or the other way round); the
ratio compares the two of one round. Rows are generated once into the folder and used again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import os
import platform
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks import lake_data
from tests.benchmarks.measuring import MEBIBYTE, measured, processor
from warehouse.catalog import load_catalog
from warehouse.settings import Home

_SIDES = "tests.benchmarks.warehouse_sides"
#: A publish may take so many times as long as scanning and grouping once.
MOST_TIMES_THE_LIMIT = 3.0
#: Peak memory of a publish, in MiB.
MOST_MEMORY = 12 * 1024
#: Ten times the rows may take so many times as long: linear, and a tenth for the clock.
MOST_GROWTH = 11.0
#: Units of the two worlds of many files; each hands in a return a month, on three days.
FILE_WORLDS = (20, 3000)


def main() -> int:
    """Measures, prints tables, and fails where a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=float, nargs="*", default=[1e6, 1e7], help="e.g. 1e6 1e7 1e8")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"), help="for the homes")
    parser.add_argument("--files", action="store_true", help="only how long opening many files takes")
    options = parser.parse_args()
    machine = f"{len(os.sched_getaffinity(0))} cores ({processor()})"
    _say(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine}, Python {platform.python_version()}")
    kept = True
    if not options.files:
        kept = _publishing([int(rows) for rows in options.rows], options.rounds, options.folder)
    return 0 if _files(options.folder, options.rounds) and kept else 1


# Rows


def _publishing(sizes: list[int], rounds: int, folder: Path) -> bool:
    _say(
        f"\n| rows | publish s | CPU s | MiB | file MiB | scan and group s | CPU s | ratio | of CPU |"
        f" at most {MOST_TIMES_THE_LIMIT} |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    )
    kept, seconds = True, dict[int, float]()
    for size in sizes:
        home = Home((folder / f"rows-{size}").absolute())
        rows = written(home, size)
        pairs = [_pair(home, number) for number in range(rounds)]
        wall, cpu = (
            statistics.median(one["publish"][clock] / one["limit"][clock] for one in pairs)
            for clock in ("wall", "cpu")
        )
        memory = max(one["publish"]["memory"] for one in pairs)
        seconds[size] = statistics.median(one["publish"]["wall"] for one in pairs)
        held = min(wall, cpu) <= MOST_TIMES_THE_LIMIT and memory <= MOST_MEMORY
        kept = kept and held
        publish, limit = (
            [statistics.median(one[side][clock] for one in pairs) for clock in ("wall", "cpu")]
            for side in ("publish", "limit")
        )
        _say(
            f"| {rows:,} | {publish[0]:.1f} | {publish[1]:.1f} | {memory:,.0f} | {_file_size(home):,.0f} |"
            f" {limit[0]:.1f} | {limit[1]:.1f} | {wall:.2f} | {cpu:.2f} | {'kept' if held else 'NOT KEPT'} |"
        )
    for smaller, larger in itertools.pairwise(sizes):
        growth, most = seconds[larger] / seconds[smaller], MOST_GROWTH / 10 * larger / smaller
        kept = kept and growth <= most
        _say(f"\n{larger / smaller:g} times the rows take {growth:.1f} times as long (at most {most:g})")
    return kept


def written(home: Home, size: int) -> int:
    """Generates the rows unless they are there; an interrupted generation is begun anew."""
    done = home.root / "rows"
    if not done.exists():
        shutil.rmtree(home.root, ignore_errors=True)
        done.write_text(str(lake_data.write_home(home, load_catalog(), size)), encoding="ascii")
    return int(done.read_text(encoding="ascii"))


def _pair(home: Home, number: int) -> dict[str, dict[str, Any]]:
    # Every other round backwards, so that nobody always runs after the same neighbour.
    shutil.rmtree(home.publications, ignore_errors=True)
    order = ("publish", "limit") if number % 2 == 0 else ("limit", "publish")
    return {side: measured(_SIDES, [side, str(home.root)]) for side in order}


def _file_size(home: Home) -> float:
    return sum(path.stat().st_size for path in home.publications.glob("*.duckdb")) / MEBIBYTE


# Files


def _files(folder: Path, rounds: int) -> bool:
    """How long a run plans with every file as it came in, and when these were compacted."""
    _say("\n| units × months | files | plan s | compaction s | files then | plan s | times |\n"
         "|---:|---:|---:|---:|---:|---:|---:|")  # fmt: skip
    kept = True
    for units in FILE_WORLDS:
        home = Home((folder / f"files-{units}").absolute())
        shutil.rmtree(home.root, ignore_errors=True)
        lake_data.write_home(home, load_catalog(), 1, unit_count=units)
        lake_data.loosen_manifests(home)
        lake_data.loosen_batches(home, 3)
        before_files, before = _count(home), _planned(home, rounds)
        compaction = measured(_SIDES, ["compaction", str(home.root)])
        after_files, after = _count(home), _planned(home, rounds)
        kept = kept and after < before
        _say(
            f"| {units:,} × {lake_data.MONTHS} | {before_files:,} | {before:.2f} | {compaction['wall']:.1f} |"
            f" {after_files:,} | {after:.2f} | {before / after:.1f} |"
        )
    return kept


def _planned(home: Home, rounds: int) -> float:
    seconds: list[float] = [measured(_SIDES, ["plan", str(home.root)])["wall"] for _ in range(rounds)]
    return statistics.median(seconds)


def _count(home: Home) -> int:
    return sum(path.is_file() for folder in (home.lake, home.landing) for path in folder.rglob("*"))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
