"""The command that builds and publishes from what is checked, here or on a distributed engine."""

from __future__ import annotations

import click

from etl.cli.output import SystemFailed, json_option, print_json, say
from warehouse.settings import Home

DUCKDB, SPARK = "duckdb", "spark"


@click.command()
@click.option(
    "--engine",
    type=click.Choice([DUCKDB, SPARK]),
    default=DUCKDB,
    show_default=True,
    help="What computes the large tables: this process, or Apache Spark or Sail at --remote.",
)
@click.option("--remote", metavar="sc://HOST:PORT", help="Where the engine answers by Spark Connect.")
@click.option(
    "--bucket",
    metavar="s3://BUCKET/FOLDER",
    help="Where the engine reads the lake and writes its tables, if it does not see the home folder.",
)
@json_option
def publish(engine: str, remote: str | None, bucket: str | None, as_json: bool) -> None:
    """Build, audit and publish anew from returns that are checked already.

    Ingest does so by itself. Ask for it after a release with other models or targets, to end a rollback, or
    to let a distributed engine compute what has become too large for one machine.
    """
    from etl.processing import pending
    from etl.running import RunFailed, run_publish
    from warehouse.catalog import load_catalog
    from warehouse.lake import Lake

    _check_engine(engine, remote, bucket)
    home, catalog = Home.from_environment(), load_catalog()
    if not Lake(home).spans():
        raise click.UsageError(
            "nothing has been checked yet: `union7510 submit` and `union7510 ingest` come first"
        )
    if waiting := len(pending(home, catalog)):
        say(f"{waiting} returns are not checked, or not by this version: `union7510 ingest` does it")
    try:
        publication_id = run_publish(home, catalog, remote, bucket)
    except RunFailed as error:
        raise SystemFailed(str(error)) from None
    if as_json:
        print_json({"publication": publication_id, "engine": engine, "remote": remote})
    else:
        click.echo(f"publication {publication_id}: built by {engine if remote is None else remote}")


def _check_engine(engine: str, remote: str | None, bucket: str | None) -> None:
    """Says what is wrong with the engine before any work begins."""
    if engine == DUCKDB:
        if remote is not None or bucket is not None:
            raise click.UsageError(
                f"--{'remote' if remote is not None else 'bucket'} goes with --engine spark"
            )
        return
    if remote is None:
        raise click.UsageError("--engine spark needs --remote, for example --remote sc://127.0.0.1:15002")
    from warehouse.engines.exchange import check_bucket
    from warehouse.engines.failures import BadAddress, EngineError
    from warehouse.engines.session import check

    try:
        if bucket is not None:
            check_bucket(bucket)
        check(remote)
    except BadAddress as error:
        raise click.UsageError(str(error)) from None
    except EngineError as error:
        raise SystemFailed(str(error)) from None


COMMANDS: tuple[click.Command, ...] = (publish,)
