"""Errors as clients see them: what is wrong with a request, and nothing of what went wrong inside."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSyntaxError,
    Node,
    ObjectFieldNode,
    VariableDefinitionNode,
    Visitor,
    visit,
)

from graphql_api.generations import Stopped
from warehouse.reading import Forbidden, InputProblem
from warehouse.reading.problems import shortened
from warehouse.storage import Busy

_logger = logging.getLogger(__name__)

_MESSAGE_MAXIMUM = 500


def request_error(message: str, code: str = "BAD_REQUEST") -> dict[str, Any]:
    """The answer to a request that cannot be executed at all."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def presented(
    error: GraphQLError, request_id: str, document: DocumentNode | None, variables: Mapping[str, Any]
) -> GraphQLFormattedError:
    """One error for the client; what was not meant for it is logged under the request's id instead."""
    formatted = error.formatted
    message, extensions = _message_and_extensions(error, request_id, document, variables)
    formatted["message"] = shortened(message, _MESSAGE_MAXIMUM)
    formatted["extensions"] = {**(error.extensions or {}), **extensions}
    return formatted


def _message_and_extensions(
    error: GraphQLError, request_id: str, document: DocumentNode | None, variables: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    if (variable := _variable(error)) is not None:
        return _variable_problem(error, variable, variables)
    for cause in _causes(error):
        if isinstance(cause, InputProblem):
            return _input_problem(cause, cause.argument or _argument(document, error))
        if isinstance(cause, Forbidden):
            return str(cause), {"code": "FORBIDDEN"}
        if isinstance(cause, Busy):
            return "another file is being received; send this one again in some seconds", {"code": "BUSY"}
        if isinstance(cause, Stopped | duckdb.InterruptException):
            return "the request took too long and was stopped; ask for less at a time", {"code": "TIMEOUT"}
    if isinstance(error, GraphQLSyntaxError):
        return error.message, {"code": "GRAPHQL_PARSE_FAILED"}
    if error.path is None or all(isinstance(cause, GraphQLError) for cause in _causes(error)):
        return error.message, {} if error.extensions else {"code": "GRAPHQL_VALIDATION_FAILED"}
    _logger.error("request %s failed at %s", request_id, error.path, exc_info=error.original_error)
    return f"internal error; its number is {request_id}", internal_error(request_id)


def internal_error(request_id: str) -> dict[str, Any]:
    """Extensions of an error that is not the client's."""
    return {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}


def _causes(error: GraphQLError) -> Iterator[BaseException]:
    """The error and what it was made from, one inside the other."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.original_error if isinstance(cause, GraphQLError) else None


def _input_problem(problem: InputProblem, argument: str) -> tuple[str, dict[str, Any]]:
    named = InputProblem(argument, problem.given, problem.expected)
    return str(named), {
        "code": "BAD_USER_INPUT",
        "argument": named.argument,
        "given": named.given,
        "expected": named.expected,
    }


def _variable(error: GraphQLError) -> VariableDefinitionNode | None:
    """The definition of the variable whose value is wrong."""
    nodes = error.nodes or []
    node = nodes[0] if error.path is None and nodes else None
    return (
        node if isinstance(node, VariableDefinitionNode) and error.message.startswith("Variable '$") else None
    )


def _variable_problem(
    error: GraphQLError, definition: VariableDefinitionNode, variables: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    name = definition.variable.name.value
    for cause in _causes(error):
        if isinstance(cause, InputProblem):
            return _input_problem(cause, f"${name}")
    return error.message, {
        "code": "BAD_USER_INPUT",
        "argument": f"${name}",
        "given": shortened(repr(variables[name])) if name in variables else "nothing",
        "expected": shortened(error.message.partition(": ")[2] or error.message, _MESSAGE_MAXIMUM),
    }


def _argument(document: DocumentNode | None, error: GraphQLError) -> str:
    """Name of the argument in which the error's value stands."""
    if document is None or not error.nodes:
        return "value"
    finder = _ArgumentFinder(error.nodes[0])
    visit(document, finder)
    return finder.name


class _ArgumentFinder(Visitor):
    """Finds the argument, with fields of input objects behind it, that leads to a value."""

    def __init__(self, wanted: Node) -> None:
        super().__init__()
        self._wanted = wanted
        self._names: list[str] = []
        self.name = "value"

    def enter(self, node: Node, *_: Any) -> None:
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            self._names.append(node.name.value)
        if node is self._wanted and self._names:
            self.name = ".".join(self._names)

    def leave(self, node: Node, *_: Any) -> None:
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            self._names.pop()
