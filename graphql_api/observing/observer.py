"""What is told of each request, in one place: to the metrics, and to the log."""

from __future__ import annotations

import logging

from graphql_api.http.finished import FinishedResponse
from graphql_api.observing.metrics import Metrics

_logger = logging.getLogger("graphql_api.requests")


class Observer:
    """Tells of requests; for one event loop."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    def answered(self, request_id: str, response: FinishedResponse, seconds: float, *, cached: bool) -> None:
        """Tells of a response that was sent; ``cached`` when it was finished before."""
        self.metrics.answered(response.status, response.codes, seconds, cached=cached)
        if cached:
            # What costs nothing is not worth a line each.
            return
        _logger.info(
            "%d %s in %.0f ms",
            response.status,
            ", ".join(response.codes) or "answered",
            seconds * 1_000,
            extra={
                "fields": {
                    "request_id": request_id,
                    "status": response.status,
                    "codes": list(response.codes),
                    "milliseconds": round(seconds * 1_000, 1),
                    "bytes": len(response.body),
                }
            },
        )
