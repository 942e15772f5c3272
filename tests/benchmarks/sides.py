"""What is measured: each side a program that does one thing once, and says how much of the machine it took.

What belongs here: the work, and the clock around it. What does not: pairing and repeating (``bench_intake``).
Imports stand in the functions, so that a side pays for its own libraries only, and before the clock starts.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

#: A side prepares itself and gives back what is to be measured; that gives back what it found.
Work = Callable[[], dict[str, int]]


def checked(paths: Sequence[Path]) -> Work:
    """Ours: read in other processes, every rule, each issue in words, as ``union7510 check`` does it."""
    from etl.intake import check_returns
    from etl.intake.isolation import ReadingRoom, ReadRequest
    from warehouse.catalog import load_catalog

    catalog = load_catalog()

    def work() -> dict[str, int]:
        # In a folder of its own a room ends with its reader, and what its processes took is counted.
        with ReadingRoom(catalog, folder=Path(tempfile.gettempdir())) as room:
            requests = (ReadRequest(path, path.name, path.name) for path in paths)
            batch = check_returns(catalog, list(room.read_all(requests)))
        sheets = batch.sheets.to_pydict()
        accepted, held_out = sum(sheets["rows_accepted"]), sum(sheets["rows_held_out"])
        return {"rows": accepted + held_out, "wrong": held_out}

    return work


def calamine(paths: Sequence[Path]) -> Work:
    """Only reads workbooks into Arrow tables, one column an array."""
    import pyarrow as pa
    from python_calamine import CalamineWorkbook

    def array(values: tuple[Any, ...]) -> pa.Array:
        try:
            return pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array([str(value) for value in values])

    def work() -> dict[str, int]:
        rows = 0
        for path in paths:
            book = CalamineWorkbook.from_path(path)
            for name in book.sheet_names:
                labels, *body = book.get_sheet_by_name(name).to_python()
                columns = zip(*body, strict=True)
                table = pa.table([array(values) for values in columns], names=[str(one) for one in labels])
                rows += table.num_rows
        return {"rows": rows}

    return work


def duckdb_memory(paths: Sequence[Path]) -> Work:
    """Only loads a CSV file into a table in memory."""
    return _loaded(paths, ":memory:")


def duckdb_file(paths: Sequence[Path]) -> Work:
    """Only loads a CSV file into a table of a database file, to the end of the checkpoint."""
    return _loaded(paths, str(paths[0].with_suffix(".duckdb")))


def _loaded(paths: Sequence[Path], database: str) -> Work:
    import duckdb

    Path(database).unlink(missing_ok=True)

    def work() -> dict[str, int]:
        with duckdb.connect(database) as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.execute("CREATE TABLE loaded AS FROM read_csv($path)", {"path": str(paths[0])})
            ((rows,),) = connection.sql("SELECT count(*) FROM loaded").fetchall()
        Path(database).unlink(missing_ok=True)
        return {"rows": rows}

    return work


def pandera(paths: Sequence[Path]) -> Work:
    """The same checks with pandas and pandera."""
    from tests.benchmarks.others import pandera_wrong_rows

    return lambda: pandera_wrong_rows(paths[0])


def frictionless(paths: Sequence[Path]) -> Work:
    """The same checks with Frictionless."""
    from tests.benchmarks.others import frictionless_wrong_rows

    return lambda: frictionless_wrong_rows(paths[0])


SIDES = {
    side.__name__: side for side in (checked, calamine, duckdb_memory, duckdb_file, pandera, frictionless)
}


def _cpu_seconds() -> float:
    """Of this process and of those that it has seen end."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(name: str, *files: str) -> None:
    """Prints one JSON document: seconds, CPU seconds, and what the work gave back."""
    work = SIDES[name]([Path(one) for one in files])
    gc.collect()
    cpu, wall = _cpu_seconds(), time.perf_counter()
    found = work()
    measured = {"wall": time.perf_counter() - wall, "cpu": _cpu_seconds() - cpu, **found}
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
