"""Prints the schema: ``python -m graphql_api.print_schema > schema.graphql``."""

from __future__ import annotations

import sys

import strawberry

from graphql_api.schema import schema


def printed_schema(printed: strawberry.Schema = schema) -> str:
    """The schema in its own language, ending with a newline."""
    return printed.as_str().rstrip("\n") + "\n"


if __name__ == "__main__":
    # Whatever the terminal's encoding is, the file is UTF-8.
    sys.stdout.buffer.write(printed_schema().encode("utf-8"))
