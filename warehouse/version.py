"""Which code made something."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def code_version() -> str:
    """The version of the installed distribution; asked once, since each return's check names it."""
    return metadata.version("union7510")
