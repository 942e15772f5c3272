"""Assets of the intake: what has landed, and what was checked.

What belongs here: monthly partitions over ``etl.processing``. What does not: tables of the warehouse.
"""

from collections import Counter
from collections.abc import Iterator

import dagster as dg

from etl.assets.common import OWNERS, WRITER_POOL
from etl.completing import complete_receipts
from etl.partitions import month_partitions, months_of
from etl.processing import Progress, check_landed, in_months, pending, remove_unfinished
from warehouse.building import inputs_fingerprint
from warehouse.catalog import Catalog
from warehouse.compaction import compact
from warehouse.landing import Landing
from warehouse.publications import PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version

GROUP = "intake"


class CheckConfig(dg.Config):
    """What a run may be told; ``recheck`` takes every landed return of the months, not only the new ones."""

    recheck: bool = False


def intake_assets(home: Home, catalog: Catalog, progress: Progress) -> list[dg.AssetsDefinition]:
    """``landed_returns`` and ``checked_returns``, by month."""
    partitions = month_partitions(catalog)
    one_run = dg.BackfillPolicy.single_run()

    @dg.asset(
        partitions_def=partitions,
        backfill_policy=one_run,
        group_name=GROUP,
        owners=OWNERS,
        kinds={"excel", "file"},
        pool=WRITER_POOL,
        description="Workbooks as they were received, by sha256, and one manifest a return; append-only.",
    )
    def landed_returns(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        receptions = in_months(Landing(home).receptions(), months_of(context))
        by_month = Counter(one.period or "unknown" for one in receptions)
        return dg.MaterializeResult(
            metadata={
                "returns": len(receptions),
                "returns_by_month": dg.MetadataValue.json(dict(sorted(by_month.items()))),
                "bytes": sum(one.bytes for one in receptions),
            }
        )

    @dg.asset(
        deps=[landed_returns],
        partitions_def=partitions,
        backfill_policy=one_run,
        output_required=False,
        group_name=GROUP,
        owners=OWNERS,
        kinds={"parquet", "duckdb"},
        pool=WRITER_POOL,
        required_resource_keys={"writer_lock"},
        description=(
            "Every cell of the landed returns checked against the catalog: accepted rows as typed Parquet in "
            "the lake, held-out rows as issues in words, one receipt a return. Where folders of the lake or "
            "manifests have become many, they are compacted. Left out of a run that finds nothing new and a "
            "current publication."
        ),
    )
    def checked_returns(
        context: dg.AssetExecutionContext, config: CheckConfig
    ) -> Iterator[dg.MaterializeResult[None]]:
        remove_unfinished(home)
        candidates = Landing(home).receptions() if config.recheck else pending(home, catalog)
        receptions = in_months(candidates, months_of(context))
        documents = check_landed(home, catalog, receptions, progress, context.log.warning)
        if not documents and is_answered(home, catalog):
            # A run may have been killed after it had published.
            complete_receipts(home, catalog, context.log.warning)
            context.log.info(_why_nothing(home))
            return
        compacted = [one.name for one in compact(home)]
        statuses = Counter(document["status"] for document in documents)
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(document["rows_accepted"] for document in documents),
                "returns": len(documents),
                "rows_held_out": sum(document["rows_held_out"] for document in documents),
                "statuses": dg.MetadataValue.json(dict(sorted(statuses.items()))),
                "not_clean": _not_clean_table(documents),
                "compacted": dg.MetadataValue.json(compacted),
            }
        )

    return [landed_returns, checked_returns]


def is_answered(home: Home, catalog: Catalog) -> bool:
    """Whether all that is checked has been published, by this catalog and code, or was set aside."""
    fingerprint = inputs_fingerprint(home, catalog, code_version())
    return PublicationStore(home).is_answered(fingerprint)


def _why_nothing(home: Home) -> str:
    rollback = PublicationStore(home).rollback_in_force()
    if rollback is None:
        return "nothing new has landed, and the current publication is complete"
    return (
        f"nothing new has landed, and {rollback.by} went back from publication {rollback.left} to"
        f" {rollback.entered} at {rollback.at}: it stays"
    )


def _not_clean_table(documents: list[dict[str, object]]) -> dg.TableMetadataValue:
    """Returns with held-out rows or worse, for whoever looks at the run."""
    columns = ("id", "file", "unit", "period", "status", "rows_held_out")
    records = [
        dg.TableRecord({column: str(document[column]) for column in columns})
        for document in documents
        if document["status"] != "ACCEPTED"
    ]
    schema = dg.TableSchema(columns=[dg.TableColumn(column) for column in columns])
    return dg.MetadataValue.table(records, schema=schema)
