"""The files of docs/deploy: that they fit together, the checkout, and what systemd understands."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parents[1]
DEPLOY = CHECKOUT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def instance(path: Path) -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return settings


def test_the_instance_of_a_server_differs_in_its_storage_alone() -> None:
    ours, servers = instance(CHECKOUT / "dagster.yaml"), instance(DEPLOY / "dagster.yaml")
    assert set(ours.pop("storage")) == {"sqlite"}
    assert set(servers.pop("storage")) == {"postgres"}
    assert servers == ours


def test_every_variable_of_the_instance_is_set() -> None:
    wanted = set(re.findall(r"env: (\w+)", (DEPLOY / "dagster.yaml").read_text(encoding="utf-8")))
    environment = (DEPLOY / "union7510.env").read_text(encoding="utf-8")
    assert wanted <= set(re.findall(r"^(\w+)=", environment, re.MULTILINE))


def test_the_workspace_names_the_server_that_the_unit_starts() -> None:
    [server] = [
        one["grpc_server"] for one in yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"]
    ]
    command = (DEPLOY / "union7510-code.service").read_text(encoding="utf-8")
    assert f"--host {server['host']} --port {server['port']}" in command


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units() -> None:
    assert len(UNITS) == 4
    done = subprocess.run(
        ["/usr/bin/systemd-analyze", "verify", *UNITS], capture_output=True, text=True, check=False
    )
    # The programs are installed on a server, not here; a machine may lack the documented services, too.
    lines = (done.stdout + done.stderr).splitlines()
    ours = [line for line in lines if "union7510" in line and "is not executable" not in line]
    assert ours == []
