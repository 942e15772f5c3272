"""The instance of a server: runs and events in a real PostgreSQL, by docs/deploy/dagster.yaml.

What belongs here: that the documented file works. What does not: PostgreSQL's own set-up on a server
(docs/operations.md).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from tests.intake.workbooks import ledger
from tests.support.command import run
from tests.support.processes import free_port
from warehouse.settings import Home

CHECKOUT = Path(__file__).parents[1]
_BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
_USER = "postgres"

pytestmark = pytest.mark.skipif(
    _BINARIES is None, reason="PostgreSQL is not installed: apt-get install postgresql"
)


@dataclass(frozen=True)
class Server:
    """A running server on 127.0.0.1."""

    port: int


def _as_user(folder: Path, *command: str | Path) -> None:
    """PostgreSQL refuses to run as root."""
    user = pwd.getpwnam(_USER).pw_uid if os.geteuid() == 0 else None
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, user=user, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)


@pytest.fixture
def server() -> Iterator[Server]:
    assert _BINARIES is not None
    binaries, port = _BINARIES.parent, free_port()
    # pytest's folders are not open to other users.
    folder = Path(tempfile.mkdtemp(prefix="union7510-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
        password = folder / "password"
        password.write_text("secret\n", encoding="ascii")
        password.chmod(0o644)
        data, log = folder / "data", folder / "log"
        login = ("-A", "scram-sha-256", "-U", "union7510", "--pwfile", password)
        _as_user(folder, binaries / "initdb", "--no-sync", *login, "-E", "UTF8", "-D", data)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        control: Sequence[str | Path] = (binaries / "pg_ctl", "-w", "-D", data, "-l", log)
        _as_user(folder, *control, "-o", options, "start")
        try:
            yield Server(port)
        finally:
            _as_user(folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    assert run(home, "ingest")["publication"] == "000001"
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        assert type(instance.run_storage).__module__.startswith("dagster_postgres")
        [kept] = instance.get_runs()
        assert (kept.job_name, kept.status) == ("ingest_returns", dg.DagsterRunStatus.SUCCESS)
        [event] = instance.fetch_materializations(dg.AssetKey("publication"), limit=5).records
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["publication"].value == "000001"
    # Beside it, Dagster has written no database of its own.
    assert [*home.dagster.rglob("*.db")] == []
