"""The command ``union7510``, called in this process: as the real one, without what a process costs to start.

What belongs here: calls over one home, and what they gave. What does not: processes of their own
(``processes``), for what only these show: exit codes of the whole program, crashes, servers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner
from dagster import DagsterInstance

from etl.cli.main import command
from warehouse.settings import Home


@dataclass(frozen=True)
class Outcome:
    """What one call gave."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The document of a call with ``--json``."""
        return json.loads(self.stdout)


Call = Callable[..., Outcome]


def environment(home: Path) -> dict[str, str]:
    """The variables that name a home and its Dagster instance."""
    return {"UNION7510_HOME": str(home), "UNION7510_DAGSTER": str(home / "dagster")}


def caller(home: Path, **more: str) -> Call:
    """Calls the command in this process, over one home, with ``more`` variables.

    Dagster keeps its runs in memory: writing them into SQLite takes longer than a small run itself.
    """

    def call(*arguments: object) -> Outcome:
        with patch("etl.running.dagster_instance", lambda _: DagsterInstance.ephemeral()):
            result = CliRunner().invoke(command, [*map(str, arguments)], env={**environment(home), **more})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return call


def run(home: Home, *arguments: str | Path) -> Any:
    """Calls the command with ``--json``; gives its document.

    Exit code 1 says that data has problems, which is no failure here.
    """
    outcome = caller(home.root)(*arguments, "--json")
    assert outcome.code in {0, 1}, outcome.stderr
    return outcome.document
