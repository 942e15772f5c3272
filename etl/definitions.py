"""The Dagster definitions: ``build_defs`` assembles assets, checks, jobs, schedules, sensors, resources.

What belongs here: bringing the parts together. What does not: the parts.
``dagster dev`` and ``dg`` load the module's ``defs``; the command line builds its own, with a progress bar.
"""

from __future__ import annotations

import warnings

import dagster as dg

from etl.assets.common import WRITER_LOCK, writer_lock
from etl.assets.intake import intake_assets
from etl.assets.publishing import warehouse_assets
from etl.assets.standing import missing_returns, standing_checks, verification
from etl.jobs import Assets, all_jobs
from etl.processing import Progress, silent
from etl.schedules import all_schedules
from etl.sensors import all_sensors
from warehouse.catalog import Catalog, load_catalog
from warehouse.settings import Home

__all__ = ["build_defs", "defs"]


def build_defs(
    home: Home | None = None, catalog: Catalog | None = None, progress: Progress = silent
) -> dg.Definitions:
    """The definitions over one home folder; ``progress`` is told of each file that is checked."""
    home = home or Home.from_environment()
    catalog = catalog or load_catalog()
    with warnings.catch_warnings():
        # Owners, pools and single-run backfills are what Dagster offers for this; it calls some of them beta.
        warnings.simplefilter("ignore", dg.BetaWarning)
        warnings.simplefilter("ignore", dg.PreviewWarning)
        intake = intake_assets(home, catalog, progress)
        warehouse = warehouse_assets(home, catalog, checked_returns=intake[-1])
        missing = missing_returns(home, catalog)
        return dg.Definitions(
            assets=[*intake, *warehouse, missing],
            asset_checks=[standing_checks(home, catalog), verification(home, catalog)],
            jobs=all_jobs(home, Assets(intake, warehouse)),
            schedules=all_schedules(home, catalog),
            sensors=all_sensors(home, catalog),
            executor=dg.in_process_executor,
            resources={WRITER_LOCK: writer_lock(home)},
        )


@dg.definitions
def defs() -> dg.Definitions:
    """What ``dagster dev`` and ``dg`` show."""
    return build_defs()
