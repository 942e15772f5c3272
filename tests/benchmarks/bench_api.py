"""Requests a second of the API, beside others over the same rows: ``make bench-api``.

What belongs here: starting servers in turn, load, ratios, the report. What does not: the other servers'
applications (``api_sides``, ``postgraphile``), the data (``lake_data``).

Every server is one process; wrk asks over 32 connections. The sides of a comparison take turns, and a ratio
compares two of one round. The answer is 22 units of 5 fields each.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx

from tests.benchmarks import lake_data
from tests.benchmarks.api_sides import FILE
from tests.benchmarks.measuring import MEBIBYTE, ROOT, memory, processor
from tests.benchmarks.warehouse_sides import publish
from tests.support.postgres import INITDB, postgresql
from tests.support.processes import free_port
from warehouse.catalog import load_catalog
from warehouse.publications import PublicationStore
from warehouse.settings import Home

HERE = Path(__file__).parent
POSTGRAPHILE = HERE / "postgraphile"
CONNECTIONS = 32
ROWS = 100_000
#: Least requests a second of a repeated query, as a part of those of a constant.
LEAST_OF_CONSTANT = 0.7
#: Least requests a second with other arguments each time, as a multiple of the others'.
LEAST_OF_STRAWBERRY, LEAST_OF_POSTGRAPHILE = 2.0, 1.0
#: The slowest of a hundred requests takes at most so many times what the median takes.
MOST_OF_MEDIAN = 5.0
#: Requests over which memory must stay flat, and what it may grow, in MiB.
LASTING, MOST_GROWTH = 200_000, 16.0
_PATIENCE = 60

OURS = """query ($indicator: ID!, $from: YearMonth!, $to: YearMonth!) {
  breakdown(indicator: $indicator, by: [UNIT], from: $from, to: $to) {
    groups { unit { code nameZh } value state numerator } } }"""
STRAWBERRY = """query ($indicator: ID!, $from: String!, $to: String!) {
  groups(indicator: $indicator, first: $from, last: $to) { unit { code nameZh } value state numerator } }"""
POSTGRAPHILES = """query ($indicator: String!, $from: Date!, $to: Date!) {
  groups(indicator: $indicator, since: $from, until: $to) { nodes { code nameZh value state numerator } } }"""


@dataclass(frozen=True)
class Running:
    """A server, and the process group that it is."""

    address: str
    group: int


Side = Callable[[], AbstractContextManager[Running]]
Result = Mapping[str, float]


def main() -> int:
    """Measures, prints tables, and fails where a goal is not reached."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each side in a round")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"), help="for the home")
    parser.add_argument("--only", choices=["repeated", "different", "lasting"])
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        _say("wrk is not installed: apt-get install wrk")
        return 3
    machine = f"{len(os.sched_getaffinity(0))} cores ({processor()})"
    _say(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine}, Python {platform.python_version()}")
    bench = _Bench(_home(options.folder), options.folder, options.rounds, options.seconds)
    parts = {"repeated": bench.repeated, "different": bench.different, "lasting": bench.lasting}
    reached = [part() for name, part in parts.items() if options.only in (None, name)]
    return 0 if all(reached) else 1


class _Bench:
    """The comparisons over one home."""

    def __init__(self, home: Home, folder: Path, rounds: int, seconds: int) -> None:
        self._home, self._folder = home, folder
        self._rounds, self._seconds = rounds, seconds
        store = PublicationStore(home)
        self._publication = store.path(store.current_id() or "")

    def repeated(self) -> bool:
        """The same query again and again, beside a constant."""
        bodies = self._bodies("repeated", OURS, "{month}", most=1)
        with self._ours() as server:
            answer = self._folder / "answer.json"
            answer.write_text(json.dumps(_response(server, bodies)), encoding="utf-8")
        sides: dict[str, tuple[Side, Path]] = {
            "union7510, repeated query": (self._ours, bodies),
            "the same bytes from a constant": (lambda: _granian("constant", answer), bodies),
        }
        measured = self._rounds_of(sides)
        return _told(measured, [("the same bytes from a constant", LEAST_OF_CONSTANT)])

    def different(self) -> bool:
        """Other arguments each time, and no answer kept, beside others over the same rows."""
        ours = "union7510, other arguments each time"
        sides: dict[str, tuple[Side, Path]] = {
            ours: (lambda: self._ours(answer_cache_bytes=1), self._bodies("ours", OURS, "{month}")),
            "Strawberry, one DuckDB query a request": (
                lambda: _granian("strawberry_default", self._publication),
                self._bodies("strawberry", STRAWBERRY, "{month}"),
            ),
        }
        goals = [("Strawberry, one DuckDB query a request", LEAST_OF_STRAWBERRY)]
        with contextlib.ExitStack() as stack:
            if INITDB is None or not (POSTGRAPHILE / "node_modules" / "postgraphile").is_dir():
                folder = POSTGRAPHILE.relative_to(ROOT)
                _say(f"PostGraphile is left out: it takes PostgreSQL, and `npm ci --prefix {folder}`")
            else:
                database = stack.enter_context(postgresql()).address
                _copy(self._publication, database)
                bodies = self._bodies("postgraphile", POSTGRAPHILES, "{month}-01")
                sides["PostGraphile on PostgreSQL"] = (lambda: _postgraphile(database), bodies)
                goals.append(("PostGraphile on PostgreSQL", LEAST_OF_POSTGRAPHILE))
            measured = self._rounds_of(sides)
        return _told(measured, goals)

    def lasting(self) -> bool:
        """Many requests, one of fifty with other arguments, few answers kept: memory before and after."""
        bodies = self._bodies("lasting", OURS, "{month}")
        with self._ours(answer_cache_bytes=2_000_000) as server:
            _loaded(server, bodies, 10, 50)
            before, asked = memory(server.group), 0
            while asked < LASTING:
                asked += int(_loaded(server, bodies, 10, 50)["requests"])
            grown = (memory(server.group) - before) / MEBIBYTE
        _say(f"\n{before / MEBIBYTE:.0f} MiB after the first requests, {grown:+.1f} MiB after {asked:,} more")
        return grown <= MOST_GROWTH

    def _ours(self, **settings: int) -> AbstractContextManager[Running]:
        environment = {
            "UNION7510_HOME": str(self._home.root),
            "UNION7510_MAX_RATE": str(10**9),
            **{f"UNION7510_{name.upper()}": str(value) for name, value in settings.items()},
        }
        command = [str(Path(sys.executable).with_name("union7510")), "serve", "--port"]
        return _server(command, environment, "/readyz")

    def _rounds_of(self, sides: Mapping[str, tuple[Side, Path]]) -> dict[str, list[Result]]:
        measured: dict[str, list[Result]] = {name: [] for name in sides}
        for _ in range(self._rounds):
            for name, (side, bodies) in sides.items():
                with side() as server:
                    _answer(server, bodies)
                    _loaded(server, bodies, 1)
                    measured[name].append(_loaded(server, bodies, self._seconds))
        return measured

    def _bodies(self, name: str, query: str, month: str, most: int = 10_000) -> Path:
        """A file of requests: every indicator over every span of months, the same order for all."""
        catalog = load_catalog()
        months = [f"{each:%Y-%m}" for each in catalog.programme.months]
        spans = [(first, last) for first in months for last in months if first <= last]
        indicators = [each.code for each in catalog.indicators if not each.sensitive and not each.is_ratio]
        asked = ((one, *span) for span in spans for one in indicators)
        path = self._folder / f"{name}.jsonl"
        lines = [
            json.dumps(
                {
                    "query": query,
                    "variables": {
                        "indicator": indicator,
                        "from": month.format(month=first),
                        "to": month.format(month=last),
                    },
                }
            )
            for indicator, first, last in itertools.islice(asked, most)
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


# Servers


def _home(folder: Path) -> Home:
    """A home with a publication of 100,000 rows; made once, and used again."""
    home = Home((folder / f"api-{ROWS}").absolute())
    if PublicationStore(home).current_id() is None:
        shutil.rmtree(home.root, ignore_errors=True)
        lake_data.write_home(home, load_catalog(), ROWS)
        publish(home)
    return home


def _granian(application: str, file: Path) -> AbstractContextManager[Running]:
    # As `union7510 serve` starts it.
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--backpressure", "4096"]
    target = f"tests.benchmarks.api_sides:{application}"
    return _server([*command, target, "--port"], {FILE: str(file.absolute())}, "/")


def _postgraphile(database: str) -> AbstractContextManager[Running]:
    environment = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    return _server(["node", str(POSTGRAPHILE / "server.mjs"), database], environment, "/graphql")


@contextmanager
def _server(command: Sequence[str], environment: Mapping[str, str], ready: str) -> Iterator[Running]:
    """A server that answers; its port is its last argument."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    # A pipe that nobody empties would stop a server that logs.
    with tempfile.TemporaryFile(mode="w+") as errors:
        process = subprocess.Popen(
            [*command, str(port)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + _PATIENCE
            while True:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    errors.seek(0)
                    raise RuntimeError(f"{command} does not serve: {errors.read()}")
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"{address}{ready}", timeout=_PATIENCE)
                    break
                time.sleep(0.1)
            yield Running(address, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE)


def _copy(publication: Path, database: str) -> None:
    """The rows that are asked for, in PostgreSQL, with an index and a function that PostGraphile serves."""
    import psycopg2  # with the extra postgres only
    from psycopg2.extras import execute_values

    with duckdb.connect(publication, read_only=True) as source:
        tables = {
            "units": source.execute("SELECT unit, name_zh, position FROM core.units").fetchall(),
            "monthly": source.execute(
                "SELECT indicator, unit, month, numerator FROM mart.indicator_monthly"
            ).fetchall(),
        }
    with contextlib.closing(psycopg2.connect(database)) as target, target, target.cursor() as cursor:
        cursor.execute(_SCHEMA)
        for name, rows in tables.items():
            execute_values(cursor, f"INSERT INTO data.{name} VALUES %s", rows, page_size=5_000)
        cursor.execute("CREATE INDEX ON data.monthly (indicator, month)")
        cursor.execute(_FUNCTION)
    with contextlib.closing(psycopg2.connect(database)) as target:
        target.autocommit = True
        target.cursor().execute("VACUUM ANALYZE")


# Load


def _answer(server: Running, bodies: Path) -> httpx.Response:
    """The answer to the first request, which must be one without errors."""
    body = bodies.read_text(encoding="utf-8").partition("\n")[0]
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    answer = httpx.post(f"{server.address}/graphql", content=body, headers=headers, timeout=_PATIENCE)
    if answer.status_code != 200 or b'"errors"' in answer.content:
        raise RuntimeError(f"{server.address}: {answer.status_code} {answer.text[:500]}")
    return answer


def _response(server: Running, bodies: Path) -> Mapping[str, Any]:
    """The answer as bytes go out: its body, and its headers but those that the server adds by itself."""
    answer = _answer(server, bodies)
    headers = [pair for pair in answer.headers.multi_items() if pair[0] not in {"date", "server"}]
    return {"body": answer.text, "headers": headers}


def _loaded(server: Running, bodies: Path, seconds: int, every: int = 1) -> Result:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "load.lua")]
    done = subprocess.run(
        [*command, f"{server.address}/graphql", "--", str(bodies), str(every)],
        capture_output=True,
        check=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**result, "rate": result["requests"] / result["seconds"]}


# Report


def _told(measured: Mapping[str, Sequence[Result]], goals: Sequence[tuple[str, float]]) -> bool:
    """Prints what was measured; whether the first side has reached its goals against the others."""
    [(name, own), *_] = measured.items()
    _say("\n| server | requests a second | p50 ms | p99 ms | errors | ratio of each round | median | goal |")
    _say("| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |")
    reached = True
    for other, results in measured.items():
        ratios = [mine["rate"] / its["rate"] for mine, its in zip(own, results, strict=True)]
        goal = dict(goals).get(other)
        shown = ["", "", ""]
        if goal is not None:
            median = statistics.median(ratios)
            reached = reached and median >= goal
            shown = [" ".join(f"{ratio:.2f}" for ratio in ratios), f"{median:.2f}", f"{goal:g}"]
        figures = [
            f"{statistics.median(its[key] for its in results):,.{digits}f}" for key, digits in _COLUMNS
        ]
        _say(f"| {' | '.join([other, *figures, *shown])} |")
    slow = statistics.median(each["p99"] / each["p50"] for each in own)
    errors = sum(each["errors"] for each in own)
    _say(f"\n{name}: p99 is {slow:.1f} × p50 (at most {MOST_OF_MEDIAN:g}), {errors:.0f} errors")
    return reached and slow <= MOST_OF_MEDIAN and not errors


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_COLUMNS = (("rate", 0), ("p50", 1), ("p99", 1), ("errors", 0))
_SCHEMA = """
    CREATE SCHEMA data;
    CREATE SCHEMA served;
    CREATE TABLE data.units (unit text PRIMARY KEY, name_zh text NOT NULL, position integer NOT NULL);
    CREATE TABLE data.monthly (
        indicator text NOT NULL, unit text NOT NULL, month date NOT NULL, numerator numeric
    );
"""
_FUNCTION = """
    CREATE FUNCTION served.groups(indicator text, since date, until date)
    RETURNS TABLE (code text, name_zh text, value numeric, state text, numerator numeric)
    LANGUAGE sql STABLE AS $$
        SELECT
            units.unit, units.name_zh, sum(monthly.numerator),
            CASE WHEN sum(monthly.numerator) > 0 THEN 'REPORTED' WHEN count(monthly.unit) > 0 THEN 'ZERO'
                ELSE 'NOT_REPORTED' END,
            sum(monthly.numerator)
        FROM data.units AS units
        LEFT JOIN data.monthly AS monthly
            ON monthly.unit = units.unit
            AND monthly.indicator = groups.indicator
            AND monthly.month BETWEEN groups.since AND groups.until
        GROUP BY units.unit, units.name_zh, units.position
        ORDER BY units.position
    $$;
"""

if __name__ == "__main__":
    raise SystemExit(main())
