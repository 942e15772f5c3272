"""A home in which returns are handed in, checked and decided about, in this process.

What belongs here: calling the commands, handing in, checking. What does not: what is decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from etl.intake import Stated
from etl.processing import check_landed, pending
from etl.receiving import receive_files
from tests.intake.workbooks import File
from tests.support.command import Outcome, caller
from warehouse.catalog import load_catalog
from warehouse.catalog.expressions import literal
from warehouse.publications import PublicationStore
from warehouse.settings import Home

WHO = "王工"

_CHINESE, _ENGLISH = re.compile("[一-鿿]{2}"), re.compile("[a-z]+ [a-z]+ ")


@dataclass(frozen=True)
class Office:
    """The federation's office over one home."""

    home: Home

    def call(self, *arguments: object) -> Outcome:
        """One command line."""
        return caller(self.home.root, UNION7510_USER=WHO)(*arguments)

    def decide(self, *arguments: object, note: str = "依据核查结果") -> Any:
        """A decision that is taken; gives its document."""
        outcome = self.call(*arguments, "--note", note, "--json")
        assert outcome.code == 0, outcome.stderr
        return outcome.document

    def refuse(self, *arguments: object) -> str:
        """A decision that is not taken: the words, after a look that nothing was written."""
        before = self.decided()
        outcome = self.call(*arguments)
        assert (outcome.code, outcome.stdout) == (2, ""), outcome
        assert self.decided() == before
        return outcome.stderr

    def decided(self) -> dict[str, bytes]:
        """The files of the log."""
        return {path.name: path.read_bytes() for path in sorted(self.home.decisions.glob("*.json"))}

    def hand_in(self, *files: File) -> list[str]:
        """Lands files; gives the ids of the returns."""
        folder = self.home.root.parent / "files"
        folder.mkdir(exist_ok=True)
        for file in files:
            (folder / file.name).write_bytes(file.content)
        paths = [folder / file.name for file in files]
        landed = receive_files(self.home, load_catalog(), paths, Stated())
        return [one.reception.return_id for one in landed]

    def pending(self) -> list[str]:
        """Ids of the returns that the next run checks."""
        return [one.return_id for one in pending(self.home, load_catalog())]

    def check(self) -> dict[str, Mapping[str, Any]]:
        """Checks what is pending; gives the receipts by return."""
        catalog = load_catalog()
        documents = check_landed(self.home, catalog, pending(self.home, catalog))
        return {document["id"]: document for document in documents}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """An answer of the current publication."""
        store = PublicationStore(self.home)
        current = store.current_id()
        assert current is not None
        with duckdb.connect() as connection:
            # Beside whoever else has it open in this process, with other settings.
            connection.execute(
                f"ATTACH {literal(str(store.path(current)))} AS current (READ_ONLY); USE current"
            )
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            return connection.execute(sql).fetchall()


def in_both_languages(told: str) -> bool:
    """Whether a refusal says why in Chinese, and in the next line in English."""
    lines = told.partition("Error: ")[2].splitlines()
    return bool(lines) and _CHINESE.search(lines[0]) is not None and _ENGLISH.search(lines[1]) is not None


def written(folder: Path, name: str, text: str) -> Path:
    """A text file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
