"""The intake of returns: from a file's bytes to typed rows, held-out rows and issues in words.

What belongs here: reading what units send and checking it against the catalog. What does not: storage
(``warehouse.landing``, ``warehouse.lake``), Dagster (``etl.definitions``), figures (``warehouse.building``).

``ReturnReader`` reads files, ``check_returns`` checks many at once, set-based, ledger by ledger.
"""

from typing import TYPE_CHECKING, Any

from etl.intake.reading import ReadReturn, ReturnReader, Stated

if TYPE_CHECKING:
    from etl.intake.checking import check_returns, check_version

__all__ = ["ReadReturn", "ReturnReader", "Stated", "check_returns", "check_version"]


def __getattr__(name: str) -> Any:
    """The check, once somebody asks for it: processes that only read files start without DuckDB."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from etl.intake import checking

    return getattr(checking, name)
