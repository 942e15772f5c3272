"""The parameters of a GraphQL request, out of HTTP: bodies within limits, JSON, their types.

What belongs here: whether a request is a well-formed one. What does not: its document (``execution``).
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, NoReturn

from anyio import move_on_after
from starlette.requests import ClientDisconnect, Request

from graphql_api.execution import GraphQLRequest
from graphql_api.http.negotiation import JSON_TYPE, other_charset

#: So long, in seconds, the rest of a refused request is waited for.
_REST_SECONDS = 10


class Refused(Exception):
    """The request is not a well-formed one; the message says what it should be."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


def is_json(request: Request) -> bool:
    """Whether the body is said to be JSON, in whatever charset."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON_TYPE


def check_content_type(request: Request) -> None:
    """Raises: Refused: the body is said to be something else than JSON in UTF-8."""
    name, *parameters = (
        piece.strip().lower() for piece in request.headers.get("content-type", "").split(";")
    )
    if name != JSON_TYPE or other_charset(parameters):
        raise Refused(
            415, f"send the request as {JSON_TYPE} in UTF-8, with a Content-Type header that says so"
        )
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
        raise Refused(400, "send the body as it is: no Content-Encoding is understood")


async def pass_over_rest(request: Request, maximum: int) -> None:
    """Takes what a client is still sending, so that it comes to read the answer; too much is cut off."""
    passed = 0
    # The stream says by RuntimeError that it was read; who does not send on in time has been refused already.
    with move_on_after(_REST_SECONDS), suppress(ClientDisconnect, RuntimeError, Refused):
        async for chunk in request.stream():
            passed += len(chunk)
            if passed > maximum:
                return


async def read_body(request: Request, maximum: int) -> bytes:
    """The body. Raises: Refused: it is longer than ``maximum`` bytes, or ends too early."""
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > maximum:
                raise _too_long(maximum)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Refused(400, "the body ended too early") from None
    return b"".join(chunks)


def _too_long(maximum: int) -> Refused:
    return Refused(413, f"the request is longer than {maximum} bytes; send several smaller ones")


def from_query_string(request: Request, maximum: int) -> GraphQLRequest:
    """The parameters of a GET. Raises: Refused: they are no well-formed request."""
    if len(request.scope["query_string"]) > maximum:
        raise _too_long(maximum)
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = json_value(parameters[name], f"{name} is not JSON")
        else:
            parameters.pop(name, None)
    return checked(parameters)


def from_json(body: bytes) -> GraphQLRequest:
    """The parameters of a POST. Raises: Refused: the body is no well-formed request."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(400, "the body is not UTF-8; send JSON in UTF-8") from None
    parameters = json_value(text, "the body is not JSON")
    if not isinstance(parameters, dict):
        raise Refused(400, 'the body must be a JSON object, for example {"query": "{ measures { nameZh } }"}')
    return checked(parameters)


def json_value(text: str, problem: str) -> Any:
    """What a text says. Raises: Refused: it is not JSON; the message begins with ``problem``."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
        if "\\u" in text or not text.isascii():
            # What cannot be written as UTF-8 cannot be answered either: half of a surrogate pair.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Refused(400, f"{problem} in UTF-8: it has half of a surrogate pair") from None
    except RecursionError:
        raise Refused(400, f"{problem} that can be read: it is nested too deeply") from None
    except ValueError as error:
        # Of numbers Python says how to lift its limit, which is not for clients.
        said = "a number in it is too long" if "digits" in str(error) else error
        raise Refused(400, f"{problem}: {said}"[:200]) from None
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def checked(parameters: dict[str, Any]) -> GraphQLRequest:
    """A request of these parameters. Raises: Refused: one is missing, or of another type."""
    query, variables = parameters.get("query"), parameters.get("variables")
    operation_name = parameters.get("operationName")
    document_id = parameters.get("documentId")
    if not isinstance(document_id, str | None):
        raise Refused(400, "the parameter documentId must be a string: the SHA-256 of a trusted document")
    if query is not None and document_id is not None:
        raise Refused(400, "send either a query or a documentId, not both")
    if document_id is None and not isinstance(query, str):
        raise Refused(400, 'the parameter query must be a string, for example "{ measures { nameZh } }"')
    if not isinstance(variables, dict | None):
        raise Refused(400, 'the parameter variables must be an object, for example {"year": 2024}')
    if not isinstance(operation_name, str | None):
        raise Refused(400, "the parameter operationName must be a string, or left out")
    if not isinstance(parameters.get("extensions"), dict | None):
        raise Refused(400, "the parameter extensions must be an object, or left out")
    return GraphQLRequest(query, variables or {}, operation_name or None, document_id)
