"""The instance of a server: runs and events in a real PostgreSQL, by docs/deploy/dagster.yaml.

What belongs here: that the documented file works. What does not: PostgreSQL's own set-up on a server
(docs/operations.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.intake.workbooks import ledger
from tests.support.command import run
from tests.support.postgres import INITDB, Server, postgresql
from tests.support.processes import start
from warehouse.settings import Home

CHECKOUT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(
    INITDB is None, reason="PostgreSQL is not installed: apt-get install postgresql"
)


@pytest.fixture
def server() -> Iterator[Server]:
    with postgresql() as server:
        yield server


def test_the_documented_instance_keeps_runs_in_postgresql(
    server: Server, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dagster_postgres", reason="the extra postgres is not installed")
    documented = (CHECKOUT / "docs/deploy/dagster.yaml").read_text(encoding="utf-8")
    assert "port: 5432" in documented
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "dagster.yaml").write_text(documented.replace("port: 5432", f"port: {server.port}"), "utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    monkeypatch.setenv("UNION7510_DAGSTER", str(home.dagster))
    monkeypatch.setenv("UNION7510_POSTGRES_HOST", "127.0.0.1")
    monkeypatch.setenv("UNION7510_POSTGRES_DATABASE", "postgres")
    monkeypatch.setenv("UNION7510_POSTGRES_USER", "union7510")
    monkeypatch.setenv("UNION7510_POSTGRES_PASSWORD", "secret")
    file = ledger("师带徒", name="于都县_2024-03.xlsx")
    (tmp_path / file.name).write_bytes(file.content)
    run(home, "submit", tmp_path / file.name)
    with start(home, "ingest", "--json") as ingest:
        output, errors = ingest.communicate()
    assert ingest.returncode == 0, errors
    assert json.loads(output)["publication"] == "000001"
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        assert type(instance.run_storage).__module__.startswith("dagster_postgres")
        [kept] = instance.get_runs()
        assert (kept.job_name, kept.status) == ("ingest_returns", dg.DagsterRunStatus.SUCCESS)
        [event] = instance.fetch_materializations(dg.AssetKey("publication"), limit=5).records
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["publication"].value == "000001"
    # Beside it, Dagster has written no database of its own.
    assert [*home.dagster.rglob("*.db")] == []
