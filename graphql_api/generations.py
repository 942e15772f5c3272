"""The publications as the server sees them: open for one request, with code lists that are read once."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from graphql_api.code_lists import CodeLists
from graphql_api.memory import PublicationMemory
from warehouse.catalog import load_catalog
from warehouse.publications import NoPublication, PublicationNotFound, PublicationStore, Reader, Readers
from warehouse.reading import Reading, Viewer
from warehouse.reading.catalogue import declared_catalogue, load_catalogue
from warehouse.reading.publication import Publication, publication
from warehouse.settings import Home

_logger = logging.getLogger(__name__)
#: Code lists of so many publications are kept.
_KEPT = 8


class Stopped(Exception):
    """The request was stopped because it took too long."""


class NotRead(Exception):
    """The question takes more than what has been read before."""


class UnreadablePublication(NoPublication):
    """The current publication is not there, or damaged."""

    def __init__(self) -> None:
        Exception.__init__(
            self,
            "the current publication cannot be read; `union7510 doctor` tells its operator why / "
            "当前发布版本无法读取，请管理员运行 union7510 doctor",
        )


class _Unread:
    """In place of a source: an open publication without its file."""

    def __init__(self, publication_id: str, problem: type[Exception]) -> None:
        self.publication_id = publication_id
        self._problem = problem

    def query(self, *_: Any) -> list[dict[str, Any]]:
        """Raises: Exception: always."""
        raise self._problem

    def stop(self) -> None:
        """Nothing runs."""


class StoppableSource:
    """A reader that can be stopped from another thread, between its queries too."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._stopped = self._closed = False

    @property
    def publication_id(self) -> str:
        return self._reader.publication_id

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Raises: Stopped: the request was stopped before."""
        if self._stopped:
            raise Stopped
        return self._reader.query(sql, parameters)

    def arrow(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pa.Table:
        """Raises: Stopped: the request was stopped before."""
        if self._stopped:
            raise Stopped
        return self._reader.arrow(sql, parameters)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if not self._closed:
                self._reader.interrupt()

    def close(self) -> None:
        """From here on the reader is no longer touched."""
        with self._lock:
            self._closed = True


@dataclass(frozen=True)
class OpenPublication:
    """What a request reads: one publication, for its viewer."""

    source: StoppableSource
    reading: Reading
    codes: CodeLists


class Generations:
    """All publications of a home; for several threads."""

    def __init__(self, store: PublicationStore) -> None:
        self.store = store
        self._pointer = os.fspath(store.pointer)
        self._readers = Readers(store)
        # A publication never changes. Two threads that both miss do the same work twice, and agree.
        self._codes: dict[str, CodeLists] = {}
        self._publications: dict[str, Publication] = {}
        self._remembered: tuple[str, PublicationMemory] | None = None
        self._current: tuple[tuple[int, int], str | None] | None = None

    @contextmanager
    def open(self, viewer: Viewer, publication_id: str | None = None) -> Iterator[OpenPublication]:
        """The named publication, or the one that is current now, as a viewer reads it.

        Raises:
            NoPublication: none is named and there is none yet, or it cannot be read.
            PublicationNotFound: there is none with this id.
        """
        with ExitStack() as stack:
            try:
                source = StoppableSource(stack.enter_context(self._readers.open(publication_id)))
                codes = self._code_lists(source)
            except (PublicationNotFound, OSError, duckdb.Error) as error:
                if publication_id is not None:
                    raise
                _logger.error("the current publication cannot be read: %s", error)
                raise UnreadablePublication from error
            stack.callback(source.close)
            memory = self._memory(source.publication_id)
            yield OpenPublication(source, Reading(source, viewer, codes.catalogue, memory), codes)

    def remembered(self, viewer: Viewer) -> OpenPublication | None:
        """What has been read of the current publication before; what has not been raises ``NotRead``.

        None when that is nothing. It takes no time: for the event loop.
        """
        current, kept = self.current_id(), self._remembered
        codes = None if current is None else self._codes.get(current)
        if current is None or codes is None or kept is None or kept[0] != current:
            return None
        source: Any = _Unread(current, NotRead)
        return OpenPublication(source, Reading(source, viewer, codes.catalogue, kept[1]), codes)

    @property
    def home(self) -> Home:
        """Where the publications lie."""
        return self.store.home

    def current_id(self) -> str | None:
        """Id of the current publication, None before the first; quick enough for every request."""
        try:
            stat = os.stat(self._pointer)  # noqa: PTH116 - for every request, and three times as quick
        except FileNotFoundError:
            return None
        # The pointer is replaced, never written: another file, another state.
        state = (stat.st_ino, stat.st_mtime_ns)
        known = self._current
        if known is None or known[0] != state:
            # Read after the look: what is newer than the state is found again by the next look.
            known = self._current = (state, self.store.current_id())
        return known[1]

    def ids(self) -> Sequence[str]:
        """Ids of all publications, the newest first."""
        return self.store.ids()[::-1]

    def publication(self, publication_id: str) -> Publication:
        """What a publication says of itself.

        Raises:
            PublicationNotFound: there is none with this id.
        """
        path = self.store.path(publication_id)
        known = self._publications.get(path.stem)
        if known is None:
            with self._readers.open(publication_id) as reader:
                known = self._publications[path.stem] = publication(reader)
        return known

    def close(self) -> None:
        self._readers.close()

    def _memory(self, publication_id: str) -> PublicationMemory:
        """What has been read of a publication; only that of the one asked for last is kept."""
        kept = self._remembered
        if kept is None or kept[0] != publication_id:
            kept = self._remembered = (publication_id, PublicationMemory())
        return kept[1]

    def _code_lists(self, source: StoppableSource) -> CodeLists:
        codes = self._codes.get(source.publication_id)
        if codes is None:
            codes = CodeLists(load_catalogue(source.query))
            while len(self._codes) >= _KEPT:
                self._codes.pop(next(iter(self._codes)), None)
            self._codes[source.publication_id] = codes
        return codes


def unpublished(viewer: Viewer) -> OpenPublication:
    """What is known before the first publication: the code lists that the catalog declares."""
    codes = CodeLists(declared_catalogue(load_catalog()))
    source: Any = _Unread("", NoPublication)
    return OpenPublication(source, Reading(source, viewer, codes.catalogue), codes)
