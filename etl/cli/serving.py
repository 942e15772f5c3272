"""The command that serves: GraphQL over HTTP."""

from __future__ import annotations

import importlib
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import click

from etl.cli.output import SystemFailed

#: Named, not imported: the pipeline knows nothing of the API, which may live in another environment.
_APPLICATION = "graphql_api.app:served_app"
_STARTUP = "graphql_api.startup"
#: Where Prometheus' client keeps the numbers that several processes share.
_SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
#: So long a worker may take to end its requests when the server is stopped, in seconds.
_GRACE = 30
#: Requests and live connections of a worker at a time; the settings bound both, and say so in words.
_CONNECTIONS = 4_096
_OWN_MACHINE = {"127.0.0.1", "::1", "localhost"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--workers", default=1, type=click.IntRange(1, 64), show_default=True, help="Processes that answer."
)
def serve(host: str, port: int, workers: int) -> None:
    """Serve GraphQL; a new publication is seen without a restart."""
    _refuse_to_show_all(host)
    try:
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces
    except ModuleNotFoundError:
        raise SystemFailed("the server is not installed: pip install 'union7510[api]'") from None
    _check(host, port)
    click.echo(f"GraphQL on http://{host}:{port}/graphql, stop with Ctrl-C", err=True)
    with _shared_metrics(workers):
        Granian(
            _APPLICATION,
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            workers=workers,
            respawn_failed_workers=workers > 1,
            workers_kill_timeout=_GRACE,
            # Clients that wait for news count as well.
            backpressure=_CONNECTIONS,
            log_access=False,
        ).serve()


def _check(host: str, port: int) -> None:
    """Raises: click.UsageError: the workers could not start; they would tell by a stack trace each."""
    problem: str | None = importlib.import_module(_STARTUP).problem()
    if problem is not None:
        raise click.UsageError(problem)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        raise click.UsageError(
            f"cannot listen on {host}, port {port}: {error}; is another server running? Choose another --port"
        ) from None


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """A folder for the numbers of several workers, unless the environment names one."""
    if workers == 1 or os.environ.get(_SHARED_METRICS):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="union7510-metrics-") as folder:
        os.environ[_SHARED_METRICS] = folder
        yield


def _refuse_to_show_all(host: str) -> None:
    """Raises: click.UsageError: other machines would see without a token what needs one."""
    role = os.environ.get("UNION7510_VIEWER", "").strip()
    if role not in {"", "public"} and host not in _OWN_MACHINE:
        raise click.UsageError(
            f"UNION7510_VIEWER={role} shows what needs a token to everybody who reaches {host}; unset it and "
            "use tokens (`union7510 token create`), or listen on 127.0.0.1"
        )


COMMANDS = (serve,)
