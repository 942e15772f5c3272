"""Settings of the server: who its readers are, and how large a request may be."""

from __future__ import annotations

import os
from dataclasses import dataclass

from warehouse.reading import Viewer


class SettingsError(Exception):
    """An environment variable has a value that cannot be used; the message says which and what can."""


@dataclass(frozen=True)
class ApiSettings:
    """All settings, with their defaults; each is the environment variable ``UNION7510_`` + its name."""

    #: ``public`` or ``city``: what every reader of this server may see.
    viewer: Viewer = Viewer.PUBLIC
    #: Largest body, and longest query string.
    max_request_bytes: int = 100_000
    #: Most lexical tokens of a document.
    max_tokens: int = 5_000
    #: Deepest nesting of fields.
    max_depth: int = 12
    #: Most fields of the query type in one operation, aliases counted one by one.
    max_root_fields: int = 100
    #: Most values that an operation may ask for, as ``graphql_api.limits`` estimates them.
    max_cost: int = 100_000
    #: How many operations are executed at a time; the others wait.
    threads: int = 8
    #: After this long an operation's database query is stopped.
    timeout_seconds: int = 20

    @classmethod
    def from_environment(cls) -> ApiSettings:
        """Raises: SettingsError: a variable's value cannot be used."""
        return cls(
            viewer=_viewer(),
            max_request_bytes=_whole_number("max_request_bytes", cls.max_request_bytes),
            max_tokens=_whole_number("max_tokens", cls.max_tokens),
            max_depth=_whole_number("max_depth", cls.max_depth),
            max_root_fields=_whole_number("max_root_fields", cls.max_root_fields),
            max_cost=_whole_number("max_cost", cls.max_cost),
            threads=_whole_number("threads", cls.threads),
            timeout_seconds=_whole_number("timeout_seconds", cls.timeout_seconds),
        )


def _variable(name: str) -> tuple[str, str]:
    variable = f"UNION7510_{name.upper()}"
    return variable, os.environ.get(variable, "").strip()


def _viewer() -> Viewer:
    variable, text = _variable("viewer")
    try:
        return Viewer(text or Viewer.PUBLIC)
    except ValueError:
        raise SettingsError(f"{variable} is {text!r}; expected {' or '.join(Viewer)}") from None


def _whole_number(name: str, default: int) -> int:
    variable, text = _variable(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 12 and int(text) > 0):
        raise SettingsError(f"{variable} is {text!r}; expected a whole number above 0, such as {default}")
    return int(text)
