"""What the resolvers of one request share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import strawberry

from graphql_api.code_lists import CodeLists
from graphql_api.generations import Generations
from warehouse.reading import Reading

Value = TypeVar("Value")


@dataclass(frozen=True)
class Context:
    """One request: the publication it reads, and the others that it may name."""

    reading: Reading
    codes: CodeLists
    generations: Generations


Info: TypeAlias = strawberry.Info[Context, None]


def given(value: Value | None) -> Value | None:
    """An argument's value; None when it was left out or null."""
    return None if value is strawberry.UNSET else value
