"""What every question needs: the open publication, who asks, and the publication's code lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from warehouse.catalog import load_catalog
from warehouse.reading.catalogue import Catalogue, load_catalogue
from warehouse.reading.viewer import Viewer

Items = TypeVar("Items", bound=Sized)


class Source(Protocol):
    """One open publication, as ``warehouse.publications.Reader`` is one."""

    @property
    def publication_id(self) -> str: ...

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]: ...

    def arrow(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pa.Table: ...


class Memory(Protocol):
    """Keeps what has been read of one publication, the same for every viewer."""

    def get(self, key: Hashable, make: Callable[[], Items]) -> Items: ...


@dataclass(frozen=True)
class Reading:
    """One viewer's reading of one publication."""

    source: Source
    viewer: Viewer
    catalogue: Catalogue
    memory: Memory | None = None

    @classmethod
    def of(cls, source: Source, viewer: Viewer) -> Reading:
        """A reading whose code lists are read now."""
        return cls(source, viewer, load_catalogue(source.query))

    def remembered(self, key: Hashable, make: Callable[[], Items]) -> Items:
        """What ``make`` reads, or has read before under the same key; it must depend on no viewer."""
        return make() if self.memory is None else self.memory.get(key, make)


def today() -> dt.date:
    """The day in the programme's time zone."""
    return dt.datetime.now(ZoneInfo(load_catalog().programme.time_zone)).date()
