"""The command that serves: GraphQL over HTTP."""

from __future__ import annotations

import os

import click

from etl.cli.output import SystemFailed

#: Named, not imported: the pipeline knows nothing of the API, which may live in another environment.
_APPLICATION = "graphql_api.app:served_app"
_OWN_MACHINE = {"127.0.0.1", "::1", "localhost"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve GraphQL; a new publication is seen without a restart."""
    _refuse_to_show_all(host)
    try:
        from granian import Granian
        from granian.constants import Interfaces
    except ModuleNotFoundError:
        raise SystemFailed("the server is not installed: pip install 'union7510[api]'") from None
    click.echo(f"GraphQL on http://{host}:{port}/graphql, stop with Ctrl-C", err=True)
    Granian(
        _APPLICATION, factory=True, address=host, port=port, interface=Interfaces.ASGI, log_access=False
    ).serve()


def _refuse_to_show_all(host: str) -> None:
    """Raises: click.UsageError: other machines would see without a token what needs one."""
    role = os.environ.get("UNION7510_VIEWER", "").strip()
    if role not in {"", "public"} and host not in _OWN_MACHINE:
        raise click.UsageError(
            f"UNION7510_VIEWER={role} shows what needs a token to everybody who reaches {host}; unset it and "
            "use tokens (`union7510 token create`), or listen on 127.0.0.1"
        )


COMMANDS = (serve,)
