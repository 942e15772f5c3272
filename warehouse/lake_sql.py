"""SQL that reads files of the lake, whether they hold one batch or many.

What belongs here: the FROM clauses. What does not: which rows of them count (``building.inputs``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from warehouse.catalog.expressions import literal
from warehouse.spans import Span


def read_spans(found: Sequence[Span], file_name: str, *, is_optional: bool = False) -> str:
    """``UNION ALL BY NAME SELECT …`` of every row of a file in these folders, with its ``batch_number``.

    Empty where there is no file. ``is_optional`` leaves out the folders that do not have it.
    """
    paths = [(span.is_compacted, span.path / file_name) for span in found]
    if is_optional:
        paths = [(is_compacted, path) for is_compacted, path in paths if path.exists()]
    single = [path for is_compacted, path in paths if not is_compacted]
    compacted = [path for is_compacted, path in paths if is_compacted]
    sql = ""
    if compacted:
        sql += f" UNION ALL BY NAME SELECT * FROM read_parquet({path_list(compacted)}, union_by_name = true)"
    if single:
        sql += (
            " UNION ALL BY NAME"
            " SELECT * EXCLUDE (filename), CAST(parse_path(filename)[-2] AS INTEGER) AS batch_number"
            f" FROM read_parquet({path_list(single)}, union_by_name = true, filename = true)"
        )
    return sql


def path_list(paths: Iterable[Path]) -> str:
    """Paths as a list of literals."""
    return f"[{', '.join(literal(str(path)) for path in paths)}]"
