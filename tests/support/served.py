"""A server process over a home, for the tests that need a real one.

What belongs here: starting, waiting until it is ready, stopping. What does not: what it is asked.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.processes import free_port, start
from warehouse.settings import Home

_PATIENCE = 90


@contextmanager
def served(home: Home, *options: str, **settings: object) -> Iterator[str]:
    """A server that is ready; gives its address. Settings are environment variables without their prefix."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {f"UNION7510_{name.upper()}": str(value) for name, value in settings.items()}
    with start(home, "serve", "--port", str(port), *options, environment=environment) as process:
        try:
            wait_until_ready(process, address)
            yield address
        finally:
            process.terminate()
            try:
                process.communicate(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def wait_until_ready(process: subprocess.Popen[str], address: str) -> None:
    """Until the server answers that it has a publication."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        try:
            if httpx.get(f"{address}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
