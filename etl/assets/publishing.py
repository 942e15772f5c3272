"""Assets of the warehouse: every table of the candidate, its audits, and the publication.

What belongs here: what Dagster shows of a build. What does not: the tables' SQL (``warehouse/models``).
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from etl.assets.common import OWNERS, WRITER_POOL
from etl.completing import complete_receipts
from warehouse import storage
from warehouse.building import AuditResult, BuildResult, Model, build_candidate, model_specs
from warehouse.building.audits import WARNINGS_DIRECTORY, audit_names
from warehouse.catalog import Catalog
from warehouse.publications import PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version

#: The asset that readers see: the pointer to the newest audited file.
PUBLICATION = "publication"

#: Inputs of a build that come from returns and decisions about them; the others come from the catalog.
_RETURNS_SCHEMAS = ("lake", "landing", "decisions")

#: The table to which an audit's result is attached.
_AUDITED = "mart.indicator_progress"
#: The table to which a warning's result is attached.
_WARNED_OF = "core.corrections"


def warehouse_assets(
    home: Home, catalog: Catalog, checked_returns: dg.AssetsDefinition
) -> list[dg.AssetsDefinition]:
    """One asset a published table, made by one step that also audits them, and the publication."""
    models = model_specs(catalog)
    candidates = _Candidates(home)

    @dg.multi_asset(
        name="warehouse_tables",
        specs=[_table_spec(model, checked_returns) for model in models],
        check_specs=[*_check_specs()],
        pool=WRITER_POOL,
        required_resource_keys={"writer_lock"},
    )
    def warehouse_tables(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        result = build_candidate(
            home, catalog, candidates.path(context.run.run_id), code_version=code_version()
        )
        for model in models:
            yield _table_result(model, result)
        for audit in result.audits:
            yield _check_result(audit, _AUDITED)
        for warning in result.warnings:
            yield _check_result(warning, _WARNED_OF, severity=dg.AssetCheckSeverity.WARN)

    @dg.asset(
        name=PUBLICATION,
        deps=[_key(model.qualified_name) for model in models],
        group_name="publication",
        owners=OWNERS,
        kinds={"duckdb"},
        pool=WRITER_POOL,
        required_resource_keys={"writer_lock"},
        description=(
            "The audited database file gets its number and CURRENT points to it: readers see it then. "
            "Older files stay. The receipts of newly checked returns then get what only all returns show."
        ),
    )
    def publication(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        store = PublicationStore(home)
        manifest = store.manifest(store.publish(candidates.path(context.run.run_id)))
        completed = complete_receipts(home, catalog, context.log.warning)
        return dg.MaterializeResult(
            metadata={
                "publication": manifest.id,
                "bytes": manifest.bytes,
                "sha256": manifest.sha256,
                "follows": manifest.follows,
                "receipts_completed": completed,
            }
        )

    return [warehouse_tables, publication]


class _Candidates:
    """Where a run keeps its unpublished file; a name that marks it as unfinished work."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def path(self, run_id: str) -> Path:
        return self._home.publications / f"{storage.TEMPORARY_PREFIX}candidate-{run_id}.duckdb"


def _key(qualified_name: str) -> dg.AssetKey:
    return dg.AssetKey(qualified_name.split("."))


def _table_spec(model: Model, checked_returns: dg.AssetsDefinition) -> dg.AssetSpec:
    """A table depends on the tables it reads, and on the checked returns where it reads the lake."""
    upstream: list[dg.AssetKey | dg.AssetsDefinition] = [_key(name) for name in model.dependencies]
    if any(name.split(".")[0] in _RETURNS_SCHEMAS for name in model.inputs):
        upstream.append(checked_returns)
    return dg.AssetSpec(
        _key(model.qualified_name),
        deps=upstream,
        description=model.description,
        group_name=model.schema,
        owners=OWNERS,
        kinds={"duckdb", "view" if model.is_view else "table"},
    )


def _table_result(model: Model, result: BuildResult) -> dg.MaterializeResult[None]:
    name = model.qualified_name
    return dg.MaterializeResult(
        asset_key=_key(name),
        metadata={"dagster/row_count": result.row_counts[name], "seconds": result.seconds.get(name, 0.0)},
    )


def _check_specs() -> Iterator[dg.AssetCheckSpec]:
    """Audits stop a publication, warnings do not."""
    for name, description in audit_names().items():
        yield dg.AssetCheckSpec(name, asset=_key(_AUDITED), description=description, blocking=True)
    for name, description in audit_names(WARNINGS_DIRECTORY).items():
        yield dg.AssetCheckSpec(name, asset=_key(_WARNED_OF), description=description)


def _check_result(
    audit: AuditResult, table: str, *, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=_key(table),
        check_name=audit.name,
        passed=audit.passed,
        severity=severity,
        description=audit.description,
        metadata={"offending_rows": audit.offending, "sample": _as_text(audit)},
    )


def _as_text(audit: AuditResult) -> str:
    return "\n".join(", ".join(f"{name}={value}" for name, value in row.items()) for row in audit.sample)
