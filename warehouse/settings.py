"""Where things lie, and what the environment sets.

What belongs here: the home folder, and reading variables. What does not: what a variable of one part means
(``etl.limits``, ``graphql_api.settings``).
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folder that holds all that is written at run time (``UNION7510_HOME``, default ``var``)."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        return cls(Path(os.environ.get("UNION7510_HOME") or "var").absolute())

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def decisions(self) -> Path:
        return self.root / "decisions"

    @property
    def tokens(self) -> Path:
        return self.root / "tokens"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def publications(self) -> Path:
        return self.root / "publications"

    @property
    def receipts(self) -> Path:
        return self.root / "receipts"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"


def environment(prefix: str) -> dict[str, str]:
    """The variables of this process whose names begin with ``prefix``."""
    return {name: value for name, value in os.environ.items() if name.startswith(prefix)}


def user() -> str | None:
    """Who works here: ``UNION7510_USER``, else the name that the operating system tells; None without one."""
    named = os.environ.get("UNION7510_USER", "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
