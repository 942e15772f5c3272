"""Commands that read publications: progress, publications list and show."""

from __future__ import annotations

from typing import Any

import click

from etl.cli.output import SystemFailed, json_option, print_json
from warehouse.publications import NoPublication, PublicationNotFound, PublicationStore, open_for_reading
from warehouse.settings import Home

COMMANDS: tuple[click.Command, ...] = ()
