"""What the resolvers of one request share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import strawberry

from graphql_api.code_lists import CodeLists
from graphql_api.generations import Generations
from warehouse.reading import Reading

Value = TypeVar("Value")


@dataclass
class Context:
    """One request: the publication it reads, and the others that it may name."""

    reading: Reading
    codes: CodeLists
    kept: Generations = field(repr=False)
    #: Whether the answer is one of this publication alone, and holds for as long as it is current. Whoever
    #: reads anything else than ``reading`` says no.
    lasting: bool = True

    @property
    def generations(self) -> Generations:
        """All publications; which ones are kept may change at any time."""
        self.lasting = False
        return self.kept


Info: TypeAlias = strawberry.Info[Context, None]


def given(value: Value | None) -> Value | None:
    """An argument's value; None when it was left out or null."""
    return None if value is strawberry.UNSET else value
