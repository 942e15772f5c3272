"""Which models run on a distributed engine.

What belongs here: the rule. What does not: how they run there (``remote``).

What depends on the rows of ledgers is worth it, as far as it reads rows itself or a mart needs it: tables of
ledgers, duplicates, every figure. What is known without rows (code lists, which return is in force, coverage)
is small, is built by DuckDB before, and is handed over; so is, after it, what only tells about the build.
"""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.building.models import Model
from warehouse.catalog import Catalog

#: Helpers that an engine makes and DuckDB makes, too: their numbers of events are those of whoever made them.
OF_EACH_ENGINE = frozenset({"stage.repeated_keys"})


def row_inputs(catalog: Catalog) -> frozenset[str]:
    """The tables of the lake that have a row for each row of a ledger."""
    return frozenset({"lake.rows", *(f"lake.{ledger.name}" for ledger in catalog.ledgers)})


def placed_remotely(models: Iterable[Model], catalog: Catalog) -> frozenset[str]:
    """Names of the models that run on the engine; ``models`` in the order of building."""
    ordered, inputs = [*models], row_inputs(catalog)
    direct = {model.qualified_name for model in ordered if inputs & {*model.inputs}}
    by_rows = set(direct)
    for model in ordered:
        if by_rows & {*model.dependencies}:
            by_rows.add(model.qualified_name)
    wanted = {model.qualified_name for model in ordered if model.schema == "mart"} | direct
    for model in reversed(ordered):
        if model.qualified_name in wanted:
            wanted |= {*model.dependencies}
    return frozenset(wanted & by_rows)
