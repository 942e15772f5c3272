"""The intake of returns: from a file's bytes to typed rows, held-out rows and issues in words.

What belongs here: reading what units send and checking it against the catalog. What does not: storage
(``warehouse.landing``, ``warehouse.lake``), Dagster (``etl.definitions``), figures (``warehouse.building``).

``ReturnReader`` reads files, ``check_returns`` checks many at once, set-based, ledger by ledger.
"""

from etl.intake.checking import check_returns, check_version
from etl.intake.reading import ReadReturn, ReturnReader, Stated

__all__ = ["ReadReturn", "ReturnReader", "Stated", "check_returns", "check_version"]
