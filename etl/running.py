"""Runs the jobs ``ingest_returns`` and ``publish_warehouse`` in this process, as the command line does.

What belongs here: the Dagster instance, the run's partitions, and a failed run put into words.
What does not: the job (``etl.definitions``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from etl.assets.common import BUILDING, CHECKED
from etl.assets.faults import RETRIES_TAG
from etl.definitions import build_defs
from etl.jobs import INGEST_RETURNS, PUBLISH_WAREHOUSE
from etl.partitions import range_tags
from etl.processing import Progress
from warehouse.catalog import Catalog
from warehouse.engines import EngineError
from warehouse.landing import Reception
from warehouse.publications import PublicationStore
from warehouse.settings import Home

#: Where dagster.yaml lies, unless DAGSTER_HOME names another folder: in a checkout, in an installed wheel.
_INSTANCE_FOLDERS = (Path(__file__).parent.parent, Path(__file__).parent)

#: Errors that tell more than their causes do.
_IN_WORDS = {EngineError.__name__}

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailed(Exception):
    """The run failed; what served before still serves."""


def dagster_instance(home: Home) -> dg.DagsterInstance:
    """The instance that dagster.yaml describes, with its storage in the home folder."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    os.environ["UNION7510_DAGSTER"] = str(home.dagster)
    folder = os.environ.get("DAGSTER_HOME") or next(
        str(folder) for folder in _INSTANCE_FOLDERS if (folder / "dagster.yaml").is_file()
    )
    return dg.DagsterInstance.from_config(folder)


def run_ingest(
    home: Home,
    catalog: Catalog,
    receptions: Sequence[Reception],
    progress: Progress,
    *,
    recheck: bool = False,
) -> str:
    """Checks ``receptions``, builds, audits and publishes; returns the id of the current publication.

    Raises:
        RunFailed: with the cause of each failed step in words.
    """
    known = sorted({one.period for one in receptions if one.period is not None})
    months = known or [f"{catalog.programme.months[0]:%Y-%m}"]
    settings = {CHECKED: {"config": {"recheck": recheck}}}
    return _run(home, build_defs(home, catalog, progress), INGEST_RETURNS, settings, range_tags(months))


def run_publish(home: Home, catalog: Catalog, remote: str | None, bucket: str | None = None) -> str:
    """Builds from what is checked, audits and publishes; returns the id of the current publication.

    ``remote`` is the address of the engine that builds the large tables; without one this process does.
    ``bucket`` is where the engine reads and writes; without one the home.

    Raises:
        RunFailed: with the cause of each failed step in words.
    """
    settings = {BUILDING: {"config": {"remote": remote, "bucket": bucket}}}
    return _run(home, build_defs(home, catalog), PUBLISH_WAREHOUSE, settings, {})


def _run(
    home: Home,
    definitions: dg.Definitions,
    job_name: str,
    settings: Mapping[str, object],
    tags: Mapping[str, str],
) -> str:
    job = definitions.resolve_job_def(job_name)
    with dagster_instance(home) as instance:
        result = job.execute_in_process(
            run_config={**_QUIET, "ops": settings},
            instance=instance,
            tags={**tags, RETRIES_TAG: "0"},
            raise_on_error=False,
        )
    store = PublicationStore(home)
    current = store.current_id()
    if not result.success or current is None:
        raise RunFailed(_in_words(result, current))
    return current


def _in_words(result: dg.ExecuteInProcessResult, current: str | None) -> str:
    causes = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None and error.cls_name not in _IN_WORDS:
                error = error.cause
            causes.append(f"{event.step_key}: {error.message.strip() if error else 'no cause given'}")
    serving = f"publication {current} still serves" if current else "nothing was published"
    return f"run {result.run_id} failed, {serving}: " + "; ".join(causes)
