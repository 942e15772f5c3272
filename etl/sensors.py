"""What runs by itself: the inbox, alerts, and runs whose process is gone.

What belongs here: when to look, and what to start. What does not: how files are taken over (``etl.inbox``),
what is told (``etl.alerts``).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Literal

import dagster as dg

from etl.alerts import Webhook, alerts_of
from etl.assets import processes
from etl.assets.common import CHECKED, LANDED, OWNERS
from etl.assets.intake import CheckConfig, LandConfig
from etl.inbox import Claim, Inbox, digest
from etl.intake.identity import months_mentioned
from etl.jobs import INGEST_RETURNS
from etl.partitions import range_tags
from etl.processing import unchecked
from warehouse.catalog import Catalog
from warehouse.landing import Reception
from warehouse.settings import Home

#: The tag of a run that says which batch of the inbox it lands.
BATCH_TAG = "union7510/inbox_batch"
#: A batch whose run failed is tried again after a minute, two, four …, and at most an hour.
_FIRST_DELAY, _LONGEST_DELAY = 60.0, 3600.0
#: So many finished runs are told of in one tick.
_MOST_RUNS = 20

#: Dagster asks all sensors in turn, every 5 seconds. One that may be asked every 5 seconds misses a turn that
#: comes a hundredth early; one that may be asked every second misses none.
_EVERY_TURN = 1
#: So long the inbox is watched within a turn, in seconds: a file that comes meanwhile need not wait for the
#: next one. The rest of the 5 seconds is for the other sensors.
WATCHED_SECONDS = 4.0

_RUNNING = dg.DefaultSensorStatus.RUNNING
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def all_sensors(home: Home, catalog: Catalog) -> Sequence[dg.SensorDefinition]:
    """Every sensor of the code location; all of them are on from the start."""
    return [_inbox_sensor(home, catalog), _alert_sensor(), _abandoned_runs_sensor()]


# The inbox


def _inbox_sensor(home: Home, catalog: Catalog) -> dg.SensorDefinition:
    programme = [f"{month:%Y-%m}" for month in catalog.programme.months]

    @dg.sensor(
        name="inbox",
        job_name=INGEST_RETURNS,
        minimum_interval_seconds=_EVERY_TURN,
        default_status=_RUNNING,
        owners=OWNERS,
        description=(
            "Takes over the whole files of the inbox, a batch at a time, and starts ingest_returns for them;"
            " and for returns that landed otherwise, by the API or the command line, and were not checked."
            " While a run is at work on a batch, what comes meanwhile waits for the next one."
        ),
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if at_work := _batches(context.instance, _UNFINISHED):
            return dg.SkipReason(f"run {at_work[0].dagster_run.run_id} is at work on a batch")
        box = Inbox(home)
        # What came since joins a batch whose run failed: nobody waits for somebody else's file.
        landed = unchecked(home)
        look = box.look(patience=0.0 if landed or box.claims() else WATCHED_SECONDS)
        stays = (*look.stays, *box.claim(look.whole))
        for words in stays:
            context.log.warning(f"in the inbox: {words}")
        claims = box.claims()
        landed = [] if claims else landed
        if not claims and not landed:
            still = f"{look.still_changing} files are still being written" if look.still_changing else ""
            return dg.SkipReason("; ".join(filter(None, (still, *stays))) or "the inbox is empty")
        batch = digest(claims) if claims else _digest_of_landed(landed)
        earlier = _batches(context.instance, [dg.DagsterRunStatus.FAILURE], batch)
        if earlier and (left := _seconds_to_wait(earlier)) > 0:
            return dg.SkipReason(
                f"run {earlier[0].dagster_run.run_id} failed with this batch, for the {len(earlier)}. time;"
                f" the next try is in {left:.0f} s"
            )
        # The same files may come again long after: the number of runs that they had makes the key another
        # one.
        tries = len(_batches(context.instance, None, batch))
        return dg.RunRequest(
            run_key=f"{batch}-{tries + 1}",
            run_config=dg.RunConfig(
                ops={LANDED: LandConfig(inbox=bool(claims)), CHECKED: CheckConfig(all_months=True)}
            ),
            tags={
                **range_tags(_months(claims, landed, programme)),
                BATCH_TAG: batch[:16],
                "union7510/files": str(len(claims) + len(landed)),
            },
        )

    return inbox


def _digest_of_landed(landed: Sequence[Reception]) -> str:
    return hashlib.sha256("\n".join(one.return_id for one in landed).encode()).hexdigest()


def _months(claims: Sequence[Claim], landed: Sequence[Reception], programme: Sequence[str]) -> Sequence[str]:
    """The months that names of files and receptions tell, which the pages then show; else all.

    Nobody has read the files yet. The run checks whatever has landed, of whatever month it turns out to be.
    """
    told = {month for claim in claims for month in months_mentioned(claim.path.name)}
    told |= {one.period for one in landed if one.period is not None}
    return sorted(told.intersection(programme)) or programme


def _batches(
    instance: dg.DagsterInstance, statuses: list[dg.DagsterRunStatus] | None, batch: str | None = None
) -> Sequence[dg.RunRecord]:
    """Runs that land batches of the inbox, the newest first; all of them where no batch is named."""
    tags = {BATCH_TAG: batch[:16]} if batch is not None else {}
    filters = dg.RunsFilter(job_name=INGEST_RETURNS, statuses=statuses, tags=tags)
    found = instance.get_run_records(filters)
    return [record for record in found if BATCH_TAG in record.dagster_run.tags]


def _seconds_to_wait(failed: Sequence[dg.RunRecord]) -> float:
    delay = min(_FIRST_DELAY * 2.0 ** (len(failed) - 1), _LONGEST_DELAY)
    ended: float = failed[0].end_time or failed[0].update_timestamp.timestamp()
    return ended + delay - time.time()


# Alerts


def _alert_sensor() -> dg.SensorDefinition:
    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=10,
        default_status=_RUNNING,
        owners=OWNERS,
        description=(
            "Posts to the webhook (UNION7510_WEBHOOK): failed runs, refused returns, units that have not"
            " reported, a publication that is wrong. What cannot be posted is posted by a later tick."
        ),
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        webhook = Webhook.from_environment()
        told = json.loads(context.cursor) if context.cursor else {}
        if webhook is None or not told:
            # What happened before somebody wanted to know is not told.
            context.update_cursor(json.dumps(_newest(context.instance)))
            return dg.SkipReason("UNION7510_WEBHOOK is not set" if webhook is None else "nothing before this")
        posted = 0
        for kind in _FINISHED:
            for storage_id, run in _finished(context.instance, kind, told.get(kind.value, 0)):
                some = list(alerts_of(context.instance, run))
                webhook.post(some)
                posted += len(some)
                told[kind.value] = storage_id
                context.update_cursor(json.dumps(told))
        return dg.SkipReason(f"{posted} alerts were posted" if posted else "nothing to tell")

    return alerts


_Finished = Literal[dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE]
_FINISHED: tuple[_Finished, ...] = (dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE)


def _finished(instance: dg.DagsterInstance, kind: _Finished, after: int) -> list[tuple[int, dg.DagsterRun]]:
    """Runs that finished so, with the place of that event, in order."""
    filters = dg.RunStatusChangeRecordsFilter(event_type=kind, after_storage_id=after)
    records = instance.fetch_run_status_changes(filters, limit=_MOST_RUNS, ascending=True).records
    runs = ((record.storage_id, instance.get_run_by_id(record.run_id)) for record in records)
    return [(storage_id, run) for storage_id, run in runs if run is not None]


def _newest(instance: dg.DagsterInstance) -> Mapping[str, int]:
    newest = {}
    for kind in _FINISHED:
        records = instance.fetch_run_status_changes(kind, limit=1).records
        newest[kind.value] = records[0].storage_id if records else 0
    return newest


# Runs whose process is gone


def _abandoned_runs_sensor() -> dg.SensorDefinition:
    @dg.sensor(
        name="abandoned_runs",
        minimum_interval_seconds=_EVERY_TURN,
        default_status=_RUNNING,
        owners=OWNERS,
        description=(
            "Marks runs as failed whose process does not live any more, such as after a power cut: they would"
            " hold up the queue for ever. Dagster then starts them again."
        ),
    )
    def abandoned_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        started = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
        marked = 0
        for run in context.instance.get_runs(dg.RunsFilter(statuses=started)):
            process = run.tags.get(processes.TAG)
            if process and processes.is_gone(process):
                context.instance.report_run_failed(
                    run, "The process of this run is gone: it was killed, or the machine stopped."
                )
                marked += 1
        return dg.SkipReason(f"{marked} runs were abandoned" if marked else "every run has its process")

    return abandoned_runs
