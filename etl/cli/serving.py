"""The command that serves: GraphQL over HTTP."""

from __future__ import annotations

import click

from etl.cli.output import SystemFailed

#: Named, not imported: the pipeline knows nothing of the API, which may live in another environment.
_APPLICATION = "graphql_api.app:create_app"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve GraphQL; a new publication is seen without a restart."""
    try:
        from granian import Granian
        from granian.constants import Interfaces
    except ModuleNotFoundError:
        raise SystemFailed("the server is not installed: pip install 'union7510[api]'") from None
    click.echo(f"GraphQL on http://{host}:{port}/graphql, stop with Ctrl-C", err=True)
    Granian(
        _APPLICATION, factory=True, address=host, port=port, interface=Interfaces.ASGI, log_access=False
    ).serve()


COMMANDS = (serve,)
