"""From the text of a request to an answer: parse, validate, measure, execute.

What belongs here: one operation, on one publication, in one thread. What does not: HTTP.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from graphql_api.context import Context
from graphql_api.errors import internal_error, presented, request_error
from graphql_api.generations import Generations, StoppableSource
from graphql_api.limits import check_limits, check_repetition
from graphql_api.schema import core_schema
from graphql_api.settings import ApiSettings
from warehouse.publications import NoPublication

_logger = logging.getLogger(__name__)

#: Valid documents are kept; dashboards send the same few.
_DOCUMENTS_KEPT = 200
_ERRORS_MAXIMUM = 20
#: A GET must change nothing, so only these are executed by it.
EXECUTED_BY_GET = OperationType.QUERY


@dataclass(frozen=True)
class GraphQLRequest:
    """The parameters of a GraphQL-over-HTTP request."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


@dataclass(frozen=True)
class Answer:
    """A GraphQL response; ``status`` is the one of HTTP for clients that read it."""

    payload: Mapping[str, Any]
    status: int = 200


class OnlyQueries(Exception):
    """The operation is no query, and only queries may be executed."""


class _Invalid(Exception):
    """The document cannot be executed; ``errors`` say why."""

    def __init__(self, errors: list[GraphQLError], document: DocumentNode | None = None) -> None:
        super().__init__(errors)
        self.errors = errors
        self.document = document


class Executor:
    """Executes requests; for several threads."""

    def __init__(self, generations: Generations, settings: ApiSettings) -> None:
        self._generations = generations
        self._settings = settings
        self._document = lru_cache(_DOCUMENTS_KEPT)(self._parse_and_validate)

    def execute(
        self,
        request: GraphQLRequest,
        request_id: str,
        started: Callable[[StoppableSource], object] = lambda _: None,
        *,
        only_queries: bool = False,
    ) -> Answer:
        """The answer to a request.

        Args:
            request: What is asked.
            request_id: Under which unexpected errors are logged.
            started: Told the source that is read, so that it can be stopped.
            only_queries: Whether other operations are refused.

        Raises:
            OnlyQueries: the operation is refused.
        """
        try:
            document, operation = self._prepare(request)
        except _Invalid as invalid:
            errors = [
                presented(error, request_id, invalid.document, request.variables) for error in invalid.errors
            ]
            return Answer({"errors": errors}, status=400)
        if only_queries and operation.operation is not EXECUTED_BY_GET:
            raise OnlyQueries
        try:
            with self._generations.open() as opened:
                started(opened.source)
                context = Context(opened.reading, opened.codes, self._generations)
                return self._run(request, document, context, request_id)
        except NoPublication as error:
            return Answer(request_error(str(error), "NO_PUBLICATION"), status=503)
        except Exception:
            # Whatever happens, the client gets a GraphQL answer.
            _logger.exception("request %s failed", request_id)
            message = f"internal error; its number is {request_id}"
            return Answer(
                {"errors": [{"message": message, "extensions": internal_error(request_id)}]}, status=500
            )

    def _prepare(self, request: GraphQLRequest) -> tuple[DocumentNode, OperationDefinitionNode]:
        document = self._document(request.query)
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            given = "no operationName" if request.operation_name is None else f"{request.operation_name!r}"
            message = f"the document has no single operation for {given}; name one of its operations"
            raise _Invalid([GraphQLError(message)])
        try:
            check_limits(core_schema, document, operation, request.variables, self._settings)
        except GraphQLError as error:
            raise _Invalid([error]) from None
        except RecursionError:
            raise _Invalid([GraphQLError("the document nests its fragments too deeply")]) from None
        return document, operation

    def _parse_and_validate(self, query: str) -> DocumentNode:
        limit = self._settings.max_tokens
        try:
            document = parse(query, max_lexical_tokens=limit, max_comments=limit)
            check_repetition(document)
        except GraphQLError as error:
            raise _Invalid([error]) from None
        except RecursionError:
            raise _Invalid([GraphQLError("the document nests too deeply")]) from None
        errors = validate(core_schema, document, max_errors=_ERRORS_MAXIMUM)
        if errors:
            raise _Invalid(errors, document)
        return document

    @staticmethod
    def _run(request: GraphQLRequest, document: DocumentNode, context: Context, request_id: str) -> Answer:
        result = execute_sync(
            core_schema,
            document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        errors = [presented(error, request_id, document, request.variables) for error in result.errors or ()]
        # Errors of fields have a path; others mean that nothing was executed.
        if result.data is None and errors and all(error.path is None for error in result.errors or ()):
            return Answer({"errors": errors}, status=400)
        return Answer({"errors": errors, "data": result.data} if errors else {"data": result.data})
