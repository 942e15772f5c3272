"""The audits of a build, asked once more of the published file.

What belongs here: bringing back what the audits read besides the file: helper models, and the lake as it was.
What does not: the audits, and what a failed one leads to (the caller).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.building import inputs
from warehouse.building.audits import AUDITS_DIRECTORY, AuditResult, run_audit
from warehouse.building.before import load_before
from warehouse.building.build import DATABASE, lay_out, workbench
from warehouse.building.models import Model, all_models, tables_read
from warehouse.catalog import Catalog
from warehouse.catalog.expressions import identifier, literal
from warehouse.settings import Home


@dataclass(frozen=True)
class Unasked:
    """An audit that could not be asked, and why."""

    name: str
    reason: str


def audit_again(
    home: Home, catalog: Catalog, file: Path, before: Path | None
) -> Iterator[AuditResult | Unasked]:
    """Asks every audit of a published file, with the batches of the lake from which it was built.

    ``before`` is the publication after which it was published, if it is still there.

    A file that other code built may lack what an audit reads: that one is not asked.
    """
    with workbench(home) as connection:
        models = all_models(catalog)
        connection.execute(f"ATTACH {literal(str(file))} AS {DATABASE} (READ_ONLY)")
        trouble = _load(connection, home, catalog)
        lay_out(connection, models)
        load_before(connection, DATABASE, before)
        for path in sorted(AUDITS_DIRECTORY.glob("*.sql")):
            needed = _needed(path, models)
            if trouble is not None and any(model_or_input.startswith(_LOADED) for model_or_input in needed):
                yield Unasked(path.stem, trouble)
                continue
            try:
                _create(connection, models, needed)
                yield run_audit(connection, path)
            except duckdb.Error as error:
                yield Unasked(path.stem, str(error).strip().splitlines()[0])


#: Schemas of what is read from the home beside the file.
_LOADED = ("lake.", "landing.")


def _load(connection: duckdb.DuckDBPyConnection, home: Home, catalog: Catalog) -> str | None:
    """Lake, landing and catalog; says in words what of the lake cannot be read."""
    inputs.load_catalog_tables(connection, catalog)
    try:
        inputs.load_receptions(connection, home, as_of=DATABASE)
        inputs.load_lake(connection, home, catalog, as_of=DATABASE)
    except (duckdb.Error, OSError) as error:
        return f"the lake cannot be read: {str(error).strip().splitlines()[0]}"
    return None


def _needed(audit: Path, models: list[Model]) -> list[str]:
    """What the audit reads besides published tables, through helper models too, in the order of building."""
    reads = set(tables_read(audit.read_text(encoding="utf-8")))
    helpers = []
    for model in reversed(models):
        if not model.is_published and model.qualified_name in reads:
            helpers.append(model.qualified_name)
            reads |= {*model.dependencies, *model.inputs}
    published = {model.qualified_name for model in models if model.is_published}
    return [*sorted(reads - {*helpers} - published), *reversed(helpers)]


def _create(connection: duckdb.DuckDBPyConnection, models: list[Model], needed: list[str]) -> None:
    for model in models:
        if model.qualified_name in needed:
            name = f"memory.{model.schema}.{identifier(model.name)}"
            kind = "VIEW" if model.is_view else "TABLE"
            connection.execute(f"CREATE {kind} IF NOT EXISTS {name} AS\n{model.sql}")
