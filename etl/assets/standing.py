"""What the current publication is asked over and over: what is failing now, is it complete, is it still true.

What belongs here: the checks of the asset ``publication`` and the list of units to remind. What does not:
audits, which stop a publication (``warehouse/audits``), and what a run has just built (``plausibility``).
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from etl.assets.asking import ask
from etl.assets.common import MISSING, OWNERS, PUBLICATION, table
from etl.assets.describing import docs_page, key
from etl.assets.faults import told_in_words, words
from etl.assets.plausibility import MOST_HELD_OUT
from etl.partitions import month_partitions
from etl.processing import pending
from warehouse.catalog import Catalog
from warehouse.decisions import today
from warehouse.history.verifying import verify
from warehouse.publications import NoPublication, PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version

FAILING, COMPLETE, TRUE = "nothing_is_failing_now", "holds_all_that_landed", "is_what_its_manifest_says"
#: Whoever lands returns without the inbox has so long to run the job.
_PATIENCE = dt.timedelta(hours=1)
_FAILING_COLUMNS = ("month", "units", "what")
_MISSING_COLUMNS = ("unit", "name_zh", "name_en", "due_on", "refused_returns")


def standing_checks(home: Home, catalog: Catalog) -> dg.AssetChecksDefinition:
    """Cheap checks of the current publication, asked after each ingest and every night."""

    @dg.multi_asset_check(
        name="standing_checks",
        specs=[
            dg.AssetCheckSpec(
                FAILING,
                asset=PUBLICATION,
                description=(
                    "Lists what is wrong now and can be mended by somebody: months that lack returns after"
                    " the due day, refused returns with nothing in their place, ledgers with more than"
                    f" {MOST_HELD_OUT:g} % of their rows held out. Warns; stops nothing."
                ),
            ),
            dg.AssetCheckSpec(
                COMPLETE,
                asset=PUBLICATION,
                description=(
                    "Whether the current publication holds what landed more than an hour ago. Fails where a"
                    " run failed and none came after it, or nobody ran ingest_returns."
                ),
            ),
        ],
    )
    def checks() -> Iterator[dg.AssetCheckResult]:
        yield _failing(home, catalog)
        yield _complete(home, catalog)

    return checks


def verification(home: Home, catalog: Catalog) -> dg.AssetChecksDefinition:
    """The dear check: bytes, rows, audits and inputs of the current publication, all computed again."""

    @dg.asset_check(
        name=TRUE,
        asset=PUBLICATION,
        description=(
            "Recomputes the manifest of the current publication: its bytes, the rows of its tables, its"
            " audits, what landed and the files of the lake. Asked every night; so does `union7510 verify`."
        ),
    )
    def check() -> dg.AssetCheckResult:
        found = verify(home, catalog, _current(home), code_version())
        return dg.AssetCheckResult(
            passed=found.passed,
            description="; ".join(found.problems) or f"publication {found.id} is what its manifest says",
            metadata={
                "publication": found.id,
                "problems": dg.MetadataValue.md(_listed(found.problems)),
                "holds": dg.MetadataValue.md(_listed(found.verified)),
                "notes": dg.MetadataValue.md(_listed(found.notes)),
            },
        )

    return check


def missing_returns(home: Home, catalog: Catalog) -> dg.AssetsDefinition:
    """The units to remind, by month."""

    @dg.asset(
        name=MISSING,
        deps=[key("mart.reporting_status"), key("core.returns"), PUBLICATION],
        partitions_def=month_partitions(catalog),
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        group_name="reporting",
        owners=OWNERS,
        kinds={"duckdb"},
        metadata={"docs": docs_page("operations.md#what-runs-by-itself")},
        description=(
            "Which units owe a return of the month and have not given one that counts, as of the current"
            " publication: whom to remind. Listed on the morning after the due day."
        ),
    )
    def missing(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        month = dt.date.fromisoformat(f"{context.partition_key}-01")
        with told_in_words(context, "Listing the units that have not reported"):
            current = _current(home)
            units = ask(PublicationStore(home).path(current), "missing_returns", {"month": month})
        return dg.MaterializeResult(
            metadata={
                "publication": current,
                "dagster/row_count": len(units),
                "units": table(_MISSING_COLUMNS, units),
            }
        )

    return missing


def _failing(home: Home, catalog: Catalog) -> dg.AssetCheckResult:
    parameters = {"today": today(catalog.programme.time_zone), "most_percent": MOST_HELD_OUT}
    current = _current(home)
    try:
        rows: list[dict[str, Any]] = ask(PublicationStore(home).path(current), "failing", parameters)
    except duckdb.Error as error:
        return dg.AssetCheckResult(
            asset_key=PUBLICATION,
            check_name=FAILING,
            passed=False,
            description=f"publication {current} cannot be read: {words(error)} Verify it, and roll back.",
        )
    months = sorted({row["month"] for row in rows})
    return dg.AssetCheckResult(
        asset_key=PUBLICATION,
        check_name=FAILING,
        passed=not rows,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(rows)} things in {len(months)} months" if rows else "nothing is failing",
        metadata={"failing": len(rows), "months": ", ".join(months), "list": table(_FAILING_COLUMNS, rows)},
    )


def _complete(home: Home, catalog: Catalog) -> dg.AssetCheckResult:
    before = dt.datetime.now(dt.UTC) - _PATIENCE
    waiting = [one for one in pending(home, catalog) if dt.datetime.fromisoformat(one.received_at) < before]
    return dg.AssetCheckResult(
        asset_key=PUBLICATION,
        check_name=COMPLETE,
        passed=not waiting,
        description=(
            f"{len(waiting)} returns have waited since {min(one.received_at for one in waiting)}: run"
            " ingest_returns over their months"
            if waiting
            else "all that landed is in the current publication"
        ),
        metadata={
            "waiting": table(
                ("return_id", "file_name", "unit", "period", "received_at"), (vars(one) for one in waiting)
            )
        },
    )


def _current(home: Home) -> str:
    current = PublicationStore(home).current_id()
    if current is None:
        raise NoPublication
    return current


def _listed(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "none"
