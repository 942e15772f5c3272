"""The same publication by DuckDB, Sail and Spark: ``make bench-engines``.

What belongs here: starting each engine, taking turns, the report. What does not: the work
(``warehouse_sides``), the data (``lake_data``), the engines (``tests.support.engines``).
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

from tests.benchmarks.bench_warehouse import written
from tests.benchmarks.measuring import measured, processor
from tests.support.engines import java, sail_cluster, spark_cluster, spark_home
from warehouse.settings import Home

_SIDES = "tests.benchmarks.warehouse_sides"


def main() -> None:
    """Measures one publish by each engine that is installed, one after the other, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"), help="for the home")
    options = parser.parse_args()
    home = Home((options.folder / f"rows-{int(options.rows)}").absolute())
    rows = written(home, int(options.rows))
    click.echo(f"{rows:,} rows, {len(os.sched_getaffinity(0))} cores ({processor()})")
    click.echo("\n| engine | publish s | times DuckDB |\n|---|---:|---:|")
    took: dict[str, float] = {}
    for name, engine in _engines().items():
        with engine as remote:
            took[name] = _published(home, remote)["wall"]
        click.echo(f"| {name} | {took[name]:.1f} | {took[name] / took['DuckDB']:.1f} |")


def _engines() -> Mapping[str, Any]:
    """Each engine with what starts it; started, it gives its address."""
    engines: dict[str, Any] = {"DuckDB": nullcontext(), "Sail": sail_cluster()}
    if java() and spark_home():
        engines["Spark"] = _spark()
    return engines


@contextmanager
def _spark() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, spark_cluster(Path(folder)) as remote:
        yield remote


def _published(home: Home, remote: str | None) -> dict[str, Any]:
    return measured(_SIDES, ["publish", str(home.root), *([remote] if remote else [])])


if __name__ == "__main__":
    main()
