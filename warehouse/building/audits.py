"""Questions that a candidate must answer with no row before it may be published.

What belongs here: running the SQL of ``warehouse/audits`` and reporting what it finds. What does not: the
questions themselves, what a failed one leads to (the caller).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.building.models import leading_comment

AUDITS_DIRECTORY = Path(__file__).parent.parent / "audits"
#: What these find is told loudly, and does not keep a candidate from being published.
WARNINGS_DIRECTORY = AUDITS_DIRECTORY / "warnings"
#: So many offending rows are shown; all are counted.
SAMPLE_ROWS = 5


@dataclass(frozen=True)
class AuditResult:
    """``description`` says what holds; ``sample`` shows some of the rows for which it does not."""

    name: str
    description: str
    offending: int
    sample: tuple[dict[str, Any], ...]

    @property
    def passed(self) -> bool:
        return self.offending == 0


def audit_names(directory: Path = AUDITS_DIRECTORY) -> dict[str, str]:
    """Description of each audit by its name."""
    paths = sorted(directory.glob("*.sql"))
    return {path.stem: leading_comment(path.read_text(encoding="utf-8")) for path in paths}


def run_audits(
    connection: duckdb.DuckDBPyConnection, directory: Path = AUDITS_DIRECTORY
) -> tuple[AuditResult, ...]:
    """Asks every question; a broken rule is a result, not an exception."""
    return tuple(run_audit(connection, path) for path in sorted(directory.glob("*.sql")))


def run_audit(connection: duckdb.DuckDBPyConnection, path: Path) -> AuditResult:
    """Asks the question of one file."""
    sql = path.read_text(encoding="utf-8")
    found = connection.execute(f"SELECT count(*) OVER () AS offending, * FROM ({sql}) LIMIT ?", [SAMPLE_ROWS])
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    offending = rows[0]["offending"] if rows else 0
    sample = tuple({name: row[name] for name in names[1:]} for row in rows)
    return AuditResult(path.stem, leading_comment(sql), offending, sample)
