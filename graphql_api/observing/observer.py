"""What is told of each request, in one place: to the metrics, and to the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from graphql_api.http.finished import FinishedResponse
from graphql_api.observing.metrics import Metrics
from warehouse.reading.problems import shortened

_logger = logging.getLogger("graphql_api.requests")
#: A client may send a path of any length.
_PATH_MAXIMUM = 100


class Observer:
    """Tells of requests; for one event loop."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    def answered(self, request_id: str, response: FinishedResponse, seconds: float, *, cached: bool) -> None:
        """Tells of a response that was sent; ``cached`` when it was finished before."""
        self.metrics.answered(response.status, response.codes, seconds, cached=cached)
        # What costs nothing is not worth a line each.
        if not cached:
            self._log(request_id, response.status, response.codes, seconds, bytes=len(response.body))

    def file(self, request_id: str, path: str, status: int, codes: Sequence[str], seconds: float) -> None:
        """Tells of a file that is sent from now on, or why none is."""
        self.metrics.file(status, codes, seconds)
        self._log(request_id, status, codes, seconds, path=shortened(path, _PATH_MAXIMUM))

    def live(self, request_id: str, answers: int, codes: Sequence[str], seconds: float) -> None:
        """Tells of an operation of a WebSocket or a stream of events that has ended, or was refused."""
        self.metrics.live(codes)
        self._log(request_id, None, codes, seconds, answers=answers)

    @staticmethod
    def _log(
        request_id: str, status: int | None, codes: Sequence[str], seconds: float, **more: object
    ) -> None:
        _logger.info(
            "%s %s %s in %.0f ms",
            request_id,
            # What goes on over a connection has no status of HTTP.
            "live" if status is None else status,
            ", ".join(codes) or "answered",
            seconds * 1_000,
            extra={
                "fields": {
                    "request_id": request_id,
                    "status": status,
                    "codes": list(codes),
                    "milliseconds": round(seconds * 1_000, 1),
                    **more,
                }
            },
        )
