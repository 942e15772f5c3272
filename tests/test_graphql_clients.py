"""Other people's programs work with the server: the public suite of audits, and the clients dashboards use.

What belongs here: one served publication, and each program once over it. What does not: the details of the
protocols (``test_graphql_http``, ``test_graphql_live``).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reading_world import copied_home
from tests.support.served import served
from warehouse.settings import Home

CLIENTS = Path(__file__).parent / "clients"
#: Longer than any of the programs takes, in seconds.
PATIENCE = 120

NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    NODE is None or not (CLIENTS / "node_modules" / "graphql-http").is_dir(),
    reason="Node's clients are not installed: it takes Node 20 with npm, and `make clients`",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return copied_home(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def address(home: Home) -> Iterator[str]:
    with served(home) as address:
        yield f"{address}/graphql"


def node(script: str, *arguments: str | Path) -> str:
    """What a script of tests/clients prints."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, CLIENTS / script, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_all_audits_of_graphql_over_http_pass(address: str) -> None:
    audits = [line.split("\t") for line in node("audit.mjs", address).splitlines()]
    assert [audit for audit in audits if audit[0] != "ok"] == []
    assert len(audits) == 61
