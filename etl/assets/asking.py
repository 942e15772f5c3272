"""Questions that the assets ask of a built file: what checks judge, and what their pages show.

What belongs here: running the SQL of ``etl/assets/sql``. What does not: figures for users
(``warehouse.reading``), audits (``warehouse.building``).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from warehouse.publications import open_for_reading

_SQL = Path(__file__).parent / "sql"


def ask(file: Path, question: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    """The rows that answer ``sql/QUESTION.sql``: few, a month or a unit each."""
    with closing(open_for_reading(file)) as connection:
        found = connection.execute(_sql(question), dict(parameters))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@functools.cache
def _sql(question: str) -> str:
    return (_SQL / f"{question}.sql").read_text(encoding="utf-8")
