"""Files that kill, hang or fill the memory end as a receipt, and the next file is read."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from etl.intake import ReadReturn, Stated
from etl.intake.circumstances import Circumstances
from etl.intake.isolation import ReadingFailed, ReadingRoom, ReadRequest
from etl.limits import Limits
from tests.intake import corpus
from tests.intake.workbooks import csv_file, ledger, reader, sheet
from tests.support.command import run
from warehouse.catalog import load_catalog
from warehouse.settings import Home

GOOD = ledger("师带徒").content
#: Longer than anything here takes on a busy machine, in seconds.
PATIENCE = 60


def request(content: bytes | Path, name: str = "于都县_2024-03.xlsx") -> ReadRequest:
    return ReadRequest(content, name, return_id=name)


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    with ReadingRoom(load_catalog(), workers=2) as room:
        yield room


def told(read: ReadReturn) -> tuple[str, str, str]:
    """The rule of the only finding, and its cause in Chinese and English."""
    (finding,) = read.findings
    return finding.rule, finding.detail_zh, finding.detail_en


def rows(read: ReadReturn) -> int:
    return read.row_count


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def children(process_id: int) -> list[int]:
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_return_read_elsewhere_is_the_one_read_here(room: ReadingRoom) -> None:
    circumstances = Circumstances(locked_months=frozenset({load_catalog().programme.months[0]}))
    stated = Stated(unit="360731", period="2024-03")
    there = room.read(ReadRequest(GOOD, "a.xlsx", "R1", stated, circumstances))
    here = reader().read(GOOD, "a.xlsx", return_id="R1", stated=stated, circumstances=circumstances)
    assert there == here
    assert rows(there) == 1


def test_returns_come_in_the_order_of_the_requests(room: ReadingRoom, tmp_path: Path) -> None:
    slow = tmp_path / "slow.csv"
    slow.write_bytes(csv_file([*sheet("师带徒"), *(sheet("师带徒")[1:] * 30_000)]).content)
    requests = [request(slow, "0"), *(request(GOOD, f"{number}") for number in range(1, 12))]
    assert [read.file_name for read in room.read_all(requests)] == [f"{number}" for number in range(12)]


def test_only_a_few_requests_are_taken_ahead(room: ReadingRoom) -> None:
    taken: list[int] = []

    def requests() -> Iterator[ReadRequest]:
        for number in range(40):
            taken.append(number)
            yield request(GOOD, f"{number}")

    reads = room.read_all(requests())
    next(reads)
    assert len(taken) <= 2 * 2 + 2
    assert len(list(reads)) == 39


def test_answers_that_nobody_took_do_not_disturb_the_next_files(room: ReadingRoom) -> None:
    reads = room.read_all(request(GOOD, f"{number}") for number in range(9))
    next(reads)
    del reads
    assert room.read(request(GOOD, "later")).file_name == "later"


def test_a_file_that_ends_the_process_is_r001_and_the_next_file_is_read(room: ReadingRoom) -> None:
    names = ["于都县_2024-03.xls", "会昌县_2024-03.xlsx"]
    reads = list(room.read_all([request(corpus.DEADLY_XLS, names[0]), request(GOOD, names[1])]))
    assert [(read.unit, read.rejected, rows(read)) for read in reads] == [
        ("360731", True, 0),
        ("360733", False, 1),
    ]
    rule, zh, en = told(reads[0])
    assert (rule, "另存为" in zh, "Save as" in en) == ("R001", True, True)


def test_many_deadly_files_in_a_row(room: ReadingRoom) -> None:
    requests = [request(corpus.DEADLY_XLS if number % 2 else GOOD, f"{number}") for number in range(12)]
    found = [read.findings[0].rule if rows(read) == 0 else "" for read in room.read_all(requests)]
    assert found == ["", "R001"] * 6


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A file whose content never comes: reading it takes until somebody writes."""
    path = tmp_path / "于都县_2024-03.xlsx"
    os.mkfifo(path)
    return path


def test_a_file_that_takes_too_long_is_r002_and_the_next_file_is_read(pipe: Path) -> None:
    with ReadingRoom(load_catalog(), Limits(seconds=1), workers=1) as room:
        hanging, next_one = room.read_all([request(pipe), request(GOOD, "b.xlsx")])
    rule, zh, en = told(hanging)
    assert (rule, "超过 1 秒" in zh, "more than 1 seconds" in en) == ("R002", True, True)
    assert (hanging.unit, rows(next_one)) == ("360731", 1)


def test_a_file_that_fills_the_memory_is_r001_and_the_next_file_is_read() -> None:
    text = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number) for number in range(500_000))
    with ReadingRoom(load_catalog(), Limits(memory_bytes=160 << 20), workers=1) as room:
        hungry, next_one = room.read_all([request(text, "a.csv"), request(GOOD)])
    rule, zh, en = told(hungry)
    assert (rule, "160 MiB" in zh, "160 MiB" in en) == ("R001", True, True)
    assert rows(next_one) == 1


@dataclass
class Watcher:
    """Sees the processes that this one starts from now on."""

    before: frozenset[int] = field(default_factory=lambda: frozenset(children(os.getpid())))
    seen: set[int] = field(default_factory=set)

    def room(self) -> int:
        until(lambda: bool(set(children(os.getpid())) - self.before))
        (process,) = set(children(os.getpid())) - self.before
        return process

    def next_worker(self) -> int:
        """A worker that was not there before, at work."""
        room = self.room()
        until(lambda: bool(set(children(room)) - self.seen))
        (worker,) = set(children(room)) - self.seen
        self.seen.add(worker)
        time.sleep(0.2)
        return worker


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        ([signal.SIGSEGV], "SIGSEGV"),
        ([signal.SIGKILL, signal.SIGKILL], "SIGKILL"),
        ([signal.SIGKILL], ""),
    ],
    ids=["crash", "killed twice", "killed once"],
)
def test_a_worker_that_was_killed_gets_a_second_chance_and_one_that_crashed_none(
    pipe: Path, signals: list[signal.Signals], expected: str
) -> None:
    watcher = Watcher()
    good = pipe.with_suffix(".good")
    good.write_bytes(GOOD)

    def kill() -> None:
        for one in signals:
            worker = watcher.next_worker()
            if not expected:  # whoever looks next finds a file that can be read
                good.replace(pipe)
            os.kill(worker, one)

    killer = threading.Thread(target=kill)
    with ReadingRoom(load_catalog(), workers=1, folder=pipe.parent) as room:
        reads = room.read_all([request(pipe)])
        killer.start()
        (read,) = reads
        killer.join()
    assert (told(read)[0], expected in told(read)[1]) == ("R001", True) if expected else rows(read) == 1


def test_a_file_that_is_not_there_is_the_systems_failure(room: ReadingRoom, tmp_path: Path) -> None:
    with pytest.raises(ReadingFailed, match=r"gone.xlsx could not be read"):
        room.read(request(tmp_path / "gone.xlsx", "gone.xlsx"))
    assert rows(room.read(request(GOOD))) == 1


def test_a_room_that_is_gone_is_told_and_another_one_opens(tmp_path: Path) -> None:
    watcher = Watcher()
    with ReadingRoom(load_catalog(), workers=1, folder=tmp_path) as room:
        room.read(request(GOOD))
        os.kill(watcher.room(), signal.SIGKILL)
        with pytest.raises(ReadingFailed, match="ended with code -9"):
            room.read(request(GOOD))
        room.close()
        assert rows(room.read(request(GOOD))) == 1


def test_a_room_rests_without_workers_and_files_until_the_next_reader_wants_the_same() -> None:
    limits = Limits(seconds=77)
    watcher = Watcher()
    with ReadingRoom(load_catalog(), limits, workers=1) as room:
        assert rows(room.read(request(GOOD))) == 1
        first, folder = watcher.room(), room.folder
        (folder / "arrived-1").write_bytes(GOOD)
        with ReadingRoom(load_catalog(), limits, workers=1) as other:
            assert other.folder != folder
            assert rows(other.read(request(GOOD))) == 1
    until(lambda: not children(first))
    assert [path.name for path in folder.iterdir()] == ["plan"]
    with ReadingRoom(load_catalog(), limits, workers=1) as room:
        assert room.folder == folder
        assert rows(room.read(request(GOOD))) == 1
        reads = room.read_all([request(GOOD, "1"), request(GOOD, "2")])
        next(reads)
    # It was left in the middle of its work, so it has ended.
    assert not is_alive(first)
    assert not folder.exists()
    with ReadingRoom(load_catalog(), Limits(seconds=78), workers=1) as room:
        assert room.folder != folder


def test_a_resting_room_that_was_killed_is_not_used() -> None:
    with ReadingRoom(load_catalog(), Limits(seconds=79), workers=1) as room:
        watcher = Watcher()
        room.read(request(GOOD))
        first = watcher.room()
    os.kill(first, signal.SIGKILL)
    until(lambda: not is_alive(first))
    with ReadingRoom(load_catalog(), Limits(seconds=79), workers=1) as room:
        assert rows(room.read(request(GOOD))) == 1


def test_a_large_table_stays_until_its_return_is_discarded(tmp_path: Path) -> None:
    """And what a killed process left goes as soon as the next one begins; what is in use stays."""
    left_behind, just_made = tmp_path / "union7510-room-old", tmp_path / "union7510-room-new"
    for folder in (left_behind, just_made):
        folder.mkdir()
        (folder / "arrived-0").write_bytes(GOOD)
    os.utime(left_behind, (0, 0))
    content = csv_file([*sheet("师带徒"), *(sheet("师带徒")[1:] * 250_000)], encoding="gb18030").content
    with ReadingRoom(load_catalog(), folder=tmp_path) as room:
        read = room.read(request(content, "于都县_2024-03_师带徒.csv"))
        (body,) = [one.body for one in read.sheets if one.body is not None]
        assert not left_behind.exists()
        os.utime(room.folder, (0, 0))
        with ReadingRoom(load_catalog(), workers=1, folder=tmp_path) as other:
            assert rows(other.read(request(GOOD))) == 1
        assert tmp_path in body.path.parents
        assert body.path.stat().st_size > 8 << 20
        room.discard([read])
        assert not body.path.exists()
    assert list(tmp_path.iterdir()) == [just_made]


# Whatever becomes of the process that wanted the files.

#: Has no guard against being imported by its own children, and says so when it is. Signals come also where
#: whoever runs the tests ignores them, as a shell does for its jobs: that would be inherited.
SCRIPT = """
import os, signal, sys
from pathlib import Path
from etl.intake.isolation import ReadingRoom, ReadRequest
from warehouse.catalog import load_catalog
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
print("started", flush=True)
with ReadingRoom(load_catalog(), workers=1, folder=Path(sys.argv[1])) as room:
    for path in sys.argv[2:]:
        print(room.read(ReadRequest(Path(path), path)).row_count, flush=True)
"""


@contextmanager
def script(folder: Path, *paths: Path) -> Iterator[subprocess.Popen[str]]:
    """The script as a process in a group of its own, as a terminal starts it.

    Where the tests run in the background, they ignore interrupts, and Dagster lets what ends a process do
    what an interrupt does: a process of theirs would inherit both.
    """
    program = folder / "script.py"
    program.write_text(SCRIPT)
    temporary = folder / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, program, temporary, *paths],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def reading(process: subprocess.Popen[str]) -> list[int]:
    """The room and the worker of a script that reads a file."""
    until(lambda: any(children(room) for room in children(process.pid)))
    (room,) = children(process.pid)
    time.sleep(0.2)
    return [room, *children(room)]


def test_a_script_without_a_guard_is_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(GOOD)
    with script(tmp_path, path, path) as process:
        output, errors = process.communicate(timeout=PATIENCE)
    assert (output.split(), errors) == (["started", "1", "1"], "")
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("one", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_nothing_outlives_the_process_that_wanted_the_files(
    tmp_path: Path, pipe: Path, one: signal.Signals
) -> None:
    with script(tmp_path, pipe) as process:
        running = reading(process)
        if one is signal.SIGINT:
            os.killpg(process.pid, one)  # a key in the terminal reaches the whole group
        else:
            process.send_signal(one)
        _, errors = process.communicate(timeout=PATIENCE)
        until(lambda: not any(is_alive(each) for each in running))
        until(lambda: not list((tmp_path / "temporary").iterdir()))
    assert len(running) == 2
    assert process.returncode == -one
    assert ("KeyboardInterrupt" in errors) == (one is signal.SIGINT)
    assert errors.count("Traceback") == (one is signal.SIGINT)


def test_a_worker_does_not_outlive_its_room(tmp_path: Path, pipe: Path) -> None:
    with script(tmp_path, pipe) as process:
        room, worker = reading(process)
        os.kill(room, signal.SIGKILL)
        until(lambda: not is_alive(worker))
        _, errors = process.communicate(timeout=PATIENCE)
    assert "ReadingFailed: the process that reads files ended with code -9" in errors


def test_a_daemon_and_a_thread_may_read_too() -> None:
    """A server's worker processes are daemons, which may have no children by multiprocessing."""
    answers = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(
        target=_read_in_thread, args=(answers,), daemon=True
    )
    process.start()
    assert answers.get(timeout=PATIENCE) == 1
    process.join(PATIENCE)


def _read_in_thread(answers: multiprocessing.Queue[int]) -> None:
    def read() -> None:
        with ReadingRoom(load_catalog(), workers=1) as room:
            answers.put(rows(room.read(request(GOOD))))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()


def test_the_command_tells_of_a_deadly_file_and_checks_the_next(home: Home, tmp_path: Path) -> None:
    deadly, good = tmp_path / "于都县_2024-03.xls", tmp_path / "会昌县_2024-03.xlsx"
    deadly.write_bytes(corpus.DEADLY_XLS)
    good.write_bytes(GOOD)
    first, second = run(home, "check", deadly, good)["files"]
    assert ([issue["rule"] for issue in first["issues"]], first["status"]) == (["R001"], "REJECTED")
    assert (second["issues"], second["rows_accepted"]) == ([], 1)
