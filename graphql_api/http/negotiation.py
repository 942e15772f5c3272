"""Media types: which one a client asks for, and which one it sends."""

from __future__ import annotations

RESPONSE_TYPE = "application/graphql-response+json"
JSON_TYPE = "application/json"
HTML_TYPE = "text/html"
EVENTS_TYPE = "text/event-stream"
#: A media range that is the media type itself.
_BY_NAME = 2


def negotiated(accept: str | None) -> str | None:
    """The media type to answer in; None when the client takes neither.

    A client that does not say gets the older one, which every client understands.
    """
    if accept is None or not accept.strip():
        return JSON_TYPE
    newer, exactness = _weight(accept, RESPONSE_TYPE)
    older, _ = _weight(accept, JSON_TYPE)
    if max(newer, older) <= 0:
        return None
    return RESPONSE_TYPE if newer > older or (newer == older and exactness == _BY_NAME) else JSON_TYPE


def prefers_html(accept: str | None) -> bool:
    """Whether a browser asks: it names HTML, and nothing that GraphQL answers in."""
    types = [part.partition(";")[0].strip().lower() for part in (accept or "").split(",")]
    return HTML_TYPE in types and RESPONSE_TYPE not in types and JSON_TYPE not in types


def wants_events(accept: str | None) -> bool:
    """Whether a client asks for a stream: it names that type, which no general range stands for."""
    types = [part.partition(";")[0].strip().lower() for part in (accept or "").split(",")]
    return EVENTS_TYPE in types and RESPONSE_TYPE not in types and JSON_TYPE not in types


def content_coding(accept: str | None) -> str | None:
    """How the answer is compressed: ``br``, ``gzip``, or not at all."""
    wanted: dict[str, float] = {}
    for part in (accept or "").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        wanted[name] = _quality(parameters)
    others = wanted.get("*", 0.0)
    best = max(("br", "gzip"), key=lambda coding: wanted.get(coding, others))
    return best if wanted.get(best, others) > 0 else None


def _weight(accept: str, media_type: str) -> tuple[float, int]:
    """How much a client wants a media type, and how exactly it names it."""
    patterns = {media_type: _BY_NAME, f"{media_type.partition('/')[0]}/*": 1, "*/*": 0}
    found: list[tuple[int, float]] = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name in patterns and not other_charset(parameters):
            found.append((patterns[name], _quality(parameters)))
    if not found:
        return (0.0, 0)
    # The most exact pattern counts, whatever the others say.
    exactness, quality = max(found)
    return (quality, exactness)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0


def other_charset(parameters: list[str]) -> bool:
    """Whether the parameters of a media type name a charset that is not UTF-8."""
    values = (
        p.partition("=")[2].strip().strip('"') for p in parameters if p.partition("=")[0].strip() == "charset"
    )
    return any(value not in {"utf-8", "utf8"} for value in values)
