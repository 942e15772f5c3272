"""Errors as clients see them: what is wrong with a request, and nothing of what went wrong inside."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSyntaxError,
    GraphQLType,
    ListValueNode,
    Node,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse_type,
    print_ast,
    type_from_ast,
    visit,
)

from graphql_api.generations import Stopped
from graphql_api.scalars import PASSES
from graphql_api.schema import core_schema
from warehouse.reading import Forbidden, InputProblem
from warehouse.reading.problems import shortened
from warehouse.storage import Busy

_logger = logging.getLogger(__name__)

_MESSAGE_MAXIMUM = 500
_PASSES = {
    "Int": "a whole number of at most 32 bits, for example 2024",
    "Boolean": "true or false",
    "ID": "a text or a whole number",
    "String": "a text",
    **PASSES,
}
_MISSING = re.compile(r"Argument '[\w.]*\((\w+):\)' of type '([\w!\[\]]+)' is required, but")


@dataclass(frozen=True)
class Asked:
    """What was asked, as errors tell of it."""

    variables: Mapping[str, Any]
    #: None where the text is no document.
    document: DocumentNode | None
    #: Whether the schema may be read: else errors say nothing of it that the client did not.
    hints: bool


def request_error(message: str, code: str = "BAD_REQUEST") -> dict[str, Any]:
    """The answer to a request that cannot be executed at all."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def input_error(problem: InputProblem) -> dict[str, Any]:
    """The answer to a request with a value that cannot be answered."""
    message, extensions = _input_problem(problem, problem.argument)
    return {"errors": [{"message": message, "extensions": extensions}]}


def presented(error: GraphQLError, request_id: str, asked: Asked) -> GraphQLFormattedError:
    """One error for the client; what was not meant for it is logged under the request's id instead."""
    formatted = error.formatted
    message, extensions = _message_and_extensions(error, request_id, asked)
    formatted["message"] = shortened(message, _MESSAGE_MAXIMUM)
    formatted["extensions"] = {**(error.extensions or {}), **extensions}
    return formatted


def _message_and_extensions(error: GraphQLError, request_id: str, asked: Asked) -> tuple[str, dict[str, Any]]:
    if (variable := _variable(error)) is not None:
        return _variable_problem(error, variable, asked)
    for cause in _causes(error):
        if isinstance(cause, InputProblem):
            return _input_problem(cause, cause.argument or _place(asked, error).name)
        if isinstance(cause, Forbidden):
            return str(cause), {"code": "FORBIDDEN"}
        if isinstance(cause, Busy):
            return "another file is being received; send this one again in some seconds", {"code": "BUSY"}
        if isinstance(cause, Stopped | duckdb.InterruptException):
            return "the request took too long and was stopped; ask for less at a time", {"code": "TIMEOUT"}
    if isinstance(error, GraphQLSyntaxError):
        return error.message, {"code": "GRAPHQL_PARSE_FAILED"}
    if (missing := _MISSING.match(error.message)) is not None and error.path is None:
        problem = InputProblem(
            missing[1], "nothing", _passes(type_from_ast(core_schema, parse_type(missing[2])), asked)
        )
        return error.message, _input_problem(problem, problem.argument)[1]
    if (value := _literal(error)) is not None:
        return _literal_problem(error, value, asked)
    if (null := _variable_without_value(error)) is not None:
        return _null_problem(null, asked, error)
    if error.path is None or all(isinstance(cause, GraphQLError) for cause in _causes(error)):
        return error.message, {} if error.extensions else {"code": "GRAPHQL_VALIDATION_FAILED"}
    _logger.error("request %s failed at %s", request_id, error.path, exc_info=error.original_error)
    return f"internal error; its number is {request_id}", internal_error(request_id)


def internal_error(request_id: str) -> dict[str, Any]:
    """Extensions of an error that is not the client's."""
    return {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}


def failed(request_id: str) -> dict[str, Any]:
    """The answer to a request that failed for a reason that is not the client's."""
    message = f"internal error; its number is {request_id}"
    return {"errors": [{"message": message, "extensions": internal_error(request_id)}]}


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
    node = error.nodes[0] if error.path is None and error.nodes else None
    if not isinstance(node, VariableDefinitionNode):
        return None
    has_wrong_value = error.message.startswith(f"Variable '${node.variable.name.value}' has invalid value")
    return node if has_wrong_value else None


def _variable_problem(
    error: GraphQLError, definition: VariableDefinitionNode, asked: Asked
) -> tuple[str, dict[str, Any]]:
    name = definition.variable.name.value
    for cause in _causes(error):
        if isinstance(cause, InputProblem):
            return _input_problem(cause, f"${name}")
    kind = type_from_ast(core_schema, definition.type)
    given = "nothing"
    if name in asked.variables:
        given = json.dumps(asked.variables[name], ensure_ascii=False, default=repr)
    problem = InputProblem(f"${name}", given, _passes(kind, asked))
    return error.message, _input_problem(problem, problem.argument)[1]


def _literal(error: GraphQLError) -> ValueNode | None:
    """The value in the document that is wrong."""
    node = error.nodes[0] if error.path is None and error.nodes else None
    if isinstance(node, ObjectFieldNode):
        # The input object has no such field.
        node = node.value
    return node if isinstance(node, ValueNode) and not isinstance(node, VariableNode) else None


def _literal_problem(error: GraphQLError, value: ValueNode, asked: Asked) -> tuple[str, dict[str, Any]]:
    place = _place(asked, error)
    problem = InputProblem(place.name, print_ast(value), _passes(place.kind, asked))
    message, extensions = _input_problem(problem, place.name)
    # What Python says of a number with thousands of digits is not for clients.
    return message if "encountered error" in error.message else f"{place.name}: {error.message}", extensions


def _variable_without_value(error: GraphQLError) -> VariableNode | None:
    """The variable that is null where an argument takes no null; only executing shows it."""
    node = error.nodes[0] if error.nodes else None
    is_null = isinstance(node, VariableNode) and error.message.startswith("Argument '")
    return node if isinstance(node, VariableNode) and is_null else None


def _null_problem(variable: VariableNode, asked: Asked, error: GraphQLError) -> tuple[str, dict[str, Any]]:
    place = _place(asked, error)
    given = "null" if variable.name.value in asked.variables else "nothing"
    problem = InputProblem(place.name, given, _passes(place.kind, asked))
    return _input_problem(problem, place.name)


def _passes(kind: GraphQLType | None, asked: Asked) -> str:
    """What passes as a value of a type, in words."""
    wanted = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(wanted, GraphQLList):
        return f"a list; as each of its items {_passes(wanted.of_type, asked)}"
    if isinstance(wanted, GraphQLEnumType) and asked.hints:
        return f"one of {', '.join(wanted.values)}"
    if isinstance(wanted, GraphQLInputObjectType) and asked.hints:
        return f"an object with some of the fields {', '.join(wanted.fields)}"
    return _PASSES.get(str(wanted), f"a value of type {wanted}")


@dataclass(frozen=True)
class _Place:
    """Where a value stands: in which argument, with fields of input objects behind it, and what is wanted."""

    name: str = "value"
    kind: GraphQLType | None = None


def _place(asked: Asked, error: GraphQLError) -> _Place:
    """Where the error's value stands in the document."""
    if asked.document is None or not error.nodes:
        return _Place()
    types = TypeInfo(core_schema)
    finder = _PlaceFinder(error.nodes[0], types)
    visit(asked.document, TypeInfoVisitor(types, finder))
    return finder.place


class _PlaceFinder(Visitor):
    """Finds the place of a value."""

    def __init__(self, wanted: Node, types: TypeInfo) -> None:
        super().__init__()
        self._wanted = wanted
        self._copied = "" if wanted.loc else print_ast(wanted)
        self._types = types
        self._names: list[str] = []
        self.place = _Place()

    def enter(self, node: Node, *_: Any) -> None:
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            self._names.append(node.name.value)
        if self._names and self._is_wanted(node):
            # In a list the type is that of its items; a field that does not exist has none.
            of_parent = isinstance(node, ListValueNode | ObjectFieldNode)
            kind = self._types.get_parent_input_type() if of_parent else self._types.get_input_type()
            self.place = _Place(".".join(self._names), kind)

    def _is_wanted(self, node: Node) -> bool:
        # Of some lists and objects graphql-core tells a copy, which stands nowhere.
        is_copied = self._wanted.loc is None and type(node) is type(self._wanted)
        return node is self._wanted or (is_copied and print_ast(node) == self._copied)

    def leave(self, node: Node, *_: Any) -> None:
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            self._names.pop()
