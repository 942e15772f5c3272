"""Logs of the server: one line a message, as text or as JSON.

What belongs here: the form. What does not: what is told (``observer``, and whoever meets an error).
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys

_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonFormatter(logging.Formatter):
    """A message as one JSON object; what stands in ``extra={"fields": {…}}`` are members of it."""

    def format(self, record: logging.LogRecord) -> str:
        members = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return json.dumps(members, ensure_ascii=False)


def log_to_stderr(form: str) -> None:
    """Writes the messages of this project from INFO on to stderr, as ``text`` or ``json``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(_TEXT))
    for name in ("graphql_api", "warehouse", "etl"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
