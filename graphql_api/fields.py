"""Fields that are answered by a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def resolved(description: str, name: str | None = None) -> Callable[[Resolver], Resolver]:
    """``strawberry.field`` as a decorator that keeps the function's type; it is declared to lose it."""
    return cast("Callable[[Resolver], Resolver]", strawberry.field(name=name, description=description))
