"""Fields that are answered by a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def resolved(
    description: str, name: str | None = None, *, deprecated: str | None = None
) -> Callable[[Resolver], Resolver]:
    """``strawberry.field`` as a decorator that keeps the function's type; it is declared to lose it.

    Args:
        description: In English, with the Chinese term.
        name: In the schema, where it is not the function's.
        deprecated: Since when it is to go, and what to ask for instead.
    """
    field = strawberry.field(name=name, description=description, deprecation_reason=deprecated)
    return cast("Callable[[Resolver], Resolver]", field)
