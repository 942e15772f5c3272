"""What Dagster does by itself: the inbox, retries, alerts, reminders, verification, abandoned runs.

What belongs here: sensors, schedules and jobs in this process. What does not: real daemons
(``test_dagster_dev``).

Runs are dear, so one test goes through a day of one home and one instance, in the order of the file.
"""

from __future__ import annotations

import datetime as dt
import errno
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from etl import inbox, sensors
from etl.alerts import BadAddress, Webhook
from etl.assets import faults, processes, publishing
from etl.definitions import build_defs
from etl.intake import Stated
from etl.receiving import receive_files
from tests.intake.workbooks import ledger
from tests.support.webhook import Posted, webhook
from warehouse import storage
from warehouse.building import build_candidate
from warehouse.catalog import load_catalog
from warehouse.publications import PublicationStore
from warehouse.settings import Home

GOOD = ledger("师带徒", name="于都县_2024-03.xlsx")
PARTLY = ledger("师带徒", {"签订日期": "昨天"}, name="宁都县_2024-03.xlsx")
LATER = ledger("师带徒", name="兴国县_2024-04.xlsx")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class World:
    """One home and one Dagster instance, with the cursor of the sensor of alerts."""

    home: Home
    instance: dg.DagsterInstance
    posted: Posted
    cursor: str | None = None

    def __post_init__(self) -> None:
        self.definitions = build_defs(self.home)
        self.repository = self.definitions.get_repository_def()

    def tick(self, sensor: str) -> dg.RunRequest | str:
        """What the sensor asks for, or why nothing."""
        with dg.build_sensor_context(
            instance=self.instance,
            repository_def=self.repository,
            cursor=self.cursor if sensor == "alerts" else None,
        ) as context:
            found = self.repository.get_sensor_def(sensor)(context)
            if sensor == "alerts":
                self.cursor = context.cursor
        assert isinstance(found, dg.RunRequest | dg.SkipReason)
        return found if isinstance(found, dg.RunRequest) else found.skip_message or ""

    def at(self, tick: dt.datetime) -> dg.ScheduleEvaluationContext:
        return dg.build_schedule_context(
            self.instance, scheduled_execution_time=tick, repository_def=self.repository
        )

    def run(
        self,
        job: str,
        tags: dict[str, str] | None = None,
        config: dict[str, Any] | None = None,
        partition: str | None = None,
    ) -> dg.ExecuteInProcessResult:
        return self.definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            tags=tags,
            run_config={**QUIET, **(config or {})},
            partition_key=partition,
            raise_on_error=False,
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with (
        dg.DagsterInstance.ephemeral() as instance,
        webhook() as posted,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(inbox, "STABLE_SECONDS", 0.01)
        patch.setattr(sensors, "WATCHED_SECONDS", 0.0)
        patch.setattr(faults, "_DELAYS", (0,))
        patch.setenv("UNION7510_WEBHOOK", posted.address)
        patch.setenv("UNION7510_WEBHOOK_TOKEN", "secret")
        yield World(Home(tmp_path / "home"), instance, posted)


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    event = result.asset_materializations_for_node(asset)[-1]
    return {label: value.value for label, value in event.metadata.items()}


# The day


def test_a_day_of_a_home(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _the_inbox_starts_one_run_for_a_batch_and_its_senders_find_the_answers(world)
    _the_pages_tell_in_words_which_return_which_file_and_which_rule(world)
    _completeness_lineage_and_warnings_of_the_ledgers_stand_at_the_assets(world)
    with monkeypatch.context() as patch:
        _a_full_disk_is_tried_again_and_another_fault_is_told_in_words(world, patch)
    _a_run_whose_process_is_gone_is_marked_as_failed(world)
    _the_reminder_lists_who_has_not_reported(world)
    _the_nightly_verification_and_the_standing_check(world)
    _garbage_is_collected_but_what_serves_stays(world)
    with monkeypatch.context() as patch:
        _alerts_are_posted_once_in_order_and_later_where_nobody_answers(world, patch)
    with monkeypatch.context() as patch:
        _without_a_webhook_nothing_is_told_and_nothing_is_kept_for_later(world, patch)
    _a_batch_whose_run_failed_is_tried_again_later(world)
    _what_landed_otherwise_is_checked_too(world)


# From the inbox to the outbox


def _the_inbox_starts_one_run_for_a_batch_and_its_senders_find_the_answers(world: World) -> None:
    assert world.tick("inbox") == "the inbox is empty"
    assert world.tick("alerts") == "nothing before this"
    folder = world.home.inbox / "于都县"
    folder.mkdir(parents=True)
    for file in (GOOD, PARTLY):
        (folder / file.name).write_bytes(file.content)
    (world.home.inbox / "说明.docx").write_bytes(b"PK no workbook")
    request = world.tick("inbox")
    assert isinstance(request, dg.RunRequest)
    assert request.tags["union7510/files"] == "3"
    assert (request.run_key or "").endswith("-1")
    # The months that the names tell; the run checks what has landed of other months, too.
    assert request.tags["dagster/asset_partition_range_start"] == "2024-03"
    assert request.tags["dagster/asset_partition_range_end"] == "2024-03"
    # Until the run has been there, the same batch asks for the same run.
    again = world.tick("inbox")
    assert isinstance(again, dg.RunRequest)
    assert again.run_key == request.run_key

    result = world.run("ingest_returns", {**request.tags}, {**request.run_config})
    assert result.success
    assert PublicationStore(world.home).current_id() == "000001"
    landed = metadata(result, "landed_returns")
    assert landed["taken_from_inbox"] == 3
    assert world.tick("inbox") == "the inbox is empty"

    answers = {path.name: path for path in world.home.outbox.rglob("*") if path.is_file()}
    assert set(answers) == {
        "于都县_2024-03_R000001.txt",
        "宁都县_2024-03_R000002.txt",
        "宁都县_2024-03_R000002_校验结果.xlsx",
        "说明_R000003.txt",
        "说明_R000003_校验结果.xlsx",
    }
    told = {
        name: path.read_text(encoding="utf-8-sig") for name, path in answers.items() if name[-3:] == "txt"
    }
    assert "全部采纳 ACCEPTED" in told["于都县_2024-03_R000001.txt"]
    assert (
        "请在 宁都县_2024-03_R000002_校验结果.xlsx 中改正标色的单元格" in told["宁都县_2024-03_R000002.txt"]
    )
    assert "退回 REJECTED" in told["说明_R000003.txt"]
    assert "R001" in told["说明_R000003.txt"]


def _the_pages_tell_in_words_which_return_which_file_and_which_rule(world: World) -> None:
    [run] = world.instance.get_runs(dg.RunsFilter(job_name="ingest_returns"))
    events = world.instance.fetch_materializations(dg.AssetKey("checked_returns"), limit=40).records
    by_month = {event.partition_key: event.asset_materialization for event in events}
    assert set(by_month) == {"2024-03"}
    march = by_month["2024-03"]
    assert march is not None
    table = march.metadata["not_clean"]
    assert isinstance(table, dg.TableMetadataValue)
    rows = {str(record.data["return"]): record.data for record in table.records}
    assert set(rows) == {"R000002", "R000003"}
    assert rows["R000003"]["status"] == "REJECTED"
    assert rows["R000003"]["file"] == "说明.docx"
    assert "R001" in str(rows["R000003"]["rules"])
    assert march.metadata["returns_of_month"].value == 2
    warnings = [log.user_message for log in world.instance.all_logs(run.run_id) if log.level == 30]
    assert any("R000003 说明.docx: REJECTED" in words and "R001" in words for words in warnings)


def _completeness_lineage_and_warnings_of_the_ledgers_stand_at_the_assets(world: World) -> None:
    def last(asset: str) -> dict[str, dg.MetadataValue[Any]]:
        [event] = world.instance.fetch_materializations(dg.AssetKey(asset.split("/")), limit=1).records
        assert event.asset_materialization is not None
        return {**event.asset_materialization.metadata}

    complete = last("mart/reporting_status")["completeness"]
    assert isinstance(complete, dg.TableMetadataValue)
    [march] = [dict(record.data) for record in complete.records if record.data["month"] == "2024-03"]
    assert (march["expected"], march["reported"], march["due_on"]) == (20, 2, "2024-04-05")
    assert "兴国县" in str(march["missing"])
    lineage = last("mart/funding")["dagster/column_lineage"].value
    assert lineage.deps_by_column["paid"] == [
        dg.TableColumnDep(dg.AssetKey(["mart", "indicator_progress"]), "value")
    ]
    of_ledger = last("core/apprenticeships")["dagster/column_lineage"].value.deps_by_column["signed_on"]
    assert of_ledger == [dg.TableColumnDep(dg.AssetKey("checked_returns"), "apprenticeships.signed_on")]


# Faults


def _a_full_disk_is_tried_again_and_another_fault_is_told_in_words(
    world: World, patch: pytest.MonkeyPatch
) -> None:
    build, calls = build_candidate, list[int]()

    def full_at_first(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, "No space left on device", "publications")
        return build(*arguments, **named)

    patch.setattr(publishing, "build_candidate", full_at_first)
    result = world.run("publish_warehouse")
    assert result.success
    assert PublicationStore(world.home).current_id() == "000002"
    retried = [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]
    assert [event.step_key for event in retried] == ["warehouse_tables"]

    # The command line does not wait: somebody watches.
    calls.clear()
    failed = world.run("publish_warehouse", {faults.RETRIES_TAG: "0"})
    assert not failed.success
    [event] = [event for event in failed.all_events if event.is_step_failure]
    data = event.step_failure_data
    assert data.error is not None
    assert "Building the warehouse: the disk is full." in data.error.message
    assert data.user_failure_data is not None
    assert "collect_garbage" in str(data.user_failure_data.metadata["what to do"].value)
    assert PublicationStore(world.home).current_id() == "000002"


def test_what_passes_by_itself() -> None:
    assert faults.passes(storage.Busy("another process is writing"))
    assert faults.passes(OSError(errno.ESTALE, "Stale file handle"))
    assert not faults.passes(FileNotFoundError(errno.ENOENT, "No such file", "landing/files/ab/abc"))
    assert not faults.passes(ValueError("nonsense"))
    missing = FileNotFoundError(errno.ENOENT, "No such file or directory", "landing/files/ab/abc")
    assert faults.words(missing) == "no such file or directory (landing/files/ab/abc)."
    assert "backup" in faults.advice(missing)


def _a_run_whose_process_is_gone_is_marked_as_failed(world: World) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        name = processes.name_of(process.pid)
        assert name is not None
        assert not processes.is_gone(name)
        process.kill()
    assert processes.is_gone(name)
    job = world.definitions.resolve_job_def("collect_garbage")
    dead, alive = (
        world.instance.create_run_for_job(job, tags={processes.TAG: tag}, status=dg.DagsterRunStatus.STARTED)
        for tag in (name, processes.this_process())
    )
    assert world.tick("abandoned_runs") == "1 runs were abandoned"
    statuses = [run and run.status for run in map(world.instance.get_run_by_id, (dead.run_id, alive.run_id))]
    assert statuses == [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED]
    world.instance.report_run_canceled(alive)


# By the clock


def _the_reminder_lists_who_has_not_reported(world: World) -> None:
    schedule = world.repository.get_schedule_def("remind_units")
    ticks = [dt.datetime(2024, 4, 6, 1, tzinfo=dt.UTC), dt.datetime(2027, 3, 6, 1, tzinfo=dt.UTC)]
    asked = [schedule.evaluate_tick(world.at(tick)) for tick in ticks]
    assert [request.partition_key for request in asked[0].run_requests or ()] == ["2024-03"]
    assert asked[1].skip_message == "2027-02 is no month of the programme"
    result = world.run("list_missing_returns", partition="2024-03")
    assert result.success
    units = result.asset_materializations_for_node("missing_returns")[0].metadata["units"]
    assert isinstance(units, dg.TableMetadataValue)
    assert len(units.records) == 18
    assert "于都县" not in {record.data["name_zh"] for record in units.records}


def _the_nightly_verification_and_the_standing_check(world: World) -> None:
    result = world.run("verify_publication")
    assert result.success
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert {name: check.passed for name, check in checks.items()} == {
        "is_what_its_manifest_says": True,
        "holds_all_that_landed": True,
        "nothing_is_failing_now": False,
    }
    failing = checks["nothing_is_failing_now"].metadata["list"]
    assert isinstance(failing, dg.TableMetadataValue)
    told = [f"{record.data['month']} {record.data['what']}" for record in failing.records]
    assert any("R000003 is refused" in words for words in told)
    assert any(words.startswith("2024-03 no return, due 2024-04-05") for words in told)


def _garbage_is_collected_but_what_serves_stays(world: World) -> None:
    config = {"ops": {"remove_old_publications": {"config": {"keep": 1, "dry_run": True}}}}
    assert world.run("collect_garbage", config=config).success
    assert PublicationStore(world.home).ids() == ["000001", "000002"]
    config["ops"]["remove_old_publications"]["config"]["dry_run"] = False
    assert world.run("collect_garbage", config=config).success
    assert PublicationStore(world.home).ids() == ["000002"]


# Alerts


def _alerts_are_posted_once_in_order_and_later_where_nobody_answers(
    world: World, patch: pytest.MonkeyPatch
) -> None:
    patch.setattr("etl.alerts._DELAYS", (0.0, 0.0))
    world.posted.answers[:] = [503, 204]
    assert world.tick("alerts") == "4 alerts were posted"
    assert sorted(world.posted.kinds()) == ["returns_missing", "returns_rejected", "run_failed", "run_failed"]
    rejected = next(alert for alert in world.posted.alerts if alert["kind"] == "returns_rejected")
    assert [one["return"] for one in rejected["returns"]] == ["R000003"]
    assert "说明.docx" in rejected["text"]
    causes = [alert["causes"] for alert in world.posted.alerts if alert["kind"] == "run_failed"]
    assert any("the disk is full" in cause for [cause] in causes)
    assert any("process of this run is gone" in cause for [cause] in causes)
    assert {*world.posted.tokens} == {"Bearer secret"}
    assert world.tick("alerts") == "nothing to tell"

    # A damaged publication is told; while the webhook is down, the tick fails and the next one posts it.
    (path,) = world.home.publications.glob("warehouse-*.duckdb")
    path.chmod(0o644)
    with path.open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"\xff")
    assert world.run("verify_publication").success
    before = len(world.posted.alerts)
    world.posted.answers[:] = [500, 500, 500]
    with pytest.raises(Exception, match="500 Internal Server Error"):
        world.tick("alerts")
    assert len(world.posted.alerts) == before
    assert world.tick("alerts") == "1 alerts were posted"
    assert world.posted.kinds()[-1] == "publication_wrong"
    assert "sha256" in world.posted.alerts[-1]["text"]


def _without_a_webhook_nothing_is_told_and_nothing_is_kept_for_later(
    world: World, patch: pytest.MonkeyPatch
) -> None:
    patch.delenv("UNION7510_WEBHOOK")
    assert world.tick("alerts") == "UNION7510_WEBHOOK is not set"
    patch.setenv("UNION7510_WEBHOOK", "chat.example")
    with pytest.raises(BadAddress, match="takes an address such as"):
        Webhook.from_environment()


def _a_batch_whose_run_failed_is_tried_again_later(world: World) -> None:
    (world.home.inbox / "再来.csv").write_bytes(b"x")
    first = world.tick("inbox")
    assert isinstance(first, dg.RunRequest)
    job = world.definitions.resolve_job_def("ingest_returns")
    run = world.instance.create_run_for_job(job, tags={**first.tags}, status=dg.DagsterRunStatus.STARTED)
    assert world.tick("inbox") == f"run {run.run_id} is at work on a batch"
    world.instance.report_run_failed(run, "killed")
    waiting = world.tick("inbox")
    assert isinstance(waiting, str)
    assert "failed with this batch" in waiting
    # With one more file it is another batch, which need not wait.
    (world.home.inbox / "又来.csv").write_bytes(b"y")
    second = world.tick("inbox")
    assert isinstance(second, dg.RunRequest)
    assert second.tags["union7510/files"] == "2"
    assert second.tags["dagster/asset_partition_range_end"] == "2026-12"


def _what_landed_otherwise_is_checked_too(world: World) -> None:
    shutil.rmtree(world.home.inbox / ".taken")
    handed_in = world.home.root / LATER.name
    handed_in.write_bytes(LATER.content)
    [received] = receive_files(world.home, load_catalog(), [handed_in], Stated())
    request = world.tick("inbox")
    assert isinstance(request, dg.RunRequest)
    assert request.tags["union7510/files"] == "1"
    assert request.tags["dagster/asset_partition_range_start"] == "2024-04"
    assert world.run("ingest_returns", {**request.tags}, {**request.run_config}).success
    assert (world.home.receipts / f"{received.reception.return_id}.json").is_file()
    assert world.tick("inbox") == "the inbox is empty"
