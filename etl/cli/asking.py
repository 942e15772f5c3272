"""What the commands that ask a publication share: their options, opening it, figures as text.

What belongs here: options and words of more than one such command. What does not: documents, tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import click

from etl.cli.output import SystemFailed
from warehouse.publications import NoPublication, PublicationNotFound, PublicationStore, Readers
from warehouse.reading import InputProblem, Reading, Viewer
from warehouse.settings import Home

#: Columns that tables need; a narrower terminal wraps their lines.
TABLE_WIDTH = 140


class Month(click.ParamType[dt.date]):
    """A month, such as 2024-03, as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Raises: click.BadParameter: the text is no month."""
        try:
            return dt.date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail(f"{value!r} is no month; write it like 2024-03", param, ctx)


year_option = click.option(
    "--year", type=int, help="A year of the programme; by default that of the latest data."
)
through_option = click.option(
    "--through", type=Month(), help="The last month counted; by default the latest with data."
)
unit_option = click.option("--unit", help="Code of a unit; by default the whole city.")
publication_option = click.option(
    "--publication",
    "publication_id",
    metavar="ID",
    help="An earlier publication; by default the current one.",
)


@contextmanager
def asking(publication_id: str | None = None) -> Iterator[Reading]:
    """The city's reading of a publication; what cannot be answered ends in words and the right exit code."""
    try:
        with Readers(PublicationStore(Home.from_environment())).open(publication_id) as reader:
            yield Reading.of(reader, Viewer.CITY)
    except NoPublication as error:
        raise SystemFailed(str(error)) from None
    except (InputProblem, PublicationNotFound) as error:
        raise click.UsageError(str(error)) from None


def latest_year(reading: Reading, through: dt.date | None) -> int:
    """The year that is meant when none is given."""
    return (through or reading.catalogue.data_through or reading.catalogue.months[0]).year


def exact(value: Decimal | None) -> str | None:
    """The exact value without trailing zeros."""
    return None if value is None else f"{value.normalize():f}"


def shown(value: Decimal | None) -> str:
    """At most two decimals, for the eye."""
    return "" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def signed(value: Decimal | None) -> str:
    """A difference, for the eye."""
    if value is None:
        return ""
    return f"{'+' if value > 0 else ''}{shown(value)}" if value else "0"


def month_span(first: dt.date, last: dt.date) -> str:
    """``2024-03``, or ``2024-01 … 2024-12``."""
    return f"{first:%Y-%m}" if first == last else f"{first:%Y-%m} … {last:%Y-%m}"
