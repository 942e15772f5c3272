"""Which code made something."""

from __future__ import annotations

from importlib import metadata


def code_version() -> str:
    """The version of the installed distribution."""
    return metadata.version("union7510")
