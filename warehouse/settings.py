"""Where things lie and how large they may be: the only module that reads the environment."""

from __future__ import annotations

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
    def landing(self) -> Path:
        return self.root / "landing"

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
