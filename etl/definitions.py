"""The Dagster definitions: ``build_defs`` assembles all assets, checks, jobs and resources.

What belongs here: bringing the parts together. What does not: the parts (``etl.assets``).
``dagster dev`` and ``dg`` load the module's ``defs``; the command line builds its own, with a progress bar.
"""

from __future__ import annotations

import warnings

import dagster as dg

from etl.assets.common import writer_lock
from etl.assets.intake import intake_assets
from etl.assets.publishing import warehouse_assets
from etl.processing import Progress, silent
from warehouse.catalog import Catalog, load_catalog
from warehouse.settings import Home

INGEST_RETURNS = "ingest_returns"


def build_defs(
    home: Home | None = None, catalog: Catalog | None = None, progress: Progress = silent
) -> dg.Definitions:
    """The definitions over one home folder; ``progress`` is told of each file that is checked."""
    home = home or Home.from_environment()
    catalog = catalog or load_catalog()
    with warnings.catch_warnings():
        # Owners, pools and single-run backfills are what Dagster offers for this; it calls some of them beta.
        warnings.simplefilter("ignore", dg.BetaWarning)
        intake = intake_assets(home, catalog, progress)
        warehouse = warehouse_assets(home, catalog, checked_returns=intake[-1])
        ingest = dg.define_asset_job(
            INGEST_RETURNS,
            selection=dg.AssetSelection.assets(*intake, *warehouse),
            executor_def=dg.in_process_executor,
            description=(
                "Use it when returns have landed: checks them, builds, audits and publishes the warehouse. "
                "Choose the months that have news; a return whose month is not known is always taken."
            ),
        )
        return dg.Definitions(
            assets=[*intake, *warehouse],
            jobs=[ingest],
            executor=dg.in_process_executor,
            resources={"writer_lock": writer_lock(home)},
        )


@dg.definitions
def defs() -> dg.Definitions:
    """What ``dagster dev`` and ``dg`` show."""
    return build_defs()
