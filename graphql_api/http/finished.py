"""Finished answers: bytes as they go out, kept for as long as they are true and within bounds.

What belongs here: encoding, compressing and keeping answers. What does not: which answers last
(``execution``), what a request says (``parameters``).

An answer is a function of the publication, the day (what is due depends on it), the viewer and the request.
All of these are its key, so that nobody ever gets what was made for somebody else.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import brotli
import orjson
from cachetools import LRUCache
from starlette.types import Scope, Send

#: Shorter answers are not worth compressing.
_COMPRESSED_FROM = 1_000
_BROTLI_QUALITY, _GZIP_LEVEL = 5, 6
#: What an answer takes beside its bytes and those of its request: headers, key, entry.
_OVERHEAD = 1_500
#: Headers that a response without a body does not have.
_OF_THE_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})


@dataclass(frozen=True)
class FinishedResponse:
    """A response as bytes, to be sent as often as wanted."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    #: Codes of the errors that the body tells of.
    codes: tuple[str, ...] = ()
    etag: bytes | None = None

    async def send(self, scope: Scope, send: Send, request_id: str) -> None:
        """Sends it, or that nothing has changed to a client that says what it has (If-None-Match)."""
        status, headers, body = self.status, self.headers, self.body
        if self.etag is not None and is_known(scope, self.etag):
            status, body = 304, b""
            headers = tuple(each for each in headers if each[0] not in _OF_THE_BODY)
        elif scope["method"] == "HEAD":
            body = b""
        identified = [*headers, (b"x-request-id", request_id.encode("ascii"))]
        await send({"type": "http.response.start", "status": status, "headers": identified})
        await send({"type": "http.response.body", "body": body})


def is_known(scope: Scope, etag: bytes) -> bool:
    """Whether a client says that it has what an ETag stands for (If-None-Match)."""
    known = [value for name, value in scope["headers"] if name == b"if-none-match"]
    tags = [tag.strip().removeprefix(b"W/") for value in known for tag in value.split(b",")]
    return etag in tags or b"*" in tags


def finished(
    payload: Mapping[str, Any],
    media_type: str,
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    coding: str | None = None,
    by_get: bool = False,
) -> FinishedResponse:
    """The response to a GraphQL request.

    Args:
        payload: What is answered, as JSON.
        media_type: The one that the client takes.
        status: Of HTTP.
        headers: Further headers.
        coding: ``br`` or ``gzip`` where the client takes it.
        by_get: Whether it may be asked for again with ``If-None-Match``.
    """
    body = _json(payload)
    said = {
        "content-type": f"{media_type}; charset=utf-8",
        "vary": "Accept, Accept-Encoding, Authorization",
        # A client may keep it, but asks each time whether it still holds.
        "cache-control": "private, no-cache" if by_get and status == 200 else "no-store",
        "x-content-type-options": "nosniff",
        **{name.lower(): value for name, value in (headers or {}).items()},
    }
    if coding is not None and len(body) >= _COMPRESSED_FROM:
        body = _compressed(body, coding)
        said["content-encoding"] = coding
    etag = None
    if by_get and status == 200:
        said["etag"] = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        etag = said["etag"].encode("ascii")
    said["content-length"] = str(len(body))
    encoded = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in said.items())
    return FinishedResponse(status, encoded, body, codes_of(payload), etag)


def _json(payload: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8, of payloads without floating-point numbers: there each library has its own form."""
    try:
        return orjson.dumps(payload)
    except orjson.JSONEncodeError:
        # A whole number of more than 64 bits, or no JSON at all.
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def codes_of(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes of the errors that an answer tells of."""
    errors = payload.get("errors", ())
    return tuple(sorted({error.get("extensions", {}).get("code", "UNKNOWN") for error in errors}))


def _compressed(body: bytes, coding: str) -> bytes:
    if coding == "br":
        compressed: bytes = brotli.compress(body, quality=_BROTLI_QUALITY)
        return compressed
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


class FinishedAnswers:
    """Keeps responses within a number of bytes, those asked for last; for one thread, the event loop's."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: LRUCache[Hashable, tuple[FinishedResponse, int]] = LRUCache(
            max_bytes, getsizeof=lambda kept: kept[1]
        )

    @property
    def bytes_kept(self) -> int:
        """What is kept now, in bytes."""
        return int(self._kept.currsize)

    def get(self, key: Hashable) -> FinishedResponse | None:
        """The response that was kept under a key, if it still is."""
        try:
            return self._kept[key][0]
        except KeyError:
            return None

    def keep(self, key: Hashable, key_bytes: int, response: FinishedResponse) -> None:
        """Keeps a response; ``key_bytes`` is what its key takes. What is too large for all is not kept."""
        size = len(response.body) + key_bytes + _OVERHEAD
        if size <= self._max_bytes:
            self._kept[key] = (response, size)
