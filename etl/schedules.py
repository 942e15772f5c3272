"""What runs by the clock, in the programme's time zone.

What belongs here: when. What does not: what (``etl.jobs``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import dagster as dg

from etl.assets.common import OWNERS
from etl.jobs import LIST_MISSING_RETURNS, VERIFY_PUBLICATION
from etl.partitions import MONTH_FORMAT
from warehouse.catalog import Catalog
from warehouse.publications import PublicationStore
from warehouse.settings import Home

_RUNNING = dg.DefaultScheduleStatus.RUNNING


def all_schedules(home: Home, catalog: Catalog) -> Sequence[dg.ScheduleDefinition]:
    """The reminder after the due day, and the nightly verification."""
    programme = catalog.programme

    @dg.schedule(
        name="remind_units",
        cron_schedule=f"0 9 {programme.due_day + 1} * *",
        job_name=LIST_MISSING_RETURNS,
        execution_timezone=programme.time_zone,
        default_status=_RUNNING,
        owners=OWNERS,
        description=(
            f"At 9 on the morning after the due day (the {programme.due_day}th): lists the units that have"
            " not reported on the month before, on the page of missing_returns and to the webhook."
        ),
    )
    def remind_units(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        local = context.scheduled_execution_time.astimezone(ZoneInfo(programme.time_zone))
        month = (local.date().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
        if month not in programme.months:
            return dg.SkipReason(f"{month:%Y-%m} is no month of the programme")
        return dg.RunRequest(partition_key=month.strftime(MONTH_FORMAT)) if _published(home) else _NOTHING

    @dg.schedule(
        name="verify_nightly",
        cron_schedule="30 2 * * *",
        job_name=VERIFY_PUBLICATION,
        execution_timezone=programme.time_zone,
        default_status=_RUNNING,
        owners=OWNERS,
        description="At 2:30 every night: is the current publication still what its manifest says?",
    )
    def verify_nightly() -> dg.RunRequest | dg.SkipReason:
        return dg.RunRequest() if _published(home) else _NOTHING

    return [remind_units, verify_nightly]


_NOTHING = dg.SkipReason("nothing has been published yet")


def _published(home: Home) -> bool:
    return PublicationStore(home).current_id() is not None
