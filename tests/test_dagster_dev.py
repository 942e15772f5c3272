"""A real ``dagster dev``: from a file in the inbox to the figure in GraphQL, and on after a run is killed.

What belongs here: daemons, code server and run workers as processes, in the environment of `make dagster`.
What does not: what sensors and jobs do (``test_automation``). Starting takes half a minute: one test for all.

With ``-s`` it prints where the time from drop to figure goes (docs/operations.md).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest

from etl.assets import processes
from etl.assets.faults import RETRIES_TAG
from etl.definitions import build_defs
from etl.running import dagster_instance
from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.intake.workbooks import ledger
from tests.support.processes import free_port
from tests.support.webhook import webhook
from warehouse.publications import PublicationStore
from warehouse.reading import Viewer
from warehouse.settings import Home

CHECKOUT = Path(__file__).parents[1]
COMMAND = CHECKOUT / ".venv-dagster" / "bin" / "dagster"
#: Far more than anything here takes, in seconds.
PATIENCE = 300

pytestmark = pytest.mark.skipif(
    not COMMAND.exists(), reason="Dagster's pages are not installed: make .venv-dagster/.ready"
)

_RUNS = """
{ runsOrError(filter: {pipelineName: "ingest_returns"}) { ... on Runs {
    results { runId status creationTime tags { key value }
              stats { ... on RunStatsSnapshot { launchTime startTime } } } } } }
"""
_EVENTS = """
query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection {
    events { __typename ... on MessageEvent { message timestamp stepKey } } } } }
"""
_FIGURE = """
{ progress(year: 2024, through: "2024-03", indicators: ["apprenticeships"]) { value } }
"""


class Pages:
    """Dagster's pages, asked by GraphQL as a browser asks them."""

    def __init__(self, address: str) -> None:
        self.address = address

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.address}/server_info", timeout=5).is_success
        except httpx.TransportError:
            return False

    def ask(self, query: str, **variables: str) -> Any:
        answer = httpx.post(
            f"{self.address}/graphql", json={"query": query, "variables": variables}, timeout=60
        ).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def runs(self) -> list[dict[str, Any]]:
        """The runs of the job, the newest first, with their tags as a mapping."""
        found = self.ask(_RUNS)["runsOrError"]["results"]
        return [{**run, "tags": {tag["key"]: tag["value"] for tag in run["tags"]}} for run in found]

    def events(self, run_id: str) -> list[dict[str, Any]]:
        """What the log of a run holds."""
        found: list[dict[str, Any]] = self.ask(_EVENTS, run=run_id)["logsForRun"]["events"]
        return found


@contextmanager
def dagster_dev(home: Home, folder: Path, webhook_address: str) -> Iterator[Pages]:
    """``dagster dev`` over a home, until the end of the block."""
    port = free_port()
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(folder),
        "UNION7510_HOME": str(home.root),
        "UNION7510_DAGSTER": str(home.dagster),
        "UNION7510_WEBHOOK": webhook_address,
    }
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [COMMAND, "dev", "--host", "127.0.0.1", "--port", str(port)],
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Pages(f"http://127.0.0.1:{port}")
    except BaseException:
        print((folder / "output").read_text()[-5000:])  # noqa: T201 - pytest shows it
        raise
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait(come: Callable[[], Any], what: str) -> Any:
    """What ``come`` gives as soon as it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := come()):
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.1)
    return found


def drop(home: Home, name: str, content: bytes) -> None:
    home.inbox.mkdir(parents=True, exist_ok=True)
    (home.inbox / name).write_bytes(content)


def _a_run_that_died_with_its_machine(home: Home, folder: Path) -> str:
    """Nobody was left to note the end of this run: it stays at work for ever, as far as Dagster knows."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        name = processes.name_of(process.pid)
        process.kill()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder))
        with dagster_instance(home) as instance:
            dead = instance.create_run_for_job(
                build_defs(home).resolve_job_def("ingest_returns"),
                tags={processes.TAG: str(name), RETRIES_TAG: "0"},
                status=dg.DagsterRunStatus.STARTED,
            )
    return dead.run_id


def _figure(api: Client) -> str | None:
    """The value of the indicator; None while nothing is published."""
    answer = api.post(_FIGURE).json()
    return None if "errors" in answer else answer["data"]["progress"][0]["value"]


def _parts(dropped: float, run: dict[str, Any], events: Sequence[dict[str, Any]], seen: float) -> list[str]:
    """Where the time from the drop to the figure went, a line a part."""

    def at(kind: str, step: str) -> float:
        return next(
            float(one["timestamp"]) / 1000
            for one in events
            if (one["__typename"], one.get("stepKey")) == (kind, step)
        )

    built = at("ExecutionStepOutputEvent", "warehouse_tables")
    ends = {
        "the sensor sees the file, and it stands still": run["creationTime"],
        "Dagster notes what the run will do, and queues it": run["stats"]["launchTime"],
        "the process starts and imports": run["stats"]["startTime"],
        "landed, checked, built, audited": built,
        "Dagster notes tables and checks": at("ExecutionStepStartEvent", "publication"),
        "published and answered by GraphQL": seen,
    }
    begins = [dropped, *ends.values()]
    return [f"{end - begin:5.1f} s  {part}" for begin, (part, end) in zip(begins, ends.items(), strict=False)]


def test_a_file_in_the_inbox_is_published_even_when_the_run_is_killed(home: Home, tmp_path: Path) -> None:
    store = PublicationStore(home)
    march, other = (
        ledger("师带徒", {"师傅": master}, name=f"{unit}_2024-03.xlsx")
        for unit, master in (("于都县", "张三"), ("兴国县", "李四"))
    )
    folder = tmp_path / "dagster"
    folder.mkdir()
    shutil.copy(CHECKOUT / "dagster.yaml", folder)
    dead = _a_run_that_died_with_its_machine(home, folder)
    api = Client(create_app(home, ApiSettings(viewer=Viewer.CITY)))
    assert _figure(api) is None
    with webhook() as posted, dagster_dev(home, folder, posted.address) as pages:
        wait(pages.is_up, "the web server")
        wait(lambda: pages.runs()[0]["status"] == "FAILURE", "the end of the run that held the queue")

        dropped = time.time()
        drop(home, march.name, march.content)
        drop(home, "说明.docx", b"no workbook")
        wait(lambda: _figure(api) == "3", "the figure")
        seen = time.time()
        wait(lambda: len([*home.outbox.glob("*.txt")]) == 2, "the answers")
        assert wait(lambda: "returns_rejected" in posted.kinds(), "the alert")
        [done] = wait(lambda: [one for one in pages.runs() if one["status"] == "SUCCESS"], "the run")
        assert pages.runs()[-1]["runId"] == dead
        events = pages.events(done["runId"])
        assert any("说明.docx: REJECTED" in one.get("message", "") for one in events)
        lines = [*_parts(dropped, done, events, seen), f"{seen - dropped:5.1f} s  from drop to figure"]
        print("", *lines, sep="\n")  # noqa: T201 - docs/operations.md

        # The process of the next run is killed while it builds: Dagster notices, and starts the run again.
        drop(home, other.name, other.content)
        wait(lambda: [*home.publications.glob(".tmp-candidate-*")], "the build")
        victim = next(run for run in pages.runs() if run["status"] == "STARTED")
        os.kill(int(victim["tags"][processes.TAG].split(" ")[1]), signal.SIGKILL)
        wait(lambda: _figure(api) == "6", "the figure after the kill")
        ended = wait(lambda: [run for run in pages.runs()[:1] if run["status"] == "SUCCESS"], "the retry")
        assert ended[0]["tags"]["dagster/parent_run_id"] == victim["runId"]
        assert pages.runs()[1]["status"] == "FAILURE"
        wait(
            lambda: (victim["runId"], "run_failed") in {(one["run"], one["kind"]) for one in posted.alerts},
            "the alert of the killed run",
        )
    assert store.current_id() == "000002"
    assert [path.name for path in home.inbox.iterdir()] == [".taken"]
    assert [*(home.inbox / ".taken").iterdir()] == []
    assert [*home.publications.glob(".tmp-*")] == []
