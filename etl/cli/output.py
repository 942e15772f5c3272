"""How the commands speak: documents and tables on stdout, progress and troubles on stderr.

What belongs here: what all commands share. What does not: receipts in words (``answers``).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

EXIT_DATA_HAS_PROBLEMS = 1
EXIT_SYSTEM_FAILED = 3

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


class SystemFailed(click.ClickException):
    """The system failed (exit code 3); the message says what, and what to do."""

    exit_code = EXIT_SYSTEM_FAILED


def print_json(document: object) -> None:
    """The one document of ``--json``."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def say(message: str) -> None:
    """A line for whoever watches."""
    click.echo(message, err=True)


def end_with_data_problems() -> NoReturn:
    """Exit code 1: the command did its work, and the data has problems."""
    sys.exit(EXIT_DATA_HAS_PROBLEMS)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on the terminal's stderr; nothing where nobody watches.

    Dagster redirects stderr while a step runs, so the bar writes to a copy of it.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total, _what: None
        return
    with os.fdopen(os.dup(sys.stderr.fileno()), "w") as terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[what]}"),
        )
        with Progress(*columns, console=Console(file=terminal), transient=True) as bar:
            task = bar.add_task(label, total=None, what="")
            yield lambda done, total, what: bar.update(task, completed=done, total=total, what=what)
