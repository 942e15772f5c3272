"""Distributed engines: the same publication, whichever engine computed it, and words where none can.

Sail runs as a cluster in every suite. Spark itself, with a master and two workers, takes minutes: `make
test-spark`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lake_world import World
from tests.reading_world import publish
from tests.support.command import caller
from tests.support.engines import java, make_world, sail_cluster, spark_cluster, spark_home
from tests.support.processes import different_tables, figures, free_port
from warehouse.building.models import all_models
from warehouse.engines.placing import placed_remotely

_NO_ENGINE = "pysail and pyspark's client are not installed: make engines"
needs_client = pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason=_NO_ENGINE)


@pytest.fixture(autouse=True)
def _main_has_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pyspark takes a process whose main module is no file, as xdist's workers are, for its own doctests."""
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A home that DuckDB has published."""
    world = make_world(tmp_path_factory.mktemp("engines") / "home")
    publish(world)
    return world


@pytest.fixture
def sail() -> Iterator[str]:
    pytest.importorskip("pysail", reason=_NO_ENGINE)
    with sail_cluster() as remote:
        yield remote


@needs_client
def test_a_cluster_of_sail_publishes_the_same(world: World, sail: str) -> None:
    _publishes_the_same(world, sail)


@needs_client
@pytest.mark.skipif("UNION7510_TEST_BUCKET" not in os.environ, reason="docs/scale.md: how to try a bucket")
def test_an_engine_reads_and_writes_in_a_bucket(world: World, sail: str) -> None:
    for _ in range(2):  # the lake's files are there the second time
        _publishes_the_same(world, sail, "--bucket", os.environ["UNION7510_TEST_BUCKET"])


@needs_client
@pytest.mark.slow
@pytest.mark.skipif(java() is None, reason="Spark needs Java: apt-get install openjdk-17-jre-headless")
@pytest.mark.skipif(spark_home() is None, reason="the whole of Spark is not installed: make spark")
def test_a_cluster_of_spark_publishes_the_same(world: World, tmp_path: Path) -> None:
    with spark_cluster(tmp_path / "spark") as remote:
        _publishes_the_same(world, remote)


def _publishes_the_same(world: World, remote: str, *more: str) -> None:
    by_duckdb = figures(world.home)
    call = caller(world.home.root)
    made = call("publish", "--engine", "spark", "--remote", remote, *more, "--json")
    assert made.code == 0, made.stderr
    assert made.document["remote"] == remote
    by_engine = figures(world.home)
    assert different_tables(by_duckdb, by_engine) == []
    assert not [name for name in ("core.duplicates", "mart.small_number_swaps") if not by_engine[name]]
    assert sum(by_engine["mart.indicator_contributions"].values()) > 300
    verified = call("verify", made.document["publication"]).stdout
    wrong = [
        line for line in verified.splitlines() if line.startswith("WRONG") and "landed files" not in line
    ]
    assert wrong == [], verified  # the returns of this home were never files
    assert re.search(r"^holds: \d+ audits$", verified, re.MULTILINE), verified
    assert not [path for path in world.home.publications.iterdir() if path.is_dir()]


def test_what_depends_on_rows_runs_on_the_engine_as_far_as_marts_need_it(world: World) -> None:
    models = all_models(world.catalog)
    placed = placed_remotely(models, world.catalog)
    ledgers = {f"core.{ledger.name}" for ledger in world.catalog.ledgers}
    assert ledgers | {"core.duplicates", "mart.indicator_monthly", "mart.indicator_progress"} <= placed
    marts = {model.qualified_name for model in models if model.schema == "mart"}
    assert marts - placed == {"mart.reporting_status"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--remote", "sc://127.0.0.1:1"], 2, "--remote goes with --engine spark"),
        (["--engine", "spark"], 2, "needs --remote"),
        (["--engine", "spark", "--remote", "http://127.0.0.1:1"], 2, "write it like sc://127.0.0.1:15002"),
        (["--engine", "spark", "--remote", "sc://127.0.0.1:99999"], 2, "write it like sc://127.0.0.1:15002"),
        (["--bucket", "s3://bucket"], 2, "--bucket goes with --engine spark"),
        (["--engine", "spark", "--remote", "sc://127.0.0.1:1", "--bucket", "/srv"], 2, "s3://bucket/folder"),
    ],
    ids=["no engine", "no remote", "no address", "no port", "a bucket for nobody", "no bucket"],
)
def test_a_call_that_is_wrong_is_told(world: World, arguments: list[str], code: int, words: str) -> None:
    made = caller(world.home.root)("publish", *arguments)
    assert made.code == code
    assert words in made.stderr


@needs_client
def test_nobody_at_the_remote_is_told(world: World) -> None:
    made = caller(world.home.root)(
        "publish", "--engine", "spark", "--remote", f"sc://127.0.0.1:{free_port()}"
    )
    assert made.code == 3
    assert "nobody answers at sc://127.0.0.1:" in made.stderr


def test_a_missing_client_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    made = caller(world.home.root)("publish", "--engine", "spark", "--remote", "sc://127.0.0.1:15002")
    assert made.code == 3
    assert "pip install 'union7510[spark]'" in made.stderr


def test_there_is_nothing_to_publish_from_at_first(tmp_path: Path) -> None:
    made = caller(tmp_path / "home")("publish")
    assert made.code == 2
    assert "nothing has been checked yet" in made.stderr
