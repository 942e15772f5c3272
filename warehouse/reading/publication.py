"""What a publication says of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from warehouse.reading.context import Source


@dataclass(frozen=True)
class Publication:
    """One publication; ``data_through`` is the first day of the last month with data."""

    id: str
    published_at: dt.datetime
    data_through: dt.date | None
    return_count: int
    row_count: int
    catalog_version: str


def publication(source: Source) -> Publication:
    """The open publication; one statement."""
    [row] = source.query(
        "SELECT built_at AS published_at, data_through, return_count, row_count, catalog_version"
        " FROM meta.publication"
    )
    return Publication(id=source.publication_id, **row)
