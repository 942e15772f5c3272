"""The jobs: what a data engineer starts, by hand or by a schedule.

What belongs here: what each job runs and when to use it. What does not: the assets (``etl.assets``), when
jobs start by themselves (``etl.schedules``, ``etl.sensors``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from etl.assets.common import MISSING, PUBLICATION, WRITER_LOCK, WRITER_POOL, table
from etl.assets.faults import RETRIES, RETRIES_TAG, told_in_words
from etl.assets.standing import COMPLETE, FAILING, TRUE
from etl.processing import remove_unfinished
from warehouse.compaction import remove_compacted
from warehouse.history.removing import remove_old
from warehouse.publications import PublicationStore
from warehouse.settings import Home

INGEST_RETURNS = "ingest_returns"
PUBLISH_WAREHOUSE = "publish_warehouse"
REBUILD_WAREHOUSE = "rebuild_warehouse"
COLLECT_GARBAGE = "collect_garbage"
VERIFY_PUBLICATION = "verify_publication"
LIST_MISSING_RETURNS = "list_missing_returns"

#: A run whose process died starts again from its first step: what it had built has gone with it.
_TAGS = {RETRIES_TAG: str(RETRIES), "dagster/retry_strategy": "ALL_STEPS"}


#: Dagster exports no name for what ``define_asset_job`` gives.
Job = dg.JobDefinition | UnresolvedAssetJobDefinition


@dataclass(frozen=True)
class Assets:
    """The assets that jobs choose from."""

    intake: Sequence[dg.AssetsDefinition]
    warehouse: Sequence[dg.AssetsDefinition]


class GarbageConfig(dg.Config):
    """``keep``: so many of the newest publications stay; ``dry_run`` only tells what would go."""

    keep: int = 12
    dry_run: bool = False


def all_jobs(home: Home, assets: Assets) -> list[Job]:
    """Every job of the code location."""
    verification = dg.AssetSelection.checks(_publication_check(TRUE))
    standing = dg.AssetSelection.checks(_publication_check(FAILING), _publication_check(COMPLETE))
    warehouse = dg.AssetSelection.assets(*assets.warehouse) - verification
    everything = dg.AssetSelection.assets(*assets.intake) | warehouse
    return [
        _asset_job(
            INGEST_RETURNS,
            everything,
            "Use it when returns have landed: checks them, builds, audits and publishes the warehouse. "
            "Choose the months that have news; a return whose month is not known is always taken. "
            "For the inbox it starts by itself.",
        ),
        _asset_job(
            PUBLISH_WAREHOUSE,
            warehouse,
            "Use it when the figures must be built anew from returns that are checked already: after a"
            " release with other models, indicators or targets. It publishes even if nothing has changed, and"
            " ends a rollback.",
        ),
        _asset_job(
            REBUILD_WAREHOUSE,
            everything,
            "Use it when the lake is lost or damaged, or to prove that it follows from landing: checks every "
            "landed return of the chosen months again, then builds and publishes. Choose all months, as one "
            "run; `union7510 rebuild` does the same.",
            config={"ops": {"checked_returns": {"config": {"recheck": True}}}},
        ),
        _asset_job(
            VERIFY_PUBLICATION,
            verification | standing,
            "Use it when in doubt about the current publication; it runs every night. Computes its manifest"
            " again and lists what is failing now. A failed check tells what is wrong; CURRENT stays.",
        ),
        _asset_job(
            LIST_MISSING_RETURNS,
            dg.AssetSelection.assets(MISSING),
            "Use it to see whom to remind: lists the units that owe a return of the chosen month. It runs on"
            " the morning after the due day.",
        ),
        _garbage_job(home),
    ]


def _publication_check(name: str) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(dg.AssetKey(PUBLICATION), name)


def _asset_job(
    name: str, selection: dg.AssetSelection, description: str, config: dict[str, object] | None = None
) -> Job:
    return dg.define_asset_job(
        name,
        selection=selection,
        config=config,
        executor_def=dg.in_process_executor,
        description=description,
        tags=_TAGS,
    )


def _garbage_job(home: Home) -> dg.JobDefinition:
    @dg.op(
        pool=WRITER_POOL,
        required_resource_keys={WRITER_LOCK},
        description=(
            "Removes old publications that nobody reads, what was compacted into other files, and what killed"
            " runs left."
        ),
    )
    def remove_old_publications(context: dg.OpExecutionContext, config: GarbageConfig) -> None:
        with told_in_words(context, "Removing old publications"):
            if not config.dry_run:
                remove_unfinished(home)
            done = remove_old(
                PublicationStore(home), config.keep, dry_run=config.dry_run, by=f"run {context.run_id}"
            )
            going = [one.id for one in done.removed]
            compacted = remove_compacted(home, going=going, dry_run=config.dry_run)
        kept = [{"publication": one.id, "what": f"stays: {one.reason}"} for one in done.kept]
        verb = "would go" if config.dry_run else "removed"
        gone = [
            {"publication": one.id, "what": f"{verb}, {one.bytes / 1_000_000:.1f} MB"} for one in done.removed
        ]
        context.add_output_metadata(
            {
                "removed": len(going),
                "bytes": sum(one.bytes for one in done.removed) + compacted.bytes,
                "compacted_away": len(compacted.names),
                "publications": table(("publication", "what"), [*kept, *gone]),
            }
        )

    @dg.job(
        name=COLLECT_GARBAGE,
        executor_def=dg.in_process_executor,
        tags=_TAGS,
        description=(
            "Use it when the disk fills: removes all publications but the newest, the current one, those"
            " that somebody rolled back to, and those that are being read. Landing, decisions and lake stay. "
            "`dry_run` only tells."
        ),
    )
    def collect_garbage() -> None:
        remove_old_publications()

    return collect_garbage
