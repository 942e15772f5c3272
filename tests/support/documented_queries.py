"""The queries of docs/queries.md, and their answers as the page shows them.

    python -m tests.support.documented_queries

writes the answers anew. What belongs here: finding, asking and writing. What does not: the data that is asked
(``sample_home``).
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.support.sample_home import make_sample_home
from warehouse.publications import PublicationStore
from warehouse.settings import Home

PAGE = Path(__file__).parents[2] / "docs" / "queries.md"
_NULL = "NULL"
#: A query, and the table below it that answers.
_BLOCK = re.compile(
    r"```sql\n(?P<sql>.*?)```\n\n<!-- answer -->\n(?:\n(?P<answer>(?:\|[^\n]*\n)+))?", re.DOTALL
)

#: Names of the columns, then the rows; all as text.
Answer = list[list[str]]
Ask = Callable[[str], Answer]


def documented(page: str) -> list[tuple[str, str]]:
    """Each query and the table that answers it, as they stand in the page."""
    return [(found["sql"], found["answer"] or "") for found in _BLOCK.finditer(page)]


def answered(page: str, ask: Ask) -> str:
    """The page with every answer as it is now."""
    return _BLOCK.sub(
        lambda found: f"```sql\n{found['sql']}```\n\n<!-- answer -->\n\n{as_table(ask(found['sql']))}", page
    )


def as_table(answer: Answer) -> str:
    """An answer in Markdown."""
    names, *rows = answer
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def ask_python(home: Home) -> Ask:
    """Asks the current publication with DuckDB's Python client, as an analyst does who opens the file."""
    file = _current(home)

    def ask(sql: str) -> Answer:
        # An attached file is named as it lies beside the open one.
        with contextlib.chdir(home.publications), duckdb.connect(file.name, read_only=True) as connection:
            found = connection.execute(sql)
            names = [column[0] for column in found.description or ()]
            return [names, *([_text(value) for value in row] for row in found.fetchall())]

    return ask


def ask_command_line(home: Home, command: Sequence[str | Path]) -> Ask:
    """Asks with another client: a command that takes a file and SQL and prints CSV."""
    file = _current(home)

    def ask(sql: str) -> Answer:
        options = ["-readonly", "-csv", "-header", "-nullvalue", _NULL]
        done = subprocess.run(
            [*command, *options, file.name, sql],
            cwd=home.publications,
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return [*csv.reader(io.StringIO(done.stdout))]

    return ask


def _current(home: Home) -> Path:
    store = PublicationStore(home)
    current = store.current_id()
    assert current is not None
    return store.path(current)


def _text(value: Any) -> str:
    """A value as the command line prints it."""
    if value is None:
        return _NULL
    return str(value).lower() if isinstance(value, bool) else str(value)


def main() -> None:
    """Writes the page."""
    with tempfile.TemporaryDirectory() as folder:
        home = make_sample_home(Path(folder))
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(answered(page, ask_python(home)), encoding="utf-8")


if __name__ == "__main__":
    main()
