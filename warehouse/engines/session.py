"""The connection to an engine that speaks Spark Connect.

What belongs here: opening and closing it, and saying in words what is wrong with it. What does not: what is
asked of the engine (``remote``).
"""

from __future__ import annotations

import importlib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from warehouse.engines.failures import BadAddress, EngineError, first_line

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

#: sc://host:port, and what Spark Connect takes behind it (;token=…;use_ssl=true).
_URL = re.compile(r"sc://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/;\[\]]+)(:(?P<port>\d{1,5}))?(/(;[^\s]*)?)?")
_DEFAULT_PORT, _LAST_PORT = 15002, 65535
#: Seconds until a host that does not answer counts as unreachable.
_PATIENCE = 10
#: Dates and times mean the same on every engine, whatever its machine is set to. And Spark 4.2 has a rule
#: whose plans it refuses itself (PLAN_VALIDATION_FAILED_RULE_IN_BATCH).
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases",
}


def address(remote: str) -> tuple[str, int]:
    """Host and port of a Spark Connect URL.

    Raises:
        BadAddress: it is none.
    """
    match = _URL.fullmatch(remote)
    if match is None or int(match["port"] or _DEFAULT_PORT) > _LAST_PORT:
        raise BadAddress(f"{remote!r} is no Spark Connect address: write it like sc://127.0.0.1:15002")
    return match["host"].strip("[]"), int(match["port"] or _DEFAULT_PORT)


def check(remote: str) -> None:
    """Looks whether an engine can be used, as far as that is known in a moment.

    Raises:
        BadAddress: the address is none.
        EngineError: Spark Connect's client is not installed, or nobody answers there.
    """
    host, port = address(remote)
    try:
        importlib.import_module("pyspark.sql.connect.session")
    except ImportError as error:
        raise EngineError(
            f"Spark Connect's client is not installed ({first_line(error)}): pip install 'union7510[spark]'"
        ) from None
    try:
        socket.create_connection((host, port), _PATIENCE).close()
    except OSError as error:
        raise EngineError(
            f"nobody answers at {remote} ({error.strerror or error}): start the engine, or name another one"
        ) from None


@contextmanager
def connected(remote: str) -> Iterator[SparkSession]:
    """A session of its own on the engine, ended afterwards.

    Raises:
        EngineError: as ``check``, or what answers is no engine.
    """
    check(remote)
    from pyspark.sql.connect.session import SparkSession

    try:
        session = SparkSession.builder.remote(remote).create()
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)
    except Exception as error:
        raise EngineError(
            f"what answers at {remote} is no Spark Connect server: {first_line(error)}"
        ) from error
    try:
        yield session
    finally:
        session.stop()
