"""Questions to GraphQL in this process, many in one request.

What belongs here: documents and viewers. What does not: what is asked, and what is right (``comparison``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from graphql_api.execution import Executor, GraphQLRequest
from graphql_api.generations import Generations
from graphql_api.settings import ApiSettings
from warehouse.publications import PublicationStore
from warehouse.reading import Viewer
from warehouse.settings import Home

#: Far above what a server allows: the tests ask for everything at once.
_LARGE = 10**9
#: Fields of the query type in one request; more than so many of one name are refused whatever the settings.
_FIELDS_A_REQUEST = 100

Answer = Mapping[str, Any]


class Asker:
    """Asks one home as one viewer."""

    def __init__(self, generations: Generations, viewer: Viewer) -> None:
        self._viewer = viewer
        settings = ApiSettings(
            max_tokens=_LARGE, max_root_fields=_LARGE, max_cost=_LARGE, timeout_seconds=600
        )
        self._executor = Executor(generations, settings)

    def ask(self, fields: Sequence[str]) -> list[Any]:
        """The answer to each field of the query type."""
        answers: list[Any] = []
        for first in range(0, len(fields), _FIELDS_A_REQUEST):
            answers += self._ask_once(fields[first : first + _FIELDS_A_REQUEST])
        return answers

    def _ask_once(self, fields: Sequence[str]) -> list[Any]:
        document = "\n".join(f"a{number}: {field}" for number, field in enumerate(fields))
        answer = self._executor.execute(GraphQLRequest(f"{{ {document} }}"), self._viewer, "test").payload
        assert "errors" not in answer, answer["errors"]
        return [answer["data"][f"a{number}"] for number in range(len(fields))]


@contextmanager
def asking(home: Home, viewer: Viewer = Viewer.CITY) -> Iterator[Asker]:
    """An asker whose connections are closed in the end."""
    generations = Generations(PublicationStore(home))
    try:
        yield Asker(generations, viewer)
    finally:
        generations.close()
