"""One ledger as a return delivers it on one sheet, and what that means once its data rows were counted.

What belongs here: the shape of a delivered sheet; rows, nil, empty or refused. What does not: finding the
sheet (``reading``), its rows (``statements``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa

from etl.intake.findings import Finding
from etl.intake.form import Declared

SheetState = Literal["rows", "nil", "empty", "refused"]


@dataclass(frozen=True)
class TextBody:
    """The rows of a large text file of ``lines`` lines.

    ``first_line`` lines and ``first_row`` - 1 rows come before them.
    """

    path: Path
    delimiter: str
    first_line: int
    first_row: int
    width: int
    lines: int


@dataclass(frozen=True)
class LedgerSheet:
    """One ledger as it stands on one sheet.

    ``table`` holds the texts of the rows below the header (``extraction``), or ``body`` says where they are.
    ``declared`` is what the cover says of it, ``own_words`` what a row says in the place of data.
    ``indexes`` and ``letters`` say where a field's column stands. Of a ``refused`` sheet no row is accepted.
    """

    ledger: str
    sheet: str
    cell: str = "A1"
    header_row: int | None = None
    indexes: Mapping[str, int] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, int] = field(default_factory=dict)
    date1904: bool = False
    table: pa.Table | None = None
    body: TextBody | None = None
    declared: Declared | None = None
    own_words: Declared | None = None
    refused: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def row_count(self) -> int:
        """Rows in memory, the blank ones too."""
        return self.table.num_rows if self.table is not None else 0

    def settle(self, data_rows: int) -> tuple[SheetState, tuple[Finding, ...]]:
        """What the sheet is, given how many of its rows are data, and what is wrong with it as a whole."""
        said = [one for one in (self.declared, self.own_words) if one is not None]
        nil = next((one for one in said if one.state == "nil"), None)
        if data_rows == 0:
            return self._without_rows(said, nil)
        if nil is not None:
            return "refused", (*self.findings, self._finding("R106", nil))
        return ("refused" if self.refused else "rows"), self.findings

    def _without_rows(
        self, said: Sequence[Declared], nil: Declared | None
    ) -> tuple[SheetState, tuple[Finding, ...]]:
        if self.refused and (self.header_row is None or self._is_doubled):
            return "refused", self.findings
        if nil is not None:
            return "nil", ()
        if any(one.state == "missing" for one in said):
            return "empty", ()
        strange = next((one for one in said if one.state == "unknown"), None)
        if strange is not None:
            return "empty", (self._finding("R105", strange),)
        return "empty", (Finding("R105", sheet=self.sheet, ledger=self.ledger, cell=self.cell),)

    @property
    def _is_doubled(self) -> bool:
        """Whether no column is known because each label stands twice: nobody can tell if there are rows."""
        return not self.indexes and any(one.rule == "R103" for one in self.findings)

    def _finding(self, rule: str, said: Declared) -> Finding:
        return Finding(rule, sheet=said.sheet, ledger=self.ledger, cell=said.cell, found=said.text)
