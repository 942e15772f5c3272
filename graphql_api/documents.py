"""Documents: from their text to what can be executed, the valid ones kept within bounds.

What belongs here: parsing and validation. What does not: documents that are trusted by their hash
(``trusted``), what one operation of a document may ask for (``limits``), executing it (``execution``).
"""

from __future__ import annotations

import threading

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    parse,
    specified_rules,
    validate,
)

from graphql_api.limits import check_repetition, explained
from graphql_api.schema import core_schema
from graphql_api.settings import ApiSettings

_ERRORS_MAXIMUM = 20
#: A checked document takes up to a hundred times the bytes of its text: a bound of about 100 MB.
_CHARACTERS_KEPT = 1_000_000


class InvalidDocument(Exception):
    """The document cannot be executed; ``errors`` say why."""

    def __init__(self, errors: list[GraphQLError], document: DocumentNode | None = None) -> None:
        super().__init__(errors)
        self.errors = errors
        self.document = document


class Documents:
    """Parses and validates documents, and keeps the valid ones; for several threads."""

    def __init__(self, settings: ApiSettings) -> None:
        self._max_tokens = settings.max_tokens
        self._introspection = settings.introspection
        self._rules = [*specified_rules]
        if not settings.introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._lock = threading.Lock()
        self._kept: LRUCache[str, tuple[DocumentNode, int]] = LRUCache(
            _CHARACTERS_KEPT, getsizeof=lambda kept: kept[1]
        )

    def document(self, text: str) -> DocumentNode:
        """The document of a text.

        Raises:
            InvalidDocument: it is not a valid one, or has too many tokens.
        """
        document = self.kept(text)
        if document is not None:
            return document
        document = self._checked(text)
        if len(text) <= _CHARACTERS_KEPT:
            with self._lock:
                self._kept[text] = (document, len(text))
        return document

    def kept(self, text: str) -> DocumentNode | None:
        """The document of a text where it is kept."""
        with self._lock:
            kept = self._kept.get(text)
        return None if kept is None else kept[0]

    def _checked(self, text: str) -> DocumentNode:
        limit = self._max_tokens
        try:
            document = parse(text, max_lexical_tokens=limit, max_comments=limit)
            check_repetition(document)
        except GraphQLError as error:
            raise InvalidDocument([error]) from None
        except RecursionError:
            raise InvalidDocument([GraphQLError("the document nests too deeply")]) from None
        errors = validate(
            core_schema,
            document,
            self._rules,
            max_errors=_ERRORS_MAXIMUM,
            # Who may not read the schema shall not guess it either.
            hide_suggestions=not self._introspection,
        )
        if errors:
            raise InvalidDocument([explained(error) for error in errors], document)
        return document
