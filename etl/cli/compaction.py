"""The command that keeps the files few."""

from __future__ import annotations

import click

from etl.cli.output import json_option, print_json, say
from warehouse.settings import Home


@click.command("compact")
@json_option
def compact_command(as_json: bool) -> None:
    """Write all folders of the lake, and all manifests of reception, as one each.

    Ingest does so by itself for closed months, and where they have become many; ask for it when a year is
    closed. What counts stays the same, and what was compacted stays until `publications gc`.
    """
    from warehouse import storage
    from warehouse.compaction import compact

    home = Home.from_environment()
    with storage.exclusive(home.root, storage.WRITER_TIMEOUT):
        generations = compact(home, everything=True)
    if as_json:
        documents = [
            {"name": one.name, "files": one.files, "instead_of": one.instead_of} for one in generations
        ]
        print_json({"compacted": documents})
        return
    for one in generations:
        click.echo(f"{one.name}: {one.files} files instead of {one.instead_of}")
    if generations:
        say("what was compacted stays until `union7510 publications gc`")
    else:
        say("there is nothing to compact")


COMMANDS: tuple[click.Command, ...] = (compact_command,)
