"""One file handed in by a client that waits for the answer: landed, and checked at once.

What belongs here: from one file to its receipt. What does not: many files (``etl.receiving``), the lake and
the figures: those are the next run's, which checks the return again with all that came meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from etl.deciding import Bearing
from etl.intake import Stated, check_returns
from etl.intake.isolation import ReadingRoom, ReadRequest
from etl.processing import requests
from etl.receipts import Document, read_receipt, receipts, write_receipts
from etl.receiving import receive_files
from warehouse.catalog import Catalog
from warehouse.landing import Reception
from warehouse.settings import Home


@dataclass(frozen=True)
class Submission:
    """What became of a file: its receipt, and where it was landed; ``reception`` is None after a trial.

    ``duplicate`` when the same bytes had been received before for the same unit and month: that return is
    told again.
    """

    document: Document
    reception: Reception | None = None
    duplicate: bool = False


def submit_file(home: Home, catalog: Catalog, path: Path, stated: Stated) -> Submission:
    """Lands a file and checks it; what is landed is safe on disk before the check begins.

    Raises:
        storage.Busy: another process is receiving for too long.
    """
    [received] = receive_files(home, catalog, [path], stated)
    reception = received.reception
    if received.duplicate and (home.receipts / f"{reception.return_id}.json").is_file():
        return Submission(read_receipt(home, reception.return_id), reception, duplicate=True)
    with ReadingRoom(catalog, workers=1) as room:
        [document] = _checked(catalog, room, next(requests(home, catalog, [reception])))
    write_receipts(home, [document])
    return Submission(document, reception, received.duplicate)


def try_file(home: Home, catalog: Catalog, path: Path, stated: Stated) -> Submission:
    """The receipt that a file would get; nothing is kept of it."""
    with ReadingRoom(catalog, workers=1) as room:
        circumstances = Bearing.today(home, catalog).on_what_comes_now()
        request = ReadRequest(path, path.name, stated=stated, circumstances=circumstances)
        [document] = _checked(catalog, room, request)
    return Submission(document)


def _checked(catalog: Catalog, room: ReadingRoom, request: ReadRequest) -> list[dict[str, object]]:
    read = room.read(request)
    batch = check_returns(catalog, [read])
    # The reader's name of the file, which holds no personal number.
    return receipts(batch, {read.return_id: read.file_name}, {read.return_id: read.sheet_names})
