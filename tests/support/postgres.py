"""A PostgreSQL of one's own, from Debian's package: for a test, or a benchmark.

What belongs here: starting and stopping it. What does not: what is kept in it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import free_port

INITDB = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
_USER = "postgres"


@dataclass(frozen=True)
class Server:
    """A running server on 127.0.0.1; the user ``union7510`` logs in with the password ``secret``."""

    port: int

    @property
    def address(self) -> str:
        """Of its database ``postgres``, with the login."""
        return f"postgres://union7510:secret@127.0.0.1:{self.port}/postgres"


@contextmanager
def postgresql() -> Iterator[Server]:
    """An empty server, removed at the end."""
    assert INITDB is not None
    binaries, port = INITDB.parent, free_port()
    # pytest's folders are not open to other users.
    folder = Path(tempfile.mkdtemp(prefix="union7510-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
        password = folder / "password"
        password.write_text("secret\n", encoding="ascii")
        password.chmod(0o644)
        data, log = folder / "data", folder / "log"
        login = ("-A", "scram-sha-256", "-U", "union7510", "--pwfile", password)
        _as_user(folder, binaries / "initdb", "--no-sync", *login, "-E", "UTF8", "-D", data)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        control: Sequence[str | Path] = (binaries / "pg_ctl", "-w", "-D", data, "-l", log)
        _as_user(folder, *control, "-o", options, "start")
        try:
            yield Server(port)
        finally:
            _as_user(folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(folder: Path, *command: str | Path) -> None:
    """PostgreSQL refuses to run as root."""
    user = pwd.getpwnam(_USER).pw_uid if os.geteuid() == 0 else None
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, user=user, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
