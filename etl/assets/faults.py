"""Faults of a step: which are tried again, and what Dagster's pages say of the others.

What belongs here: telling faults that pass from those that stay, and words for people. What does not: bad
returns, which are data and end in receipts.

A step is tried again within its run. A run whose process died is started again as a whole (``run_retries`` in
dagster.yaml).
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from warehouse import storage

#: The tag of a run that says how often a step may be tried again; the command line says 0, since somebody
#: waits.
RETRIES_TAG = "union7510/retries"
RETRIES = 3
#: Before the first, second and third retry, in seconds.
_DELAYS = (5, 20, 80)

#: What the operating system may say of a disk or a network folder and take back a moment later.
_PASSING = frozenset(
    {
        *(errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.ENFILE, errno.EMFILE),
        *(errno.ENOSPC, errno.EDQUOT, errno.ESTALE, errno.ETIMEDOUT),
    }
)
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_FULL_WORDS = "No space left on device"

_NOTHING_IS_LOST = "Nothing is lost: what has landed stays, and the next run goes on from there."


def passes(error: BaseException) -> bool:
    """Whether the same step may succeed a little later, though nobody changed anything in the data."""
    if isinstance(error, OSError):
        return error.errno in _PASSING
    return isinstance(error, storage.Busy) or _is_disk_full(error)


@contextmanager
def told_in_words(context: dg.AssetExecutionContext | dg.OpExecutionContext, doing: str) -> Iterator[None]:
    """Around the work of a step: a fault that passes is tried again, any other is told in words.

    Raises:
        RetryRequested: the fault passes, and the run may try again.
        Failure: with what happened and what to do; its cause is the fault.
    """
    try:
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except Exception as error:
        retries = int(context.run.tags.get(RETRIES_TAG, "0"))
        if passes(error) and context.retry_number < retries:
            delay = _DELAYS[min(context.retry_number, len(_DELAYS) - 1)]
            context.log.warning(f"{doing}: {words(error)} Trying again in {delay} s.")
            raise dg.RetryRequested(max_retries=retries, seconds_to_wait=delay) from error
        raise dg.Failure(
            description=f"{doing}: {words(error)}",
            metadata={"what to do": advice(error), "kind of fault": type(error).__name__},
            allow_retries=False,
        ) from error


def words(error: BaseException) -> str:
    """What happened, as one sentence."""
    if _is_disk_full(error):
        return "the disk is full."
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror.lower()}{place}."
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return first if first.endswith((".", "。")) else f"{first}."


def advice(error: BaseException) -> str:
    """What mends it, as far as the kind of fault tells."""
    if _is_disk_full(error):
        mends = (
            "Free some space (the job collect_garbage removes old publications), then start the run again."
        )
    elif isinstance(error, storage.Busy):
        mends = "Another run or a command is writing. When it has ended, start the run again."
    elif isinstance(error, FileNotFoundError):
        mends = "A file that must be there is gone: restore it from the backup (docs/operations.md)."
    elif isinstance(error, OSError):
        mends = "Mend what the operating system names, then start the run again."
    else:
        mends = "A fault of the program: send its developers this page and the stack trace."
    return f"{mends} {_NOTHING_IS_LOST}"


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _DISK_FULL
    return isinstance(error, duckdb.Error) and _DISK_FULL_WORDS in str(error)
