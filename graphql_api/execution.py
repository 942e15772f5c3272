"""From a request to an answer: find the operation, measure it, execute it.

What belongs here: one operation, on one publication, in one thread. What does not: HTTP (``http``), texts of
documents (``documents``, ``trusted``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    get_operation_ast,
)

from graphql_api.context import Context
from graphql_api.documents import Documents, InvalidDocument
from graphql_api.errors import Asked, failed, presented, request_error
from graphql_api.generations import Generations, NotRead, OpenPublication, StoppableSource, unpublished
from graphql_api.limits import check_limits
from graphql_api.plans import Plans
from graphql_api.schema import core_schema
from graphql_api.settings import ApiSettings
from graphql_api.trusted import NotTrusted, TrustedDocuments
from warehouse.publications import NoPublication
from warehouse.reading import Viewer

_logger = logging.getLogger(__name__)


#: Values of an answer that are put together in a moment, about a millisecond.
_MOMENT = 500


@dataclass(frozen=True)
class GraphQLRequest:
    """The parameters of a GraphQL-over-HTTP request; ``document_id`` stands for a trusted query."""

    query: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    document_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """A GraphQL response; ``status`` is the one of HTTP for clients that read it."""

    payload: Mapping[str, Any]
    status: int = 200
    #: The publication that was read; None when the answer depends on more than that, or is no full one.
    holds_for: str | None = None


@dataclass(frozen=True)
class Operation:
    """An operation that may be executed, as often as wanted."""

    request: GraphQLRequest
    text: str
    document: DocumentNode
    node: OperationDefinitionNode

    @property
    def type(self) -> OperationType:
        return self.node.operation


class OperationRefused(Exception):
    """The operation is of a type that is not executed by the way it came."""

    def __init__(self, type_: OperationType) -> None:
        super().__init__(type_.value)
        self.type = type_


class CannotBeExecuted(Exception):
    """The request has no operation that may be executed; ``answer`` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.payload)
        self.answer = answer


class _NotHere:
    """In place of what takes reading files."""

    def __getattr__(self, name: str) -> NoReturn:
        raise NotRead


_NOT_HERE: Any = _NotHere()


class Executor:
    """Executes requests; for several threads."""

    def __init__(
        self, generations: Generations, settings: ApiSettings, trusted: TrustedDocuments | None = None
    ) -> None:
        self._generations = generations
        self._settings = settings
        self._documents = Documents(settings)
        self._plans = Plans()
        self._trusted = trusted or TrustedDocuments((), only=False)

    def execute(
        self,
        request: GraphQLRequest,
        viewer: Viewer,
        request_id: str,
        started: Callable[[StoppableSource], object] = lambda _: None,
        *,
        allowed: Collection[OperationType] = (OperationType.QUERY, OperationType.MUTATION),
    ) -> Answer:
        """The answer to a request.

        Args:
            request: What is asked.
            viewer: Who asks.
            request_id: Under which unexpected errors are logged.
            started: Told the source that is read, so that it can be stopped.
            allowed: Types of operations that are executed.

        Raises:
            OperationRefused: the operation is of another type.
        """
        try:
            operation = self.operation(request, request_id)
        except CannotBeExecuted as impossible:
            return impossible.answer
        if operation.type not in allowed:
            raise OperationRefused(operation.type)
        return self.run(operation, viewer, request_id, started)

    def at_once(self, request: GraphQLRequest, viewer: Viewer) -> Answer | None:
        """The answer where it takes a moment only, without waiting for anything; for the event loop.

        That is: it is small, its document is known, and what it is about has been read before. Of everything
        else, and where something is wrong, it is None.
        """
        opened = self._generations.remembered(viewer)
        with suppress(Exception):
            text = self._text(request)
            document = self._documents.kept(text)
            if opened is None or document is None:
                return None
            node = _operation(document, request.operation_name)
            measure = check_limits(core_schema, document, node, request.variables, self._settings)
            if measure.cost <= _MOMENT:
                context = Context(opened.reading, opened.codes, _NOT_HERE, _NOT_HERE)
                data = self._plans.data(text, document, node, request.variables, context)
                return Answer({"data": data}, holds_for=context.holds_for)
        return None

    def operation(self, request: GraphQLRequest, request_id: str) -> Operation:
        """The operation that a request asks for.

        Raises:
            CannotBeExecuted: there is none, it is not valid, or asks for too much.
        """
        try:
            text = self._text(request)
            document = self._documents.document(text)
            node = _operation(document, request.operation_name)
            check_limits(core_schema, document, node, request.variables, self._settings)
        except NotTrusted as refused:
            code = "DOCUMENT_NOT_FOUND" if request.document_id is not None else "DOCUMENT_NOT_TRUSTED"
            raise CannotBeExecuted(Answer(request_error(str(refused), code), status=400)) from None
        except InvalidDocument as invalid:
            asked = self._asked(request, invalid.document)
            raise _impossible(invalid.errors, request_id, asked) from None
        except GraphQLError as error:
            raise _impossible([error], request_id, self._asked(request, None)) from None
        except RecursionError:
            too_deep = GraphQLError("the document nests its fragments too deeply")
            raise _impossible([too_deep], request_id, self._asked(request, None)) from None
        return Operation(request, text, document, node)

    def run(
        self,
        operation: Operation,
        viewer: Viewer,
        request_id: str,
        started: Callable[[StoppableSource], object] = lambda _: None,
    ) -> Answer:
        """The answer to an operation, from the publication that is current now; see ``execute``."""
        try:
            with self._generations.open(viewer) as opened:
                started(opened.source)
                return self._run(operation, self._context(opened, started), request_id)
        except NoPublication as error:
            if operation.type is OperationType.MUTATION:
                # The first return is handed in before there is anything to read.
                opened = unpublished(viewer)
                return self._run(operation, self._context(opened, started), request_id)
            return Answer(request_error(str(error), "NO_PUBLICATION"), status=503)
        except Exception:
            # Whatever happens, the client gets a GraphQL answer.
            _logger.exception("request %s failed", request_id)
            return Answer(failed(request_id), status=500)

    def _context(self, opened: OpenPublication, started: Callable[[StoppableSource], object]) -> Context:
        generations = self._generations
        return Context(opened.reading, opened.codes, generations, generations.home, started)

    def _asked(self, request: GraphQLRequest, document: DocumentNode | None) -> Asked:
        return Asked(request.variables, document, self._settings.introspection)

    def _text(self, request: GraphQLRequest) -> str:
        if request.document_id is not None:
            return self._trusted.text(request.document_id)
        text = request.query or ""
        self._trusted.check(text)
        return text

    def _run(self, operation: Operation, context: Context, request_id: str) -> Answer:
        with context.closing:
            result = self._result(operation, context)
        if not result.errors:
            holds_for = None if operation.type is OperationType.MUTATION else context.holds_for
            return Answer({"data": result.data}, holds_for=holds_for)
        asked = self._asked(operation.request, operation.document)
        errors = [presented(error, request_id, asked) for error in result.errors]
        # Errors of fields have a path; others mean that nothing was executed.
        if result.data is None and all(error.path is None for error in result.errors):
            return Answer({"errors": errors}, status=400)
        return Answer({"errors": errors, "data": result.data})

    def _result(self, operation: Operation, context: Context) -> ExecutionResult:
        request, document = operation.request, operation.document
        with suppress(Exception):
            # The context stays: what was stopped in a plan does not begin anew.
            data = self._plans.data(operation.text, document, operation.node, request.variables, context)
            return ExecutionResult(data)
        return execute_sync(
            core_schema,
            document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
            hide_suggestions=not self._settings.introspection,
        )


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operation = get_operation_ast(document, name)
    if operation is None:
        given = "no operationName" if name is None else f"{name!r}"
        raise GraphQLError(f"the document has no single operation for {given}; name one of its operations")
    return operation


def _impossible(errors: list[GraphQLError], request_id: str, asked: Asked) -> CannotBeExecuted:
    shown = [presented(error, request_id, asked) for error in errors]
    return CannotBeExecuted(Answer({"errors": shown}, status=400))
