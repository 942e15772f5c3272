"""Which process works on a run, and whether it still lives.

What belongs here: naming a process so that no later one is taken for it. What does not: what becomes of a run
whose process is gone (``etl.sensors``).
"""

from __future__ import annotations

import os
from pathlib import Path

#: The tag of a run that names its process.
TAG = "union7510/process"

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
#: Place of the time of start among what follows the name in /proc/PID/stat.
_STARTED = 19


def this_process() -> str:
    """The boot, the number and the time of start of this process."""
    return name_of(os.getpid()) or ""


def is_gone(name: str) -> bool:
    """Whether the named process of this machine does not live any more; False where that cannot be told."""
    parts = name.split(" ")
    if len(parts) != 3 or not _BOOT.exists():
        return False
    return name_of(int(parts[1])) != name


def name_of(process: int) -> str | None:
    """The same of any process of this machine; None of one that does not live."""
    try:
        status = (_PROC / str(process) / "stat").read_text(encoding="utf-8")
        boot = _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return None
    state, *facts = status.rpartition(")")[2].split()
    return None if state == "Z" else f"{boot} {process} {facts[_STARTED - 1]}"
