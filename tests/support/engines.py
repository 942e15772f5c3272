"""Distributed engines on 127.0.0.1, and a home with rows of every ledger for them to build.

What belongs here: starting and stopping engines, the home. What does not: what is compared.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.lake_world import Return, World
from tests.support.processes import free_port
from warehouse.catalog import FieldKind, Ledger, LedgerField
from warehouse.compaction import compact

COUNTY, OTHER, CITY = "360731", "360730", "360799"
#: Until an engine answers, in seconds; Spark's Java takes half a minute on a busy machine.
_PATIENCE = 180


def make_world(root: Path) -> World:
    """Five months of returns: all states, repeated events, replaced returns, compacted and loose batches."""
    world = World(root)
    everything = {ledger.name: _rows(world, ledger, "2024-01") for ledger in world.catalog.ledgers}
    first, *_ = world.hand_in(
        Return(COUNTY, "2024-01", rows=everything),
        Return(CITY, "2024-01", rows=everything),  # the same events: they count for the county
        Return(
            OTHER, "2024-01", nil=[*everything][:9], empty=[*everything][9:12], refused=[*everything][12:]
        ),
    )
    world.hand_in(Return(OTHER, "2024-02", rows={name: rows[1:] for name, rows in everything.items()}))
    compact(world.home, everything=True)
    # Checked again with less, so that only the rows of the later batch count.
    world.check(
        {first: Return(COUNTY, "2024-01", rows={name: rows[:6] for name, rows in everything.items()})}
    )
    world.hand_in(
        Return(
            OTHER, "2024-03", rows={one.name: _rows(world, one, "2024-03") for one in world.catalog.ledgers}
        ),
        Return(COUNTY, "2024-03", rows={}, status="REJECTED"),
        Return(COUNTY, "2024-05", rows=everything, received_at="2024-07-01T08:00:00+08:00"),
    )
    return world


def _rows(world: World, ledger: Ledger, period: str) -> list[dict[str, Any]]:
    """Eight rows; the last says the same as the first, so that one event stands twice in one return."""
    first = dt.date.fromisoformat(f"{period}-01")
    rows = [
        {field.name: _value(world, field, number, first) for field in ledger.stored_fields}
        for number in range(7)
    ]
    return [*rows, rows[0]]


def _value(world: World, field: LedgerField, number: int, first: dt.date) -> Any:
    chains, clusters = world.catalog.chains, world.catalog.clusters
    match field.kind:
        case FieldKind.DATE:
            return first + dt.timedelta(days=number)
        case FieldKind.ENUM:
            return field.constraints.enum[number % len(field.constraints.enum)]
        case FieldKind.CHAIN:
            return None if number % 3 == 2 else chains[number % len(chains)].chain
        case FieldKind.CLUSTER:
            return None if number % 2 else clusters[number % len(clusters)].cluster
        case FieldKind.BOOLEAN:
            return number % 2 == 0
        case FieldKind.INTEGER:
            return number + 1
        case FieldKind.PERCENT:
            return Decimal(number * 10) + Decimal("0.3333")
        case FieldKind.DECIMAL:
            return Decimal(number) + Decimal("7.1234")
        case FieldKind.YUAN:
            return Decimal(number * 1000) + Decimal("0.07")
        case _:
            return f"第 {number} 项 'it''s' \\\\ \"{first:%m}\""


@contextmanager
def sail_cluster() -> Iterator[str]:
    """Sail with a driver and workers that talk over the network, as on many machines; gives its address."""
    with patch.dict(os.environ, {"SAIL_MODE": "local-cluster", "RUST_LOG": "error"}):
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start()
    try:
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
    finally:
        server.stop()


def spark_home() -> Path | None:
    """Where the whole of Spark lies: ``make spark`` puts it there."""
    folder = Path(__file__).parents[2] / ".venv-spark" / "pyspark"
    return folder if folder.is_dir() else None


def java() -> str | None:
    """The java that Spark starts."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[str]:
    """A standalone master, its workers and a Connect server, each a process; gives the server's address."""
    home = spark_home()
    assert home is not None
    ports = {name: free_port() for name in ("master", "master_page", "connect")}
    master = f"spark://127.0.0.1:{ports['master']}"
    cluster = "org.apache.spark.deploy"
    with ExitStack() as stack:
        start = _starter(stack, home, folder)
        start(f"{cluster}.master.Master", "--host", "127.0.0.1", "--port", ports["master"], "--webui-port",
              ports["master_page"])  # fmt: skip
        _wait_for(ports["master"])
        for number in range(workers):
            start(f"{cluster}.worker.Worker", "--host", "127.0.0.1", "--webui-port", free_port(),
                  "--cores", 1, "--memory", "2g", "--work-dir", folder / f"worker-{number}",
                  master)  # fmt: skip
        start(f"{cluster}.SparkSubmit", "--master", master, "--class",
              "org.apache.spark.sql.connect.service.SparkConnectServer",
              "--conf", "spark.connect.grpc.binding.address=127.0.0.1",
              "--conf", f"spark.connect.grpc.binding.port={ports['connect']}",
              "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1",
              "--conf", "spark.ui.enabled=false", "--conf", "spark.executor.memory=2g",
              "--conf", "spark.sql.shuffle.partitions=4",
              "--conf", f"spark.sql.warehouse.dir={folder / 'warehouse'}", "spark-internal")  # fmt: skip
        _wait_for(ports["connect"])
        yield f"sc://127.0.0.1:{ports['connect']}"


def _starter(stack: ExitStack, home: Path, folder: Path) -> Any:
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    folder.mkdir(parents=True, exist_ok=True)

    def start(*arguments: object) -> None:
        log = stack.enter_context((folder / f"{len(list(folder.iterdir()))}.log").open("wb"))
        process = subprocess.Popen(
            [home / "bin" / "spark-class", *map(str, arguments)],
            env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        stack.callback(_stop, process)

    return start


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"nobody answers on port {port}")
