"""Assets of the intake: what has landed, and what was checked.

What belongs here: monthly partitions over ``etl.inbox`` and ``etl.processing``. What does not: tables of the
warehouse.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from etl.assets.common import CHECKED, LANDED, OWNERS, WRITER_LOCK, WRITER_POOL, table
from etl.assets.describing import docs_page
from etl.assets.faults import told_in_words
from etl.completing import complete_receipts
from etl.inbox import Taken, take_in
from etl.outbox import Outbox
from etl.partitions import month_partitions, months_of
from etl.processing import Progress, check_landed, in_months, pending, remove_unfinished
from etl.receipts import has_problems
from warehouse.building import inputs_fingerprint
from warehouse.catalog import Catalog
from warehouse.closing import closed_months
from warehouse.compaction import compact
from warehouse.landing import Landing
from warehouse.publications import PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version

GROUP = "intake"

#: The metadata of ``checked_returns`` that tells of returns with problems, and what it tells.
NOT_CLEAN = "not_clean"
_NOT_CLEAN_COLUMNS = ("return", "file", "unit", "month", "status", "rows_held_out", "rules", "first_issue")
#: So many returns are told one by one in the log of a run.
_MOST_TOLD = 50


class LandConfig(dg.Config):
    """``inbox``: land what was taken over from the inbox first, as the inbox's sensor wants it."""

    inbox: bool = False


class CheckConfig(dg.Config):
    """What a run may be told.

    ``recheck`` takes every landed return of the months, not only the new ones; ``all_months`` takes the new
    ones of other months, too.
    """

    recheck: bool = False
    all_months: bool = False


def intake_assets(home: Home, catalog: Catalog, progress: Progress) -> list[dg.AssetsDefinition]:
    """``landed_returns`` and ``checked_returns``, by month."""
    partitions = month_partitions(catalog)
    one_run = dg.BackfillPolicy.single_run()
    docs = {"docs": docs_page("returns.md")}

    @dg.asset(
        name=LANDED,
        partitions_def=partitions,
        backfill_policy=one_run,
        group_name=GROUP,
        owners=OWNERS,
        kinds={"excel", "file"},
        pool=WRITER_POOL,
        required_resource_keys={WRITER_LOCK},
        metadata=docs,
        description="Workbooks as they were received, by sha256, and one manifest a return; append-only.",
    )
    def landed_returns(context: dg.AssetExecutionContext, config: LandConfig) -> dg.MaterializeResult[None]:
        with told_in_words(context, "Landing files"):
            taken = list(take_in(home, catalog)) if config.inbox else []
            receptions = in_months(Landing(home).receptions(), months_of(context))
            by_month = Counter(one.period or "unknown" for one in receptions)
            return dg.MaterializeResult(
                metadata={
                    "returns": len(receptions),
                    "returns_by_month": dg.MetadataValue.json(dict(sorted(by_month.items()))),
                    "bytes": sum(one.bytes for one in receptions),
                    **_taken_metadata(taken),
                }
            )

    @dg.asset(
        name=CHECKED,
        deps=[landed_returns],
        partitions_def=partitions,
        backfill_policy=one_run,
        output_required=False,
        group_name=GROUP,
        owners=OWNERS,
        kinds={"parquet", "duckdb"},
        pool=WRITER_POOL,
        required_resource_keys={WRITER_LOCK},
        metadata=docs,
        description=(
            "Every cell of the landed returns checked against the catalog: accepted rows as typed Parquet in "
            "the lake, held-out rows as issues in words, one receipt a return. Folders of the lake and "
            "manifests of closed months, and those that have become many, are compacted. Left out of a run "
            "that finds nothing new and a current publication."
        ),
    )
    def checked_returns(
        context: dg.AssetExecutionContext, config: CheckConfig
    ) -> Iterator[dg.MaterializeResult[None]]:
        with told_in_words(context, "Checking returns"):
            remove_unfinished(home)
            candidates = Landing(home).receptions() if config.recheck else pending(home, catalog)
            receptions = candidates if config.all_months else in_months(candidates, months_of(context))
            documents = check_landed(home, catalog, receptions, progress, context.log.warning)
            is_done = not documents and is_answered(home, catalog)
            if is_done:
                # A run may have been killed after it had published.
                complete_receipts(home, catalog, context.log.warning)
                context.log.info(_why_nothing(home))
            Outbox(home).answer(last=is_done)
        if not is_done:
            _tell(context, documents)
            compacted = [one.name for one in compact(home, closed_months(home, catalog))]
            metadata = {**_checked_metadata(documents), "compacted": dg.MetadataValue.json(compacted)}
            yield dg.MaterializeResult(metadata=metadata)

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


def _taken_metadata(taken: Sequence[Taken]) -> dict[str, Any]:
    """What came from the inbox, file by file."""
    if not taken:
        return {}
    rows = [
        {
            "file": one.received.reception.file_name,
            "return": one.received.reception.return_id,
            "unit": one.received.reception.unit,
            "month": one.received.reception.period,
            "remark": _remark(one),
        }
        for one in taken
    ]
    return {
        "taken_from_inbox": len(taken),
        "inbox": table(("file", "return", "unit", "month", "remark"), rows),
    }


def _remark(taken: Taken) -> str:
    if not taken.whole:
        return "its sender went on writing: it lands once more with the next batch"
    return "received before" if taken.received.duplicate else ""


def _checked_metadata(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    statuses = Counter(document["status"] for document in documents)
    return {
        "dagster/row_count": sum(document["rows_accepted"] for document in documents),
        "returns": len(documents),
        "rows_held_out": sum(document["rows_held_out"] for document in documents),
        "statuses": dg.MetadataValue.json(dict(sorted(statuses.items()))),
        NOT_CLEAN: table(_NOT_CLEAN_COLUMNS, map(_not_clean, filter(has_problems, documents))),
    }


def _not_clean(document: Mapping[str, Any]) -> dict[str, object]:
    """A return with held-out rows or worse, for whoever looks at the run."""
    rules = Counter(issue["rule"] for issue in document["issues"])
    return {
        "return": document["id"],
        "file": document["file"],
        "unit": document["unit"],
        "month": document["period"],
        "status": document["status"],
        "rows_held_out": document["rows_held_out"],
        "rules": ", ".join(f"{rule} × {count}" if count > 1 else rule for rule, count in rules.items()),
        "first_issue": _first_issue(document),
    }


def _first_issue(document: Mapping[str, Any]) -> str:
    """The first of the worst issues, in both languages."""
    order = ("fatal", "error", "warning", "info")
    issues = sorted(document["issues"], key=lambda issue: order.index(issue["severity"]))
    return f"{issues[0]['message_zh']} {issues[0]['message_en']}" if issues else ""


def _tell(context: dg.AssetExecutionContext, documents: Sequence[Mapping[str, Any]]) -> None:
    """In the run's log, so that nobody needs a stack trace: which return, which file, which rule."""
    not_clean = [_not_clean(document) for document in documents if has_problems(document)]
    for one in not_clean[:_MOST_TOLD]:
        context.log.warning(
            f"{one['return']} {one['file']}: {one['status']}, {one['rows_held_out']} rows held out"
            f" ({one['rules']}). {one['first_issue']}"
        )
    if len(not_clean) > _MOST_TOLD:
        context.log.warning(f"{len(not_clean) - _MOST_TOLD} more returns have problems: see {NOT_CLEAN}")
    by_month: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for document in documents:
        by_month[document["period"] or ""].append(document)
    for month in {*by_month}.intersection(context.partition_keys):
        some = by_month[month]
        context.add_asset_metadata(
            {
                "returns_of_month": len(some),
                "rows_accepted_of_month": sum(document["rows_accepted"] for document in some),
                "rows_held_out_of_month": sum(document["rows_held_out"] for document in some),
                "rejected_of_month": sum(document["status"] == "REJECTED" for document in some),
            },
            partition_key=month,
        )
