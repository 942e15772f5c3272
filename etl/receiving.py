"""Takes files in: each is landed as it is, with the unit and month that it states.

What belongs here: from paths to receptions. What does not: checking rows (``etl.processing``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from etl.intake import ReturnReader, Stated
from warehouse.catalog import Catalog
from warehouse.landing import Landing, Reception
from warehouse.settings import Home


@dataclass(frozen=True)
class Received:
    """A landed file; ``duplicate`` when the same bytes were received before for the same unit and month."""

    path: Path
    reception: Reception
    duplicate: bool


def receive_files(home: Home, catalog: Catalog, paths: Iterable[Path], stated: Stated) -> Iterable[Received]:
    """Lands files in the given order, yielding each as soon as it is safe on disk.

    Raises:
        storage.Busy: another process is receiving for too long.
    """
    reader = ReturnReader(catalog)
    with Landing(home).receiving() as desk:
        for path in paths:
            content = path.read_bytes()
            known = desk.known(content, path.name, stated.unit, stated.period)
            if known is not None:
                yield Received(path, known, duplicate=True)
                continue
            read = reader.read(content, path.name, stated=stated)
            reception, duplicate = desk.receive(
                content,
                file_name=path.name,
                unit=read.unit,
                period=f"{read.period:%Y-%m}" if read.period else None,
                unit_option=stated.unit,
                period_option=stated.period,
                submitter=stated.submitter,
            )
            yield Received(path, reception, duplicate)
