"""The command group and what all commands share; each command imports what it needs when it runs."""

from __future__ import annotations

import sys
import traceback

import click

from etl.cli import (
    compaction,
    decisions,
    doctor,
    explain,
    intake,
    progress,
    publications,
    publishing,
    receipts,
    serving,
    template,
    tokens,
)
from etl.cli.output import EXIT_SYSTEM_FAILED, say
from warehouse.catalog import CatalogError
from warehouse.publications import NoPublication
from warehouse.storage import Busy


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="union7510", prog_name="union7510")
def command() -> None:
    """County workbooks in, progress against the 7510 programme's targets out.

    All that is written lies under UNION7510_HOME (default: var).
    """


for part in (
    template,
    intake,
    receipts,
    decisions,
    progress,
    explain,
    publishing,
    publications,
    compaction,
    tokens,
    serving,
    doctor,
):
    for subcommand in part.COMMANDS:
        command.add_command(subcommand)


def main() -> None:
    """Runs the command line; an unforeseen failure ends in its cause and exit code 3."""
    try:
        command()
    except (Busy, CatalogError, NoPublication) as error:
        say(f"union7510: {error}")
        sys.exit(EXIT_SYSTEM_FAILED)
    except Exception as error:  # noqa: BLE001 - the last place: nothing may end without words and a code
        traceback.print_exc()
        say(f"union7510: the system failed: {error}")
        sys.exit(EXIT_SYSTEM_FAILED)
