"""Spans of OpenTelemetry, where its API is installed (the extra ``otel``); otherwise nothing.

What belongs here: the span of an operation. What does not: where spans go, which the operator's SDK decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

try:
    from opentelemetry import propagate, trace
except ModuleNotFoundError:  # the extra is not installed
    _INSTALLED = False
else:
    _INSTALLED = True


@contextmanager
def span(headers: Mapping[str, str], request_id: str) -> Iterator[dict[str, str]]:
    """The span of an operation, a child of the client's (``traceparent``); takes attributes to its end."""
    attributes: dict[str, str] = {}
    # Without an SDK spans go nowhere.
    if not _INSTALLED or isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        yield attributes
        return
    tracer = trace.get_tracer("union7510")
    with tracer.start_as_current_span(
        "graphql", context=propagate.extract(headers), kind=trace.SpanKind.SERVER
    ) as started:
        try:
            yield attributes
        finally:
            started.set_attributes({"union7510.request_id": request_id, **attributes})
