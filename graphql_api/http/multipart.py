"""Files in requests: GraphQL's multipart requests, streamed to disk within limits.

What belongs here: taking a multipart request apart. What does not: the file (``uploads``), what becomes of it
(``mutation``).

The form is that of the GraphQL multipart request specification: the fields ``operations`` and ``map``, then
the files. A page of another site could send such a form in the name of whoever looks at it, so a request must
have a header that no form can set: ``Authorization``, or one of ``PREFLIGHT_HEADERS`` with any value.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from graphql_api.http.parameters import Refused, json_value
from graphql_api.uploads import UploadedFile, plain_name

MULTIPART_TYPE = "multipart/form-data"
PREFLIGHT_HEADERS = (
    "graphql-preflight",
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "x-requested-with",
)
_EXAMPLE = 'map: {"0": ["variables.file"]}, and the file as the part named 0'


def is_multipart(headers: Headers) -> bool:
    """Whether a request says that it is a form with files."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == MULTIPART_TYPE


@asynccontextmanager
async def multipart_parameters(
    request: Request, max_bytes: int, max_parameter_bytes: int
) -> AsyncIterator[dict[str, Any]]:
    """The parameters of a GraphQL request, with ``UploadedFile`` where the variables have files.

    Args:
        request: Its body is read here.
        max_bytes: Of the whole body.
        max_parameter_bytes: Of ``operations``, and of ``map``.

    Raises:
        Refused: the form is not what it should be, or too large.
    """
    _check_preflight(request.headers)
    parser = MultiPartParser(
        request.headers,
        _limited(request, max_bytes),
        max_files=1,
        max_fields=2,
        max_part_size=max_parameter_bytes,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeError) as error:
        words = getattr(error, "message", None) or "it cannot be taken apart"
        raise Refused(
            400, f"the multipart form is not well-formed: {words}; send operations, {_EXAMPLE}"
        ) from None
    except ClientDisconnect:
        raise Refused(400, "the body ended too early") from None
    try:
        yield _parameters(form)
    finally:
        await form.close()


def _check_preflight(headers: Headers) -> None:
    if "authorization" not in headers and not any(name in headers for name in PREFLIGHT_HEADERS):
        raise Refused(
            400,
            "a multipart request needs a header that no form of another site can send: Authorization, or "
            "GraphQL-Preflight: 1",
        )


async def _limited(request: Request, maximum: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > maximum:
            raise Refused(
                413,
                f"the file is larger than {maximum} bytes; send it without pictures and empty formatted "
                "rows, or by ledger / 文件过大，请删除图片和空白格式行后再报，或按台账分开报送",
            )
        yield chunk


def _parameters(form: FormData) -> dict[str, Any]:
    parameters, places = _json_object(form, "operations"), _json_object(form, "map")
    files = {name: value for name, value in form.multi_items() if isinstance(value, UploadFile)}
    if not files:
        raise Refused(400, f"the form has no file; send {_EXAMPLE}")
    if {*files} != {*places}:
        raise Refused(400, f"map and the names of the files differ; send {_EXAMPLE}")
    for name, file in files.items():
        uploaded = UploadedFile(plain_name(file.filename or ""), file.file)
        for place in _places(places[name]):
            _put(parameters, place, uploaded)
    return parameters


def _json_object(form: FormData, name: str) -> dict[str, Any]:
    text = form.get(name)
    value = json_value(text, f"the field {name} is not JSON") if isinstance(text, str) else None
    if not isinstance(value, dict):
        raise Refused(400, f"the field {name} must be a JSON object; send operations, {_EXAMPLE}")
    return value


def _places(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(place, str) for place in value):
        raise Refused(400, f"map must name places in operations; send {_EXAMPLE}")
    return value


def _put(parameters: dict[str, Any], place: str, uploaded: UploadedFile) -> None:
    """Puts a file where a path such as ``variables.file`` has null."""
    *parents, last = place.split(".")
    target: Any = parameters
    for key in parents:
        target = target.get(key) if isinstance(target, dict) else None
    if parents[:1] != ["variables"] or not isinstance(target, dict) or target.get(last, 0) is not None:
        raise Refused(400, f"map names {place[:80]!r}, where operations has no null; send {_EXAMPLE}")
    target[last] = uploaded
