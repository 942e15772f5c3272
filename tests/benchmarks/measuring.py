"""A process measured from outside: what it printed, and the most memory that it and its children took.

What belongs here: running and watching it, and the machine in words. What does not: what it does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1 << 20
#: So often, in seconds, the memory is looked at.
_LOOK = 0.05


def measured(module: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The JSON document that ``python -m module`` prints, and its peak ``memory`` in MiB.

    Raises:
        RuntimeError: it failed.
    """
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
    done, peak = threading.Event(), [0]

    def look() -> None:
        while not done.wait(_LOOK):
            peak[0] = max(peak[0], memory(process.pid))

    watch = threading.Thread(target=look)
    watch.start()
    output, _ = process.communicate()
    done.set()
    watch.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments[:1])} failed with code {process.returncode}")
    return {**json.loads(output), "memory": peak[0] / MEBIBYTE}


def processor() -> str:
    """The name of the machine's processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")


def memory(group: int) -> int:
    """Bytes of a process group; what its processes share counts once."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) == group:
                    total += _proportional(entry / "smaps_rollup")
            except OSError:
                continue
    return total


def _proportional(rollup: Path) -> int:
    line = next(line for line in rollup.read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024
