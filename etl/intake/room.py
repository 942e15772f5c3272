"""The program that reads foreign files: it forks workers, gives each one file at a time, and survives them.

``etl.intake.isolation`` starts it as a process of its own and tells it the numbers of files; requests and
answers lie in a folder, so the pipes carry nothing large and nobody waits for the other. A worker has a cap
on memory and a cap on time for each file; whatever a file does to it, the next file gets another worker.

What belongs here: processes. What does not: what is read (``reading``), what a death means (``isolation``).
No library thread may run in this process, since it forks: ``isolation`` sets the environment for that.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import pickle
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from etl.intake.circumstances import Circumstances
from etl.intake.reading import ReturnReader, Stated
from etl.limits import Limits
from warehouse.catalog import Catalog

#: A worker is replaced after so many files, which gives back what they left in its memory.
_FILES_A_WORKER = 100
#: So often, in seconds, a room without work looks whether its parent still lives; it learns so at once from
#: the closed pipe, unless another process inherited that.
_LOOK_ROUND = 5.0
_PR_SET_PDEATHSIG = 1
#: Of what a dying worker wrote, so many last bytes are kept.
_LAST_WORDS = 2000

#: Instead of a file's number: nobody needs workers just now.
REST = -1

_FORK = get_context("fork")


@dataclass(frozen=True)
class ReadRequest:
    """A file to read, as ``ReturnReader.read`` takes it."""

    source: bytes | Path | None
    file_name: str
    return_id: str = ""
    stated: Stated = field(default_factory=Stated)
    circumstances: Circumstances = field(default_factory=Circumstances)
    look_for_personal: bool = False
    copy_to: Path | None = None


class Outcome(Enum):
    """What became of a file; only READ leaves an answer in the folder."""

    READ = "read"
    #: The reader raised what it should not.
    FAILED = "failed"
    #: The file is not there, or the disk is full: not the file's fault.
    SYSTEM_FAILED = "system failed"
    OUT_OF_MEMORY = "out of memory"
    OUT_OF_TIME = "out of time"
    DIED = "died"


class Report(NamedTuple):
    """One file is done; ``words`` is what the worker said of a failure, ``exit_code`` of a death."""

    number: int
    outcome: Outcome
    words: str = ""
    exit_code: int = 0


@dataclass(frozen=True)
class RoomPlan:
    """What a room needs to know."""

    catalog: Catalog
    limits: Limits
    workers: int


def plan_path(folder: Path) -> Path:
    """Where the room finds its ``RoomPlan``."""
    return folder / "plan"


def request_path(folder: Path, number: int) -> Path:
    """Where a worker finds the ``ReadRequest`` of a number."""
    return folder / f"request-{number}"


def answer_path(folder: Path, number: int) -> Path:
    """Where a worker leaves the ``ReadReturn`` of a number."""
    return folder / f"answer-{number}"


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    last_words: int
    files: int = 0
    number: int | None = None
    deadline: float = 0.0

    def bury(self) -> tuple[str, int]:
        """Ends it, if need be; what it said last, and its exit code."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        size = os.lseek(self.last_words, 0, os.SEEK_END)
        words = os.pread(self.last_words, _LAST_WORDS, max(size - _LAST_WORDS, 0))
        os.close(self.last_words)
        return words.decode("utf-8", "replace").strip(), self.process.exitcode or 0


class _Room:
    """The workers and the files that wait for one; ``parent`` is the process that wants them read."""

    def __init__(
        self, folder: Path, plan: RoomPlan, requests: Connection, reports: Connection, parent: int
    ) -> None:
        self._folder, self._limits, self._most = folder, plan.limits, plan.workers
        self._requests, self._reports = requests, reports
        self._reader = ReturnReader(plan.catalog, plan.limits, folder)
        self._waiting: deque[int] = deque()
        self._repeated: set[int] = set()
        self._workers: list[_Worker] = []
        # Asked for now, it would be somebody else's number once the parent died while this program started.
        self._parent = parent

    def run(self) -> None:
        """Until nobody listens any more."""
        try:
            while os.getppid() == self._parent:
                self._hand_out()
                ready = wait(
                    [self._requests, *(worker.connection for worker in self._workers)], self._patience()
                )
                for worker in [one for one in self._workers if one.connection in ready]:
                    self._hear(worker)
                for worker in [one for one in self._workers if one.number is not None]:
                    if worker.deadline <= time.monotonic():
                        self._stop(worker)
                if self._requests in ready:
                    self._take(self._requests.recv())
        except (EOFError, BrokenPipeError):
            pass
        finally:
            for worker in self._workers:
                worker.bury()

    def _take(self, number: int) -> None:
        if number != REST:
            self._waiting.append(number)
            return
        for worker in [*self._workers]:
            self._dismiss(worker)

    def _patience(self) -> float:
        """Until the next moment at which there is something to do."""
        deadlines = [worker.deadline for worker in self._workers if worker.number is not None]
        return max(min([*deadlines, time.monotonic() + _LOOK_ROUND]) - time.monotonic(), 0.0)

    def _hand_out(self) -> None:
        while self._waiting:
            worker = next((one for one in self._workers if one.number is None), None)
            if worker is None and len(self._workers) < self._most:
                worker = self._new_worker()
            if worker is None:
                return
            try:
                worker.connection.send(self._waiting[0])
            except BrokenPipeError:  # it died while it had nothing to do
                self._dismiss(worker)
                continue
            worker.number = self._waiting.popleft()
            worker.deadline = time.monotonic() + self._limits.seconds

    def _new_worker(self) -> _Worker:
        mine, its = _FORK.Pipe()
        last_words = os.memfd_create("last words")
        inherited = [self._requests, self._reports, mine, *(one.connection for one in self._workers)]
        process = _FORK.Process(
            target=_work,
            args=(its, inherited, last_words, self._reader, self._limits, self._folder, os.getpid()),
            daemon=True,
        )
        process.start()
        its.close()
        worker = _Worker(process, mine, last_words)
        self._workers.append(worker)
        return worker

    def _hear(self, worker: _Worker) -> None:
        """A worker is done with its file, or dead."""
        try:
            outcome, words = worker.connection.recv()
        except (EOFError, OSError):
            words, exit_code = self._dismiss(worker)
            if worker.number is not None:
                self._report_death(worker.number, words, exit_code)
            return
        assert worker.number is not None  # noqa: S101 - it speaks of the file that it was given
        self._reports.send(Report(worker.number, outcome, words))
        worker.number, worker.files = None, worker.files + 1
        if outcome is not Outcome.READ or worker.files >= _FILES_A_WORKER:
            self._dismiss(worker)

    def _report_death(self, number: int, words: str, exit_code: int) -> None:
        """A worker that somebody else killed says nothing of its file: that gets a second chance."""
        if exit_code in {-signal.SIGKILL, -signal.SIGTERM} and number not in self._repeated:
            self._repeated.add(number)
            self._waiting.appendleft(number)
        else:
            self._reports.send(Report(number, Outcome.DIED, words, exit_code))

    def _stop(self, worker: _Worker) -> None:
        """A file took too long."""
        assert worker.number is not None  # noqa: S101 - only such a worker has a deadline
        self._dismiss(worker)
        self._reports.send(Report(worker.number, Outcome.OUT_OF_TIME))

    def _dismiss(self, worker: _Worker) -> tuple[str, int]:
        self._workers.remove(worker)
        return worker.bury()


def _work(
    connection: Connection,
    inherited: list[Connection],
    last_words: int,
    reader: ReturnReader,
    limits: Limits,
    folder: Path,
    room: int,
) -> None:
    """A worker of the process ``room``: one file after the other, until nobody sends one."""
    _end_with(room)
    for other in inherited:
        other.close()
    os.dup2(last_words, sys.stderr.fileno())
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # short of memory, the kernel shall take a worker before anything else
        Path("/proc/self/oom_score_adj").write_text("700")
    while True:
        try:
            number = connection.recv()
        except EOFError:
            return
        connection.send(_read(reader, folder, number))


def _read(reader: ReturnReader, folder: Path, number: int) -> tuple[Outcome, str]:
    try:
        with request_path(folder, number).open("rb") as stream:
            request: ReadRequest = pickle.load(stream)  # noqa: S301 - written by this program's parent
        read = reader.read(
            request.source,
            request.file_name,
            return_id=request.return_id,
            stated=request.stated,
            circumstances=request.circumstances,
            look_for_personal=request.look_for_personal,
            copy_to=request.copy_to,
        )
        with answer_path(folder, number).open("wb") as stream:
            _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(read)
    except MemoryError:
        return Outcome.OUT_OF_MEMORY, ""
    except OSError as error:
        return Outcome.SYSTEM_FAILED, str(error)
    except BaseException:  # noqa: BLE001 - a panic of a Rust library derives from it
        return Outcome.FAILED, traceback.format_exc()
    return Outcome.READ, ""


class _Pickler(pickle.Pickler):
    """Writes an Arrow table as one stream instead of an object for each of its buffers."""

    def reducer_override(self, value: object) -> Any:
        if not isinstance(value, pa.Table):
            return NotImplemented
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, value.schema) as writer:
            writer.write_table(value)
        return _table, (pickle.PickleBuffer(sink.getvalue()),)


def _table(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()


def _end_with(parent: int) -> None:
    """Lets the kernel end this process with the one that forked it, however and whenever that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _leave_interrupts_to_parent() -> None:
    """A key that interrupts the parent ends this process by the closed pipe, in order."""
    for one in (signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)


def main(arguments: list[str]) -> None:
    """Runs a room; the arguments: its folder, pipes to read numbers from and to report to, its parent."""
    _leave_interrupts_to_parent()
    folder = Path(arguments[0])
    requests = Connection(int(arguments[1]), writable=False)
    reports = Connection(int(arguments[2]), readable=False)
    try:
        plan: RoomPlan = pickle.loads(plan_path(folder).read_bytes())  # noqa: S301 - written by the parent
        room = _Room(folder, plan, requests, reports, int(arguments[3]))
        gc.collect()
        gc.freeze()  # what is shared with the workers stays shared
        room.run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
