"""Metrics for Prometheus: what the server does, and what it serves.

What belongs here: names, and what is measured when. What does not: logs (``logs``).

With several workers each writes its numbers into files of one folder, ``PROMETHEUS_MULTIPROC_DIR``, and any
of them answers for all.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

#: Set by ``union7510 serve`` when there are several workers.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)


@dataclass(frozen=True)
class Served:
    """What is served now, as of when it is asked for."""

    publication: str
    published_at: dt.datetime
    returns: Mapping[str, int]


class Metrics:
    """The metrics of one application."""

    def __init__(self, served: Callable[[], Served | None]) -> None:
        registry = CollectorRegistry()
        self._requests = Counter(
            "union7510_graphql_requests",
            "Requests to /graphql, by status of HTTP.",
            ["status"],
            registry=registry,
        )
        self._errors = Counter(
            "union7510_graphql_errors", "Answers with errors, by their code.", ["code"], registry=registry
        )
        self._seconds = Histogram(
            "union7510_graphql_request_seconds",
            "Time from a request to its answer, by whether the answer was there already.",
            ["cache"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._files = Counter(
            "union7510_file_requests",
            "Requests for exports, forms and receipts, by status of HTTP.",
            ["status"],
            registry=registry,
        )
        self._file_errors = Counter(
            "union7510_file_errors", "Such requests that got no file, by code.", ["code"], registry=registry
        )
        self._file_seconds = Histogram(
            "union7510_file_request_seconds",
            "Time until such a file is there to be sent.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._live = Counter(
            "union7510_live_operations",
            "Operations of WebSockets and streams of events that have ended, or were refused.",
            registry=registry,
        )
        self._live_answers = Counter(
            "union7510_live_answers", "Answers to such operations, as they are sent.", registry=registry
        )
        self._connections = Gauge(
            "union7510_live_connections",
            "Clients that wait for publications.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._cache_bytes = Gauge(
            "union7510_answer_cache_bytes",
            "What finished answers take.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._hit, self._miss = self._seconds.labels("hit"), self._seconds.labels("miss")
        self._ok = self._requests.labels("200")
        self._exposed = registry
        if FOLDER in os.environ:
            self._exposed = CollectorRegistry()
            _forget_the_killed(Path(os.environ[FOLDER]))
            MultiProcessCollector(self._exposed)  # type: ignore[no-untyped-call]
        self._exposed.register(_Served(served))

    def answered(self, status: int, codes: Collection[str], seconds: float, *, cached: bool) -> None:
        """Counts an answer."""
        (self._hit if cached else self._miss).observe(seconds)
        (self._ok if status == 200 else self._requests.labels(str(status))).inc()
        for code in codes:
            self._errors.labels(code).inc()

    def file(self, status: int, codes: Collection[str], seconds: float) -> None:
        """Counts a file, or why there was none."""
        self._file_seconds.observe(seconds)
        self._files.labels(str(status)).inc()
        for code in codes:
            self._file_errors.labels(code).inc()

    def answered_live(self) -> None:
        """Counts an answer of a WebSocket or a stream of events."""
        self._live_answers.inc()

    def live(self, codes: Collection[str]) -> None:
        """Counts the end of such an operation; codes of errors that it has met, or was refused for."""
        self._live.inc()
        for code in codes:
            self._errors.labels(code).inc()

    def connected(self, change: int) -> None:
        """Counts live connections up or down."""
        self._connections.inc(change)

    def kept(self, size: int) -> None:
        """Says what finished answers take now, in bytes."""
        self._cache_bytes.set(size)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format; reads the publication."""
        return generate_latest(self._exposed)

    @staticmethod
    def close() -> None:
        """Takes this worker's momentary numbers out of the sum."""
        if FOLDER in os.environ:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]


def _forget_the_killed(folder: Path) -> None:
    """Takes momentary numbers of workers out of the sum that could not do it themselves."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        try:
            os.kill(int(pid), 0)
        except (ProcessLookupError, OverflowError):
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
        except (ValueError, PermissionError):
            continue


class _Served(Collector):
    """What is served, looked up when it is asked for."""

    def __init__(self, served: Callable[[], Served | None]) -> None:
        self._served = served

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering reads no publication."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The metrics of the current publication; without one only that it is missing."""
        served = self._served()
        yield GaugeMetricFamily(
            "union7510_ready", "Whether there is a publication.", value=0 if served is None else 1
        )
        if served is None:
            return
        info = GaugeMetricFamily("union7510_publication", "The current publication.", labels=["id"])
        info.add_metric([served.publication], 1)
        yield info
        age = dt.datetime.now(dt.UTC) - served.published_at
        yield GaugeMetricFamily(
            "union7510_publication_age_seconds",
            "Time since the current publication was built.",
            value=age.total_seconds(),
        )
        returns = GaugeMetricFamily(
            "union7510_returns", "Returns of the current publication, by status.", labels=["status"]
        )
        for status, count in served.returns.items():
            returns.add_metric([status], count)
        yield returns
