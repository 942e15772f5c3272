"""Foreign files, read in processes that may die of them.

What belongs here: handing files to the room (``room``) and getting returns back in order; a worker's death,
too much memory or time put into words. What does not: reading (``reading``).

Isolation is against crashes and greed, not against an attacker who takes a reader over.
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from etl.intake.findings import Finding
from etl.intake.own_folders import OwnFolder
from etl.intake.personal import without_numbers
from etl.intake.reading import ReadReturn, ReturnReader
from etl.intake.room import REST, Outcome, ReadRequest, Report, RoomPlan, answer_path, plan_path, request_path
from etl.limits import Limits, size
from warehouse.catalog import Catalog

__all__ = ["ReadRequest", "ReadingFailed", "ReadingRoom"]

_MOST_WORKERS = 4
#: The room has no terminal, no module of the caller's and no folder of the caller's on its path.
_PROGRAM = "import sys; from etl.intake.room import main; main(sys.argv[1:])"
#: The room forks, so no library may start a thread in it. Arrow shall not reserve memory ahead: that would
#: count against the cap.
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RUST_BACKTRACE": "0",
}
#: How long a room may take to end once nobody needs it, in seconds.
_PATIENCE = 5
#: What Rust and C++ say when they get no memory; they end the process then.
_NO_MEMORY = re.compile(r"memory allocation of \d+ bytes failed|bad_alloc|out of memory", re.IGNORECASE)

_log = logging.getLogger(__name__)


class ReadingFailed(RuntimeError):
    """The system failed, not a file: the room is gone, a file vanished, the disk is full."""


class ReadingRoom:
    """Reads returns in other processes: as many workers as cores, at most four, started when needed.

    A room in the system's folder rests when it is closed, without workers and files, and is used again by
    the next reader of this process that wants the same.

    Use it as a context manager, from one thread. Large tables that had to be written anew lie in its folder
    until it is closed or told to ``discard`` a return.

    Args:
        catalog: what ``ReturnReader`` takes.
        limits: of files, and of the memory and time of a worker; the environment's when left out.
        folder: where its own temporary folder is made; the system's place when left out.
        workers: another number of workers.
    """

    def __init__(
        self,
        catalog: Catalog,
        limits: Limits | None = None,
        *,
        folder: Path | None = None,
        workers: int | None = None,
    ) -> None:
        self._catalog = catalog
        self._limits = limits or Limits.from_environment()
        self._workers = workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
        place = folder or Path(tempfile.gettempdir())
        self._purpose = _Purpose(catalog, self._limits, self._workers, place, may_rest=folder is None)
        self._room: _RoomProcess | None = None
        self._next_number = 0
        self._reader: ReturnReader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets its processes rest, or ends them, and empties its folder; another read starts anew."""
        room, self._room = self._room, None
        if room is not None:
            _RESTING.put(self._purpose, room)

    def read(self, request: ReadRequest) -> ReadReturn:
        """One file."""
        (read,) = self.read_all([request])
        return read

    def read_all(self, requests: Iterable[ReadRequest]) -> Iterator[ReadReturn]:
        """One return for each request, in their order; a few requests are taken ahead of the answers.

        Raises:
            ReadingFailed: the room could not start or was killed, a file is not there, or the disk is full.
        """
        source = iter(requests)
        pending: dict[int, ReadRequest] = {}
        done: dict[int, Report] = {}
        more = True
        while True:
            while more and len(pending) < 2 * self._workers + 2:
                request = next(source, None)
                if request is None:
                    more = False
                else:
                    pending[self._hand_in(request)] = request
            if not pending:
                return
            first = next(iter(pending))
            while first not in done:
                report = self._opened().report()
                if report.number in pending:  # else of an earlier call that was given up
                    done[report.number] = report
            yield self._answer(done.pop(first), pending.pop(first))

    @property
    def folder(self) -> Path:
        """Its temporary folder: whatever lies there goes with it, also where this process is killed."""
        return self._opened().folder

    def discard(self, reads: Iterable[ReadReturn]) -> None:
        """Removes the temporary tables of returns that are done with."""
        bodies = [sheet.body for read in reads for sheet in read.sheets if sheet.body is not None]
        for body in bodies:
            if self._room is not None and self._room.folder in body.path.parents:
                body.path.unlink(missing_ok=True)

    def _opened(self) -> _RoomProcess:
        if self._room is None:
            self._room = _RESTING.take(self._purpose) or _RoomProcess(self._purpose)
        return self._room

    def _hand_in(self, request: ReadRequest) -> int:
        number = self._next_number
        self._next_number += 1
        self._opened().hand_in(number, request)
        return number

    def _answer(self, report: Report, request: ReadRequest) -> ReadReturn:
        folder = self._opened().folder
        request_path(folder, report.number).unlink(missing_ok=True)
        path = answer_path(folder, report.number)
        if report.outcome is Outcome.READ:
            with path.open("rb") as stream:
                read: ReadReturn = pickle.load(stream)  # noqa: S301 - written by this program's worker
            path.unlink()
            return read
        path.unlink(missing_ok=True)
        if report.outcome is Outcome.SYSTEM_FAILED:
            raise ReadingFailed(without_numbers(f"{request.file_name} could not be read: {report.words}"))
        if report.outcome is Outcome.FAILED:
            # What a library says of an error may quote a cell.
            words = without_numbers(report.words)
            _log.error("reading %s failed: %s", without_numbers(request.file_name), words)
        self._reader = self._reader or ReturnReader(self._catalog, self._limits)
        return self._reader.unread(
            request.file_name,
            _finding(report, self._limits),
            return_id=request.return_id,
            stated=request.stated,
            circumstances=request.circumstances,
        )


class _Purpose(NamedTuple):
    """What a room was started for; ``place`` is where its folder lies."""

    catalog: Catalog
    limits: Limits
    workers: int
    place: Path
    may_rest: bool

    def is_that_of(self, other: _Purpose) -> bool:
        """Whether a room of the other serves; a catalog is compared by being the same object."""
        return self.catalog is other.catalog and self[1:] == other[1:]


class _RoomProcess:
    """The running room, the pipes to it, and the folder in which requests and answers lie."""

    def __init__(self, purpose: _Purpose) -> None:
        self._own_folder = OwnFolder("room", purpose.place)
        self.folder = self._own_folder.path
        plan = RoomPlan(purpose.catalog, purpose.limits, purpose.workers)
        with plan_path(self.folder).open("wb") as stream:
            pickle.dump(plan, stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._owner = os.getpid()
        self._asked = 0
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the room
        numbers_out, numbers_in = os.pipe()
        reports_out, reports_in = os.pipe()
        self._numbers, self._reports = (
            Connection(numbers_in, readable=False),
            Connection(reports_out, writable=False),
        )
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this program, by its own interpreter
                [
                    sys.executable,
                    "-P",
                    "-c",
                    _PROGRAM,
                    self.folder,
                    str(numbers_out),
                    str(reports_in),
                    str(self._owner),
                ],
                pass_fds=(numbers_out, reports_in),
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                env={**os.environ, **_ENVIRONMENT},
            )
        finally:
            os.close(numbers_out)
            os.close(reports_in)

    def hand_in(self, number: int, request: ReadRequest) -> None:
        with request_path(self.folder, number).open("wb") as stream:
            pickle.dump(request, stream, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            self._numbers.send(number)
        except OSError as error:
            raise self._lost() from error
        self._asked += 1

    def report(self) -> Report:
        """The next file that is done; waits for it."""
        try:
            report: Report = self._reports.recv()
        except (EOFError, OSError) as error:
            raise self._lost() from error
        self._asked -= 1
        return report

    def rest(self) -> bool:
        """Ends the workers, so that an idle room holds no memory, and empties the folder, if that can be."""
        if self._asked or self._process.poll() is not None:
            return False
        try:
            self._numbers.send(REST)
        except OSError:
            return False
        for path in self.folder.iterdir():
            if path != plan_path(self.folder):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return True

    @property
    def is_usable(self) -> bool:
        """Whether it still runs, and is this process's own: one that was forked shares no pipes."""
        return self._owner == os.getpid() and self._process.poll() is None

    def close(self) -> None:
        """Ends the room: it sees its pipe closed, and takes its workers and its folder with it."""
        self._numbers.close()
        self._reports.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        self._own_folder.close()

    def _lost(self) -> ReadingFailed:
        self._process.wait()
        self._errors.seek(0)
        words = self._errors.read().decode("utf-8", "replace").strip()[-2000:]
        return ReadingFailed(
            f"the process that reads files ended with code {self._process.returncode}: {words}"
        )


class _Resting:
    """The room that was used last, if nobody uses it: half a second of starting saved for the next reader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room: tuple[_Purpose, _RoomProcess] | None = None

    def take(self, purpose: _Purpose) -> _RoomProcess | None:
        """A room for the purpose, which is the caller's from now on."""
        with self._lock:
            if self._room is None or not self._room[0].is_that_of(purpose) or not self._room[1].is_usable:
                return None
            (_, room), self._room = self._room, None
        return room

    def put(self, purpose: _Purpose, room: _RoomProcess) -> None:
        """Lets a room rest; one that cannot, and the one that rested before, are closed."""
        if not purpose.may_rest or not room.rest():
            room.close()
            return
        with self._lock:
            former, self._room = self._room, (purpose, room)
        if former is not None:
            former[1].close()

    def close(self) -> None:
        """Ends what rests."""
        with self._lock:
            former, self._room = self._room, None
        if former is not None and former[1].is_usable:
            former[1].close()


_RESTING = _Resting()
atexit.register(_RESTING.close)


def _finding(report: Report, limits: Limits) -> Finding:
    """Why a file could not be read: R002 for time, R001 for all that a damaged file does."""
    if report.outcome is Outcome.OUT_OF_TIME:
        return Finding(
            "R002",
            detail_zh=f"读取用时超过 {limits.seconds} 秒；请按台账拆成几个文件，或删除空白的格式行和列后另存",
            detail_en=f"reading took more than {limits.seconds} seconds; split the file by ledger, or delete "
            "empty formatted rows and columns and save it again",
        )
    zh, en = _failure(report, limits)
    return Finding(
        "R001",
        detail_zh=f"{zh}，文件多半已损坏或被改动；请在 Excel 或 WPS 中打开，“另存为”.xlsx 后再报",
        detail_en=f"{en}, most likely the file is damaged or was tampered with; open it in Excel or WPS, use "
        "“Save as” .xlsx and send that",
    )


def _failure(report: Report, limits: Limits) -> tuple[str, str]:
    """What happened to the worker, in Chinese and English."""
    dead = report.outcome is Outcome.DIED
    if report.outcome is Outcome.OUT_OF_MEMORY or (dead and _NO_MEMORY.search(report.words)):
        limit = size(limits.memory_bytes)
        return f"读取所需内存超过 {limit}", f"reading it takes more memory than {limit}"
    if dead:
        cause = _cause_of_death(report.exit_code)
        return f"读取程序异常退出（{cause}）", f"the program that reads it died of it ({cause})"
    return "读取程序出错", "the program that reads it failed"


def _cause_of_death(exit_code: int) -> str:
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
