"""Assets of the warehouse: every table of the candidate, its audits, and the publication.

What belongs here: what Dagster shows of a build. What does not: the tables' SQL (``warehouse/models``).
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from etl.assets import plausibility
from etl.assets.asking import ask
from etl.assets.common import BUILDING, OWNERS, PUBLICATION, WRITER_LOCK, WRITER_POOL, table
from etl.assets.describing import column_lineage, definition_metadata, docs_page, key, tables_by_name
from etl.assets.faults import told_in_words
from etl.completing import complete_receipts
from etl.outbox import Outbox
from warehouse import storage
from warehouse.building import AuditResult, BuildResult, Model, build_candidate, model_specs
from warehouse.building.audits import WARNINGS_DIRECTORY, audit_names
from warehouse.building.descriptions import Table
from warehouse.catalog import Catalog
from warehouse.decisions import today
from warehouse.engines import RemoteEngine
from warehouse.publications import PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version

#: Inputs of a build that come from returns and decisions about them; the others come from the catalog.
_RETURNS_SCHEMAS = ("lake", "landing", "decisions")

#: The table to which an audit's result is attached.
_AUDITED = "mart.indicator_progress"
#: The table to which a warning's result is attached.
_WARNED_OF = "core.corrections"
#: The table whose page shows how complete each month is.
_COMPLETENESS = "mart.reporting_status"
_COMPLETENESS_COLUMNS = ("month", "due_on", "expected", "reported", "late", "missing")


class BuildingConfig(dg.Config):
    """What builds large tables.

    ``remote``: the Spark Connect address of the engine; without it DuckDB. ``bucket``: where the engine reads
    and writes (``s3://bucket/folder``); without it the home folder.
    """

    remote: str | None = None
    bucket: str | None = None


def warehouse_assets(
    home: Home, catalog: Catalog, checked_returns: dg.AssetsDefinition
) -> list[dg.AssetsDefinition]:
    """One asset a published table, made by one step that also audits them, and the publication."""
    models = model_specs(catalog)
    tables = tables_by_name(catalog, models)
    candidates = _Candidates(home)

    @dg.multi_asset(
        name=BUILDING,
        specs=[_table_spec(model, tables.get(model.qualified_name), checked_returns) for model in models],
        check_specs=[*_check_specs(), *plausibility.specs(catalog)],
        pool=WRITER_POOL,
        required_resource_keys={WRITER_LOCK},
    )
    def warehouse_tables(
        context: dg.AssetExecutionContext, config: BuildingConfig
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        candidate = candidates.path(context.run.run_id)
        with told_in_words(context, "Building the warehouse"):
            engine = RemoteEngine(config.remote, config.bucket) if config.remote else None
            result = build_candidate(home, catalog, candidate, code_version=code_version(), engine=engine)
            complete = _completeness(candidate, catalog)
            plausible = plausibility.results(catalog, candidate)
        for model in models:
            shown = complete if model.qualified_name == _COMPLETENESS else {}
            yield _table_result(model, result, shown)
        for audit in result.audits:
            yield _check_result(audit, _AUDITED)
        for warning in result.warnings:
            yield _check_result(warning, _WARNED_OF, severity=dg.AssetCheckSeverity.WARN)
        yield from plausible

    @dg.asset(
        name=PUBLICATION,
        deps=[key(model.qualified_name) for model in models],
        group_name="publication",
        owners=OWNERS,
        kinds={"duckdb"},
        pool=WRITER_POOL,
        required_resource_keys={WRITER_LOCK},
        metadata={"docs": docs_page("warehouse.md")},
        freshness_policy=_monthly(catalog),
        description=(
            "The audited database file gets its number and CURRENT points to it: readers see it then. "
            "Older files stay. The receipts of newly checked returns then get what only all returns show."
        ),
    )
    def publication(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with told_in_words(context, "Publishing"):
            store = PublicationStore(home)
            candidate = candidates.path(context.run.run_id)
            if not candidate.exists():
                raise dg.Failure(
                    "This run has built nothing that could be published. Start all of its steps again, not"
                    " only the failed ones."
                )
            manifest = store.manifest(store.publish(candidate))
            completed = complete_receipts(home, catalog, context.log.warning)
            answered = Outbox(home).answer(last=True)
            return dg.MaterializeResult(
                metadata={
                    "publication": manifest.id,
                    "dagster/row_count": manifest.row_count,
                    "returns": manifest.return_count,
                    "bytes": manifest.bytes,
                    "sha256": manifest.sha256,
                    "follows": manifest.follows,
                    "receipts_completed": completed,
                    "answers_in_outbox": answered,
                    **_completeness(store.path(manifest.id), catalog),
                }
            )

    return [warehouse_tables, publication]


class _Candidates:
    """Where a run keeps its unpublished file; a name that marks it as unfinished work."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def path(self, run_id: str) -> Path:
        return self._home.publications / f"{storage.TEMPORARY_PREFIX}candidate-{run_id}.duckdb"


def _monthly(catalog: Catalog) -> dg.FreshnessPolicy:
    """By the morning after the due day, something must have been published in that month."""
    due = catalog.programme.due_day
    return dg.FreshnessPolicy.cron(
        deadline_cron=f"0 9 {due + 1} * *",
        lower_bound_delta=dt.timedelta(days=due, hours=9),
        timezone=catalog.programme.time_zone,
    )


def _completeness(file: Path, catalog: Catalog) -> dict[str, Any]:
    """How many units have reported, month by month."""
    rows = ask(file, "completeness", {"today": today(catalog.programme.time_zone)})
    return {"completeness": table(_COMPLETENESS_COLUMNS, rows)}


def _table_spec(model: Model, described: Table | None, checked_returns: dg.AssetsDefinition) -> dg.AssetSpec:
    """A table depends on the tables it reads, and on the checked returns where it reads the lake."""
    upstream: list[dg.AssetKey | dg.AssetsDefinition] = [key(name) for name in model.dependencies]
    if any(name.split(".")[0] in _RETURNS_SCHEMAS for name in model.inputs):
        upstream.append(checked_returns)
    return dg.AssetSpec(
        key(model.qualified_name),
        deps=upstream,
        description=model.description,
        group_name=model.schema,
        owners=OWNERS,
        kinds={"duckdb", "view" if model.is_view else "table"},
        metadata=definition_metadata(described),
    )


def _table_result(model: Model, result: BuildResult, shown: dict[str, Any]) -> dg.MaterializeResult[None]:
    name = model.qualified_name
    lineage = column_lineage().get(name)
    return dg.MaterializeResult(
        asset_key=key(name),
        metadata={
            "dagster/row_count": result.row_counts[name],
            "seconds": result.seconds.get(name, 0.0),
            **({"dagster/column_lineage": lineage} if lineage is not None else {}),
            **shown,
        },
    )


def _check_specs() -> Iterator[dg.AssetCheckSpec]:
    """Audits stop a publication, warnings do not."""
    for name, description in audit_names().items():
        yield dg.AssetCheckSpec(name, asset=key(_AUDITED), description=description, blocking=True)
    for name, description in audit_names(WARNINGS_DIRECTORY).items():
        yield dg.AssetCheckSpec(name, asset=key(_WARNED_OF), description=description)


def _check_result(
    audit: AuditResult, table: str, *, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key(table),
        check_name=audit.name,
        passed=audit.passed,
        severity=severity,
        description=audit.description,
        metadata={"offending_rows": audit.offending, "sample": _as_text(audit)},
    )


def _as_text(audit: AuditResult) -> str:
    return "\n".join(", ".join(f"{name}={value}" for name, value in row.items()) for row in audit.sample)
