"""A real ``dagster dev``: from a file in the inbox to the publication, and on after a run is killed.

What belongs here: daemons, code server and run workers as processes, in the environment of `make dagster`.
What does not: what sensors and jobs do (``test_automation``). Starting takes half a minute: one test for all.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from etl.assets import processes
from tests.intake.workbooks import File, ledger
from tests.support.command import run
from tests.support.processes import free_port, start
from tests.support.webhook import webhook
from warehouse.publications import PublicationStore, Readers
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
    results { runId status tags { key value } stats { ... on RunStatsSnapshot { startTime endTime } } } } } }
"""
_WORDS = """
query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection {
    events { ... on LogMessageEvent { level message } } } } }
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


def _run_that_dies_with_its_machine(home: Home, tmp_path: Path, file: File) -> None:
    """Nobody is left to note the end of this run: it stays at work for ever, as far as Dagster knows."""
    folder = tmp_path / "dagster"
    folder.mkdir()
    shutil.copy(CHECKOUT / "dagster.yaml", folder)
    (tmp_path / file.name).write_bytes(file.content)
    run(home, "submit", tmp_path / file.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder))
        with start(home, "ingest") as process:
            wait(lambda: [*home.publications.glob(".tmp-candidate-*")], "the build of the run that dies")
            process.kill()
            process.communicate()


def test_a_file_in_the_inbox_is_published_even_when_the_run_is_killed(home: Home, tmp_path: Path) -> None:
    store = PublicationStore(home)
    march, other, before = (
        ledger("师带徒", {"师傅": master}, name=f"{unit}_2024-03.xlsx")
        for unit, master in (("于都县", "张三"), ("兴国县", "李四"), ("宁都县", "王五"))
    )
    _run_that_dies_with_its_machine(home, tmp_path, before)
    with webhook() as posted, dagster_dev(home, tmp_path / "dagster", posted.address) as pages:
        wait(pages.is_up, "the web server")
        dropped = time.monotonic()
        drop(home, march.name, march.content)
        drop(home, "说明.docx", b"no workbook")
        wait(lambda: store.current_id() == "000001", "the publication, though a dead run held the queue")
        print(f"from drop to publication: {time.monotonic() - dropped:.1f} s")  # noqa: T201 - docs/operations.md
        answers = wait(lambda: len([*home.outbox.glob("*.txt")]) == 2, "the answers")
        assert answers
        assert wait(lambda: "returns_rejected" in posted.kinds(), "the alert")
        [done] = wait(lambda: [one for one in pages.runs() if one["status"] == "SUCCESS"], "the run")
        assert pages.runs()[-1]["status"] == "FAILURE"
        print(f"the run itself: {done['stats']['endTime'] - done['stats']['startTime']:.1f} s")  # noqa: T201
        logs = pages.ask(_WORDS, run=done["runId"])["logsForRun"]["events"]
        assert any("说明.docx: REJECTED" in one.get("message", "") for one in logs)

        # The process of the next run is killed while it builds: Dagster notices, and starts the run again.
        drop(home, other.name, other.content)
        wait(lambda: [*home.publications.glob(".tmp-candidate-*")], "the build")
        victim = next(run for run in pages.runs() if run["status"] == "STARTED")
        os.kill(int(victim["tags"][processes.TAG].split(" ")[1]), signal.SIGKILL)
        wait(lambda: store.current_id() == "000002", "the publication after the kill")
        ended = wait(lambda: [run for run in pages.runs()[:1] if run["status"] == "SUCCESS"], "the retry")
        assert ended[0]["tags"]["dagster/parent_run_id"] == victim["runId"]
        assert pages.runs()[1]["status"] == "FAILURE"
        wait(
            lambda: (victim["runId"], "run_failed") in {(one["run"], one["kind"]) for one in posted.alerts},
            "the alert of the killed run",
        )
    assert [path.name for path in home.inbox.iterdir()] == [".taken"]
    assert [*(home.inbox / ".taken").iterdir()] == []
    with Readers(store).open() as reader:
        [row] = reader.query("SELECT count(DISTINCT unit) AS units FROM core.apprenticeships")
    assert row["units"] == 3
    assert [*home.publications.glob(".tmp-*")] == []
