"""How the code lists of two publications differ: indicators, targets, units, chains, ledgers.

What belongs here: entries that came, went or changed. What does not: figures (``comparing``, which attaches
the two files).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from warehouse.catalog.expressions import identifier, literal
from warehouse.history.manifest import records

#: The lists in schema core, and the columns that tell their entries apart as far as a file has them.
_LISTS: Mapping[str, tuple[str, ...]] = {
    "measures": ("measure",),
    "indicators": ("indicator",),
    "targets": ("indicator", "year", "level", "unit", "valid_from"),
    "units": ("unit",),
    "chains": ("chain",),
    "clusters": ("cluster",),
    "ledgers": ("ledger",),
}

#: Columns of each table of either side, by side and schema.name.
Columns = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True)
class CatalogChange:
    """An entry of a code list that was ``added``, ``removed``, or ``changed`` in one column."""

    code_list: str
    entry: str
    change: str
    column: str | None
    before: str | None
    after: str | None


def catalog_changes(
    connection: duckdb.DuckDBPyConnection, before: str, after: str, columns: Columns
) -> Iterator[CatalogChange]:
    """Every difference between the databases ``before`` and ``after``; one statement a list."""
    for code_list, names in _LISTS.items():
        table = f"core.{code_list}"
        common = columns[before, table] & columns[after, table]
        key = [name for name in names if name in common]
        sql = _differences(f"{before}.{table}", f"{after}.{table}", key, common - {*key, "position"})
        for row in records(connection, sql):
            yield CatalogChange(code_list, **row)


def _differences(before: str, after: str, key: Sequence[str], others: Iterable[str]) -> str:
    """A row an entry that one side lacks, and a row a column in which an entry of both differs."""
    entry = ", ".join(f"coalesce(b.{identifier(name)}, a.{identifier(name)})" for name in key)
    same = " AND ".join(f"a.{identifier(name)} IS NOT DISTINCT FROM b.{identifier(name)}" for name in key)
    sides = f"""
        (SELECT *, TRUE AS here FROM {before}) AS b
        FULL JOIN (SELECT *, TRUE AS here FROM {after}) AS a ON {same}"""
    lacking = f"""
        SELECT
            concat_ws(' ', {entry}) AS entry,
            CASE WHEN b.here THEN 'removed' ELSE 'added' END AS change,
            CAST(NULL AS VARCHAR) AS "column",
            CAST(NULL AS VARCHAR) AS before,
            CAST(NULL AS VARCHAR) AS after
        FROM {sides}
        WHERE b.here IS NULL OR a.here IS NULL"""
    changed = [
        f"""
        SELECT
            concat_ws(' ', {entry}),
            'changed',
            {literal(name)},
            CAST(b.{identifier(name)} AS VARCHAR),
            CAST(a.{identifier(name)} AS VARCHAR)
        FROM {sides}
        WHERE b.here AND a.here AND b.{identifier(name)} IS DISTINCT FROM a.{identifier(name)}"""
        for name in sorted(others)
    ]
    return f'FROM ({" UNION ALL ".join([lacking, *changed])}) ORDER BY entry, "column"'
