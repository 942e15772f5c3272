"""Analysts' own clients read publications: equal figures in all, and neither waits for the other.

What belongs here: other processes with Python's DuckDB, the command line of DuckDB 1.x and Node's DuckDB.
What does not: the server (``test_live_switch``).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lake_world import Return, World, venue
from warehouse import storage
from warehouse.building import build_candidate
from warehouse.building.audits import run_audits
from warehouse.publications import PublicationStore

CLIENTS = Path(__file__).parent / "clients"
COMMAND_LINE_PROGRAM = Path(sys.executable).with_name("duckdb")
#: Longer than any of the processes takes, in seconds.
PATIENCE = 120
COUNTY = "360731"
#: One query a line; each publication has one venue more than the one before, so its number is a figure.
QUERIES = """\
SELECT publication_id, data_through, row_count FROM meta.publication
SELECT value, state, attainment, gap, expected_units FROM mart.indicator_progress \
WHERE indicator = 'activity_venues' AND unit IS NULL AND month = DATE '2024-03-01'
SELECT 数值, 数值状态, 完成率, 差距, 应报单位数 FROM zh.指标进度 \
WHERE 指标 = 'activity_venues' AND 填报单位 IS NULL AND 截至月份 = DATE '2024-03-01'
SELECT sum(numerator) FROM mart.indicator_contributions WHERE indicator = 'activity_venues'
SELECT return_id, period, received_at, late, rows_accepted FROM core.returns ORDER BY sequence LIMIT 1
SELECT 场所名称, 补助金额_元, 产业链, 验收日期, 属于7510 FROM zh.职工活动场所 ORDER BY 行号 LIMIT 1
SELECT comment FROM duckdb_columns() WHERE schema_name = 'mart' AND table_name = 'indicator_progress' \
AND column_name = 'gap'
SELECT comment FROM duckdb_columns() WHERE schema_name = 'zh' AND table_name = '职工活动场所' \
AND column_name = '补助金额_元'
"""


#: Number of a publication, and the rows of each query.
Reading = tuple[str, list[Any]]


class Client:
    """One kind of process that reads publications."""

    def __init__(self, name: str, *command: str | Path) -> None:
        self.name = name
        self._command = command

    def start(self, folder: Path, last: str) -> subprocess.Popen[str]:
        """Starts a process that reads until it has read publication ``last``."""
        queries = folder.parent / "queries.sql"
        queries.write_text(QUERIES, encoding="utf-8")
        return subprocess.Popen(
            [*self._command, folder, queries, last],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def read(self, folder: Path) -> Reading:
        """The number of the current publication and the answers, read once."""
        [(number, answers)] = finished(self.start(folder, "000000"))
        return number, answers


def finished(process: subprocess.Popen[str]) -> list[Reading]:
    """What a process has read, one reading after the other, when it ends."""
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    return [as_reading(line) for line in output.splitlines()]


def as_reading(line: str) -> Reading:
    number, answers = json.loads(line)
    return number, answers


PYTHON = Client("python", sys.executable, CLIENTS / "read.py", "python")
COMMAND_LINE = Client("command line", sys.executable, CLIENTS / "read.py", "command-line")
NODE = Client("node", "node", CLIENTS / "read.mjs")
HAS_NODE = shutil.which("node") is not None and (CLIENTS / "node_modules/.package-lock.json").exists()
#: Those of this machine; that Node's is missing is told by the one test that is skipped for it.
CLIENTS_HERE = [PYTHON, COMMAND_LINE, *([NODE] if HAS_NODE else [])]


class Publisher:
    """Publishes again and again; publication n has n venues."""

    def __init__(self, root: Path) -> None:
        self.world = World(root)
        self.folder = self.world.home.publications
        self._count = 0

    def publish(self) -> str:
        self._count += 1
        venues = [venue(f"场所{number}", "2024-03-06", "99999.90") for number in range(self._count)]
        self.world.hand_in(Return(COUNTY, "2024-03", {"activity_venues": venues}))
        candidate = storage.temporary_path(self.folder)
        result = build_candidate(self.world.home, self.world.catalog, candidate, code_version="test")
        assert result.passed
        return PublicationStore(self.world.home).publish(candidate)


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publications folder with one publication."""
    publisher = Publisher(tmp_path_factory.mktemp("published"))
    publisher.publish()
    return publisher.folder


def expected(number: int) -> list[Any]:
    """The answers of publication ``number``."""
    progress = [f"{number}.000000", "REPORTED", f"{number / 10:.6f}", f"{10 - number}.000000", "20"]
    return [
        [[f"{number:06d}", "2024-03-01", str(number)]],
        [progress],
        [progress],
        [[f"{number}.00"]],
        [["R000001", "2024-03-01", "2024-03-28 00:00:00+00", "false", "1"]],
        [["场所0", "99999.90", None, "2024-03-06", "false"]],
        [["差距：目标 − 数值；负数为超额 · Target less value; negative is a surplus"]],
        [["补助金额（元） · Subsidy paid (yuan)"]],
    ]


@pytest.mark.parametrize("client", [PYTHON, COMMAND_LINE, NODE], ids=lambda client: client.name)
def test_a_client_reads_figures_comments_and_chinese_names(client: Client, published: Path) -> None:
    if client is NODE and not HAS_NODE:
        pytest.skip("Node's DuckDB is not installed: `make clients` installs it, with Node and npm")
    assert client.read(published) == ("000001", expected(1))


def test_chinese_names_need_no_quotes(published: Path) -> None:
    """Neither in DuckDB 2 nor in 1.x: every view and column, written as it is called."""
    file = published / "warehouse-000001.duckdb"
    with duckdb.connect(file, read_only=True) as connection:
        views = connection.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE schema_name = 'zh' GROUP BY ALL"
        ).fetchall()
        queries = [f"SELECT {', '.join(columns)} FROM zh.{view} LIMIT 0" for view, columns in views]
        for query in queries:
            connection.execute(query)
    done = subprocess.run(
        [COMMAND_LINE_PROGRAM, "-readonly", "-bail", file, ";\n".join(queries)],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(queries) > 40


def test_clients_read_at_every_step_of_a_publish(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build has its file open, the number is given, the file is in place, the pointer has moved.

    Meanwhile a process keeps its connection to the file before, which stays whole.
    """
    publisher.publish()
    steps: list[str] = []

    def read_all(step: str) -> None:
        steps.append(step)
        for client in CLIENTS_HERE:
            assert client.read(publisher.folder) == ("000001", expected(1)), (client.name, step)

    def reading_around(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            read_all(f"before {step}")
            done = function(*arguments)
            read_all(f"after {step}")
            return done

        return call

    def move(temporary: Path, path: Path) -> None:
        # A batch of the lake is moved into place as well, long before.
        is_file = path.parent == publisher.folder
        (reading_around("move", move_into_place) if is_file else move_into_place)(temporary, path)

    move_into_place = storage.move_into_place
    monkeypatch.setattr(storage, "move_into_place", move)
    monkeypatch.setattr("warehouse.building.build.run_audits", reading_around("audits", run_audits))
    with keep_open(publisher.folder / "warehouse-000001.duckdb") as keeper:
        publisher.publish()
        assert keeper.poll() is None
        assert keeper.communicate("\n", timeout=PATIENCE)[0] == "1\n"
    assert (steps[:2], steps[-2:]) == (["before audits", "after audits"], ["before move", "after move"])
    for client in CLIENTS_HERE:
        assert client.read(publisher.folder) == ("000002", expected(2)), client.name


def test_publishing_and_reading_go_on_at_the_same_time(publisher: Publisher) -> None:
    """Readers open the current file again and again while a publication is built and goes live."""
    publisher.publish()
    processes = [client.start(publisher.folder, "000002") for client in CLIENTS_HERE]
    try:
        readings = [[as_reading(first_line(process))] for process in processes]
        assert publisher.publish() == "000002"
        for reading, process in zip(readings, processes, strict=True):
            reading += finished(process)
    finally:
        for process in processes:
            process.kill()
    for reading in readings:
        seen = [number for number, _ in reading]
        # Once each: whatever is read of a publication is the same at every time.
        assert seen == ["000001", "000002"]
        assert all(answers == expected(int(number)) for number, answers in reading)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate(timeout=PATIENCE)[1]
    return line


@contextmanager
def keep_open(file: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has the file open until it is given a line; then it tells how many rows count."""
    script = (
        "import duckdb, sys\n"
        "connection = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print('open', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(connection.execute('SELECT row_count FROM meta.publication').fetchall()[0][0])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert first_line(process) == "open\n"
        yield process
    finally:
        process.kill()
