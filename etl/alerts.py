"""Alerts: what somebody should know at once, as JSON documents posted to a webhook.

What belongs here: what is told of a finished run, and posting it. What does not: noticing that a run has
finished (``etl.sensors``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from etl.assets.common import CHECKED, MISSING, PUBLICATION
from etl.assets.intake import NOT_CLEAN
from etl.assets.standing import COMPLETE, TRUE

#: An answer must come within so many seconds, and a post is tried so often, so long apart.
_TIMEOUT = 10.0
_DELAYS = (1.0, 3.0)
_TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


class BadAddress(ValueError):
    """``UNION7510_WEBHOOK`` is no address to post to."""


@dataclass(frozen=True)
class Webhook:
    """Where alerts go; ``token``, if any, is sent as a bearer token."""

    address: str
    token: str | None = None

    @classmethod
    def from_environment(cls) -> Webhook | None:
        """What ``UNION7510_WEBHOOK`` and ``UNION7510_WEBHOOK_TOKEN`` say; None where nobody is to be told.

        Raises:
            BadAddress: the address is none.
        """
        address = os.environ.get("UNION7510_WEBHOOK", "").strip()
        if not address:
            return None
        if not address.startswith(("http://", "https://")):
            raise BadAddress(
                f"UNION7510_WEBHOOK is {address!r}; it takes an address such as https://chat.example/hook"
            )
        return cls(address, os.environ.get("UNION7510_WEBHOOK_TOKEN", "").strip() or None)

    def post(self, alerts: Sequence[Mapping[str, Any]], wait: Callable[[float], object] = time.sleep) -> None:
        """Posts each alert, tried again where that may help.

        Raises:
            httpx.HTTPError: one could not be posted; those before it are.
        """
        import httpx  # the command line imports this module and posts nothing

        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with httpx.Client(timeout=_TIMEOUT, headers=headers) as client:
            for alert in alerts:
                for delay in (*_DELAYS, None):
                    try:
                        answer = client.post(self.address, json=alert)
                        if answer.status_code not in _TRY_LATER or delay is None:
                            answer.raise_for_status()
                            break
                    except httpx.TransportError:
                        if delay is None:
                            raise
                    wait(delay)


def alerts_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[dict[str, Any]]:
    """What there is to tell of a finished run: its failure, refused or missing returns, failed checks.

    The same run gives the same alerts, each with the same ``id``.
    """
    if run.status is dg.DagsterRunStatus.FAILURE:
        causes = [*_causes(instance, run)]
        text = f"运行失败 The run {run.job_name} failed: {' '.join(causes)}"
        yield _alert("run_failed", run, text, causes=causes)
    metadata = _metadata(instance, run)
    refused = [one for one in _rows(metadata.get(CHECKED), NOT_CLEAN) if one["status"] == "REJECTED"]
    if refused:
        files = "、".join(f"{one['return']} {one['file']}" for one in refused)
        text = f"报表被退回 {len(refused)} returns were refused: {files}"
        yield _alert("returns_rejected", run, text, returns=refused)
    missing = _rows(metadata.get(MISSING), "units")
    if missing:
        names = "、".join(str(one["name_zh"]) for one in missing)
        month = run.tags.get("dagster/partition", "")
        text = f"{month} 未报送 {len(missing)} units have not reported: {names}"
        yield _alert("returns_missing", run, text, month=month, units=missing)
    failed = [*_failed_checks(instance, run)]
    if failed:
        text = f"发布核验未通过 The current publication: {'; '.join(one['what'] for one in failed)}"
        yield _alert("publication_wrong", run, text, checks=failed)


def _alert(kind: str, run: dg.DagsterRun, text: str, **facts: object) -> dict[str, Any]:
    base = os.environ.get("UNION7510_DAGSTER_PAGES", "").strip().rstrip("/")
    return {
        "id": f"{run.run_id}/{kind}",
        "kind": kind,
        "text": text,
        "job": run.job_name,
        "run": run.run_id,
        "page": f"{base}/runs/{run.run_id}" if base else None,
        **facts,
    }


def _causes(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[str]:
    """Why a run failed: each failed step's words, else what was said of the run."""
    told = False
    for event in _events(instance, run, dg.DagsterEventType.STEP_FAILURE):
        error = event.step_failure_data.error
        if error is not None:
            told = True
            # Dagster puts the name of the exception before its words.
            yield error.message.strip().partition(": ")[2] or error.message.strip()
    if not told:
        for event in _events(instance, run, dg.DagsterEventType.RUN_FAILURE):
            yield (event.message or "").strip()


def _metadata(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[str, Mapping[str, Any]]:
    """The last metadata of each unpartitioned name of asset that the run made."""
    found = {}
    for event in _events(instance, run, dg.DagsterEventType.ASSET_MATERIALIZATION):
        materialization = event.step_materialization_data.materialization
        found[materialization.asset_key.to_user_string()] = materialization.metadata
    return found


def _rows(metadata: Mapping[str, Any] | None, name: str) -> list[dict[str, Any]]:
    value = (metadata or {}).get(name)
    return [dict(record.data) for record in value.records] if isinstance(value, dg.TableMetadataValue) else []


def _failed_checks(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[dict[str, str]]:
    """Checks of the publication as such; an audit that fails makes its run fail."""
    for event in _events(instance, run, dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        found = event.asset_check_evaluation_data
        is_ours = found.asset_key == dg.AssetKey(PUBLICATION) and found.check_name in {TRUE, COMPLETE}
        if is_ours and not found.passed:
            yield {"check": found.check_name, "what": found.description or found.check_name}


def _events(
    instance: dg.DagsterInstance, run: dg.DagsterRun, kind: dg.DagsterEventType
) -> Iterator[dg.DagsterEvent]:
    for entry in instance.all_logs(run.run_id, of_type=kind):
        if entry.dagster_event is not None:
            yield entry.dagster_event
