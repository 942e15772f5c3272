"""How fast the intake is, against only reading the same files and against other libraries: ``make bench``.

What belongs here: running the sides in turn, memory, medians, limits. What does not: the work (``sides``).

A round runs every side once, each in a process of its own; a ratio compares two sides of one round, and the
median of the rounds' ratios counts. CPU seconds are those of a process and its children: on a machine that
others use too they say more than the clock.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import data
from tests.benchmarks.measuring import measured, processor

#: Peak memory of our side, in MiB.
_MOST_MEMORY = 1536


@dataclass(frozen=True)
class Run:
    """One side with its files."""

    side: str
    files: Sequence[Path]


@dataclass(frozen=True)
class Limit:
    """Ours is to be at least ``factor`` times as fast as the other, in rows a second."""

    title: str
    ours: str
    other: str
    factor: float


LIMITS = (
    Limit("20 workbooks: all rules / only reading (python-calamine to Arrow)", "books", "calamine", 0.5),
    Limit("CSV: all rules / DuckDB read_csv into a table in memory", "table", "duckdb_memory", 0.5),
    Limit("CSV: all rules / DuckDB read_csv into a table of a file", "table", "duckdb_file", 0.5),
    Limit("CSV: all rules / pandas + pandera", "table", "pandera", 4),
    Limit("CSV: all rules / Frictionless", "table", "frictionless", 100),
)


def runs(folder: Path, rows: int) -> dict[str, Run]:
    """Every run of a round; the slow sides get fewer rows, since rows a second are compared."""
    table, books = [data.table_file(folder, rows)], data.workbooks(folder, min(10_000, rows // 20))
    return {
        "table": Run("checked", table),
        "duckdb_memory": Run("duckdb_memory", table),
        "duckdb_file": Run("duckdb_file", table),
        "books": Run("checked", books),
        "calamine": Run("calamine", books),
        "pandera": Run("pandera", [data.table_file(folder, max(rows // 10, 1000))]),
        "frictionless": Run("frictionless", [data.table_file(folder, max(rows // 250, 1000))]),
    }


def measure(run: Run) -> dict[str, float]:
    """Seconds, CPU seconds, rows a second, and the most memory of the run's processes together."""
    found = measured("tests.benchmarks.sides", [run.side, *map(str, run.files)])
    if found.get("wrong", found["rows"] // 100) != found["rows"] // 100:
        raise RuntimeError(f"{run.side} finds {found['wrong']} wrong rows of {found['rows']}")
    return {
        **found,
        "per_second": found["rows"] / found["wall"],
        "per_cpu_second": found["rows"] / found["cpu"],
    }


def main() -> int:
    """Measures, prints a table, and fails where a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000_000, help="of the large CSV file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"), help="for the files")
    parser.add_argument("--only", nargs="*", help="some runs, by name")
    options = parser.parse_args()
    chosen = runs(options.folder, options.rows)
    chosen = {name: run for name, run in chosen.items() if not options.only or name in options.only}
    rounds = []
    for number in range(options.rounds):
        # Every other round backwards, so that nobody always runs after the same neighbour.
        names = list(chosen) if number % 2 == 0 else list(reversed(chosen))
        rounds.append({name: measure(chosen[name]) for name in names})
        sys.stderr.write(f"round {number + 1} of {options.rounds} is done\n")
    lines, kept = report(chosen, rounds)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if kept else 1


def report(chosen: dict[str, Run], rounds: list[dict[str, dict[str, float]]]) -> tuple[list[str], bool]:
    """A Markdown table of the sides and one of the limits, and whether all limits are kept."""

    def median(name: str, figure: str) -> float:
        return statistics.median(one[name][figure] for one in rounds)

    lines = [
        (
            f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {len(os.sched_getaffinity(0))} cores ({processor()}), "
            f"Python {platform.python_version()}, medians of {len(rounds)} rounds"
        ),
        "",
        "| side | rows | s | CPU s | rows/s | rows/CPU s | MiB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in chosen:
        figures = [median(name, one) for one in ("wall", "cpu", "per_second", "per_cpu_second", "memory")]
        wall, cpu, per_second, per_cpu_second, memory = figures
        rows = median(name, "rows")
        lines.append(
            f"| {name} | {rows:,.0f} | {wall:.1f} | {cpu:.1f} | {per_second:,.0f} | {per_cpu_second:,.0f}"
            f" | {memory:,.0f} |"
        )
    lines += ["", "| ratio of rows a second | by the clock | by CPU | at least |", "|---|---:|---:|---:|"]
    kept = True
    for limit in LIMITS:
        if not {limit.ours, limit.other} <= set(chosen):
            continue
        clock, cpu = (
            statistics.median(one[limit.ours][figure] / one[limit.other][figure] for one in rounds)
            for figure in ("per_second", "per_cpu_second")
        )
        kept = kept and clock >= limit.factor
        lines.append(f"| {limit.title} | {clock:.2f} | {cpu:.2f} | {limit.factor} |")
    most = max(
        (one[name]["memory"] for one in rounds for name in ("table", "books") if name in chosen), default=0
    )
    lines += ["", f"Most memory of our side: {most:,.0f} MiB (at most {_MOST_MEMORY:,})"]
    return lines, kept and most <= _MOST_MEMORY


if __name__ == "__main__":
    sys.exit(main())
