"""Takes files in: each is landed as it is, with the unit and month that it states.

What belongs here: from paths to receptions. What does not: checking rows (``etl.processing``), what is
personal (``etl.intake.privacy``).

A file that holds what is never stored is not landed as it is, but as a copy without that; where none can be
made that says the same, nothing is landed but the manifest. So a file lies outside the home folder until it
was read: in the folder of the reading room, which ends with it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from etl.intake import ReadReturn, Stated
from etl.intake.identity import settle_submitter
from etl.intake.isolation import ReadingRoom, ReadRequest
from etl.intake.personal import without_numbers
from warehouse.catalog import Catalog
from warehouse.landing import Arrived, Desk, Kept, Landing, Reception, copied
from warehouse.settings import Home


@dataclass(frozen=True)
class Received:
    """A landed file; ``duplicate`` when the same bytes were received before for the same unit and month."""

    path: Path
    reception: Reception
    duplicate: bool


def receive_files(home: Home, catalog: Catalog, paths: Iterable[Path], stated: Stated) -> Iterator[Received]:
    """Lands files in the given order, yielding each as soon as it is safe on disk.

    Raises:
        storage.Busy: another process is receiving for too long.
    """
    with (
        Landing(home).receiving(_turned_away(catalog)) as desk,
        ReadingRoom(catalog) as room,
        # What holds something personal is read again here; the first room goes on with the files behind it.
        ReadingRoom(catalog, workers=1) as copying_room,
    ):
        reception = _Receiving(desk, room, copying_room, stated)
        yield from reception.receive(paths)


def _turned_away(catalog: Catalog) -> Callable[[Reception], bool]:
    """Whether a return is rejected for who sent it (R005) or how early (R007), not for what it says.

    Then the same file is welcome from the unit itself, or once the month has begun.
    """
    zone = ZoneInfo(catalog.programme.time_zone)

    def is_turned_away(one: Reception) -> bool:
        received = dt.datetime.fromisoformat(one.received_at).astimezone(zone)
        if one.period is not None and one.period > f"{received:%Y-%m}":
            return True
        return one.unit in catalog.unit_by_code and any(settle_submitter(catalog, one.unit, one.submitter))

    return is_turned_away


@dataclass(frozen=True)
class _Arrival:
    """A file in front of the desk: ``known`` from before, or ``arrived`` and to be read where it ``lies``."""

    path: Path
    name: str
    lies: Path
    known: Reception | None = None
    arrived: Arrived | None = None


class _Receiving:
    """One call at the desk."""

    def __init__(self, desk: Desk, room: ReadingRoom, copying_room: ReadingRoom, stated: Stated) -> None:
        self._desk, self._room, self._copying_room = desk, room, copying_room
        self._stated = stated
        self._numbers = itertools.count()
        self._arrivals: deque[_Arrival] = deque()

    def receive(self, paths: Iterable[Path]) -> Iterator[Received]:
        for read in self._room.read_all(self._requests(paths)):
            yield from self._known()
            arrival = self._arrivals.popleft()
            try:
                reception, duplicate = self._receive(arrival, read)
            finally:
                arrival.lies.unlink(missing_ok=True)
                self._room.discard([read])
            yield Received(arrival.path, reception, duplicate)
        yield from self._known()

    def _requests(self, paths: Iterable[Path]) -> Iterator[ReadRequest]:
        """Sets aside the files that have to be read; that copy is read, since a sender may go on writing."""
        for path in paths:
            # A name may hold a number, too; it is stored and told without.
            name = without_numbers(path.name)
            known = self._desk.known(path, name, self._stated.unit, self._stated.period)
            if known is not None:
                self._arrivals.append(_Arrival(path, name, path, known=known))
                continue
            lies = self._room.folder / f"arrived-{next(self._numbers)}"
            self._arrivals.append(_Arrival(path, name, lies, arrived=copied(path, lies)))
            yield ReadRequest(lies, name, stated=self._stated, look_for_personal=True)

    def _known(self) -> Iterator[Received]:
        """Takes out the first arrivals as long as they are known."""
        while self._arrivals and (known := self._arrivals[0].known) is not None:
            yield Received(self._arrivals.popleft().path, known, duplicate=True)

    def _receive(self, arrival: _Arrival, read: ReadReturn) -> tuple[Reception, bool]:
        assert arrival.arrived is not None  # noqa: S101 - it was read
        kept = self._keep_copy(arrival) if read.is_personal else self._desk.keep(arrival.lies)
        return self._desk.receive(
            arrival.arrived,
            kept,
            file_name=arrival.name,
            unit=read.unit,
            period=f"{read.period:%Y-%m}" if read.period else None,
            unit_option=self._stated.unit,
            period_option=self._stated.period,
            submitter=self._stated.submitter,
        )

    def _keep_copy(self, arrival: _Arrival) -> Kept | None:
        """Lands a copy without what is never stored; None where there is none that says the same."""
        copy = self._copying_room.folder / arrival.lies.name
        request = ReadRequest(arrival.lies, arrival.name, stated=self._stated, copy_to=copy)
        try:
            self._copying_room.discard([self._copying_room.read(request)])
            return self._desk.keep(copy) if copy.is_file() else None
        finally:
            copy.unlink(missing_ok=True)
