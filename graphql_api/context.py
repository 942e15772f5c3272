"""What the resolvers of one request share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import strawberry

from graphql_api.code_lists import CodeLists
from graphql_api.generations import Generations, OpenPublication, StoppableSource
from warehouse.publications import PublicationNotFound
from warehouse.reading import InputProblem, Reading
from warehouse.settings import Home

Value = TypeVar("Value")
#: So many publications besides the current one may be named in one request.
PUBLICATIONS_MAXIMUM = 5


@dataclass
class Context:
    """One request: the publication it reads, and the others that it may name."""

    reading: Reading
    codes: CodeLists
    kept: Generations = field(repr=False)
    home: Home
    #: Told of each source that is opened beside the first, so that it can be stopped.
    started: Callable[[StoppableSource], object] = field(default=lambda _: None, repr=False)
    #: Closes what was opened beside ``reading``.
    closing: ExitStack = field(default_factory=ExitStack, repr=False)
    others: dict[str, OpenPublication] = field(default_factory=dict, repr=False)
    #: Whether the answer is one of this publication alone, and holds for as long as it is current. Whoever
    #: reads anything else than ``reading`` says no.
    lasting: bool = True

    @property
    def generations(self) -> Generations:
        """All publications; which ones are kept may change at any time."""
        self.lasting = False
        return self.kept

    @property
    def holds_for(self) -> str | None:
        """The publication of which the answer is one alone; None when it depends on more."""
        return self.reading.source.publication_id if self.lasting else None

    def at(self, publication_id: str | None) -> Context | OpenPublication:
        """What the named publication reads, or this request's own when none is named.

        Raises:
            InputProblem: there is none with this id, or the request names too many.
        """
        if publication_id is None:
            return self
        if publication_id not in self.others:
            if len(self.others) >= PUBLICATIONS_MAXIMUM:
                expected = f"at most {PUBLICATIONS_MAXIMUM} different publications in one request"
                raise InputProblem("publication", publication_id, expected)
            try:
                opened = self.closing.enter_context(
                    self.generations.open(self.reading.viewer, publication_id)
                )
            except PublicationNotFound:
                expected = "the id of a publication as publications lists it, or nothing for the current one"
                raise InputProblem("publication", publication_id, expected) from None
            self.started(opened.source)
            self.others[publication_id] = opened
        return self.others[publication_id]


Info: TypeAlias = strawberry.Info[Context, None]


def given(value: Value | None) -> Value | None:
    """An argument's value; None when it was left out or null."""
    return None if value is strawberry.UNSET else value
