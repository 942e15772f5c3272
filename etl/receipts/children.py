"""Child processes that open files of strangers for their receipts, with caps on memory and time.

What belongs here: starting, capping and replacing them. What does not: their work (``annotated``, ``fresh``).
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: For one workbook: so long, and so much memory beyond what a child has at its start.
SECONDS = 60
MEMORY_BYTES = 1 << 30
_MOST_CHILDREN = 4
#: A child is replaced after so many workbooks, so that what one leaves behind ends.
_TASKS_A_CHILD = 50

#: Not forked: this process may have threads of DuckDB and Dagster, and modules that a child needs not.
_PROGRAM = "import sys; from etl.receipts.children import work; work(*sys.argv[1:])"
#: Arrow shall not reserve memory ahead: that would count against the cap.
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "RUST_BACKTRACE": "0"}


class ChildFailed(Exception):
    """A function failed in a child, or the child died of it; says how."""


class Children:
    """A few child processes, which start with their first task; one that dies is replaced for the next.

    Args:
        seconds: how long one task may take.
        memory_bytes: how much memory it may take.
    """

    def __init__(self, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self.count = min(os.cpu_count() or 1, _MOST_CHILDREN)
        self._seconds, self._memory_bytes = seconds, memory_bytes
        self._places: LifoQueue[_Child | None] = LifoQueue()
        for _ in range(self.count):
            self._places.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while not self._places.empty():
            child = self._places.get()
            if child is not None:
                child.end()

    def run(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Calls a function in a child; several threads may do so at once.

        Raises:
            ChildFailed: it raised something, took too long or too much memory, or crashed.
        """
        child = self._places.get()
        try:
            if child is None:
                child = _Child(self._memory_bytes)
            result: T = child.call(self._seconds, function, arguments, named)
        finally:
            self._places.put(child if child is not None and child.is_usable else None)
        return result


class _Child:
    """One process that does one task after the other."""

    def __init__(self, memory_bytes: int) -> None:
        self._pipe, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603 - this program, by its own interpreter
            [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno()), str(memory_bytes)],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ENVIRONMENT},
        )
        theirs.close()
        self._tasks = _TASKS_A_CHILD
        self.is_usable = True

    def call(self, seconds: float, function: Any, arguments: Any, named: Any) -> Any:
        self._tasks -= 1
        try:
            self._pipe.send((function, arguments, named))
            if not self._pipe.poll(seconds):
                raise ChildFailed(f"it took longer than {seconds:g} seconds")
            succeeded, result = self._pipe.recv()
        except BaseException as error:
            self.end()
            if isinstance(error, EOFError | OSError):
                raise ChildFailed(f"the process died, exit code {self._process.returncode}") from None
            raise
        if not succeeded or not self._tasks:
            self.end()
        if not succeeded:
            raise ChildFailed(result)
        return result

    def end(self) -> None:
        self.is_usable = False
        self._process.kill()
        self._process.wait()
        self._pipe.close()


def work(descriptor: str, memory_bytes: str) -> None:
    """What a child does: one task after the other, until its parent closes the pipe."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + int(memory_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    pipe: Connection[Any, Any] = Connection(int(descriptor))
    while True:
        try:
            function, arguments, named = pipe.recv()
        except EOFError:
            return
        try:
            answer = True, function(*arguments, **named)
        except BaseException as error:  # noqa: BLE001 - whatever a file does, the parent is told
            answer = False, f"{type(error).__name__}: {error}"
        pipe.send(answer)
