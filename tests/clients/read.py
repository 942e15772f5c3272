"""What an analyst's process reads of a publication, with Python's DuckDB or the command line of DuckDB 1.x.

    python read.py python|command-line FOLDER QUERIES LAST

Opens the file that CURRENT names in the publications folder, asks the queries of a file (one a line) and
closes it, again and again until it has read publication LAST. Prints the publication's number and the rows of
each query as one line of JSON, values as DuckDB writes them as text, whenever it is not what it read just
before. Nothing of this project is imported: analysts have none of it.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_COMMAND_LINE = Path(sys.executable).with_name("duckdb")
#: Between two times, so that the builds have the machine, in seconds.
_PAUSE = 0.2

Rows = list[list[str | None]]


def read_with_python(file: Path, queries: Sequence[str]) -> list[Rows]:
    import duckdb  # the other reader does without

    with duckdb.connect(file, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        answers = (connection.execute(query).fetchall() for query in queries)
        return [[[_text(value) for value in row] for row in rows] for rows in answers]


def read_with_command_line(file: Path, queries: Sequence[str]) -> list[Rows]:
    script = ";\n".join(["SET TimeZone = 'UTC'", *queries])
    done = subprocess.run(
        [_COMMAND_LINE, "-readonly", "-json", file, script],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    decoder, rest, answers = json.JSONDecoder(parse_float=str, parse_int=str), done.stdout.strip(), []
    while rest:
        rows, end = decoder.raw_decode(rest)
        answers.append([[_text(value) for value in row.values()] for row in rows])
        rest = rest[end:].strip()
    return answers


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return str(value).removesuffix(":00")
    return None if value is None else str(value)


_READERS: dict[str, Callable[[Path, Sequence[str]], list[Rows]]] = {
    "python": read_with_python,
    "command-line": read_with_command_line,
}


def main(client: str, folder: Path, queries: Path, last: str) -> None:
    asked, printed = queries.read_text(encoding="utf-8").splitlines(), ""
    while True:
        publication = (folder / "CURRENT").read_text(encoding="ascii").strip()
        answers = _READERS[client](folder / f"warehouse-{publication}.duckdb", asked)
        line = json.dumps([publication, answers], ensure_ascii=False)
        if line != printed:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            printed = line
        if publication >= last:
            return
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
