"""What may go wrong with an engine or its storage, in words.

What belongs here: the exceptions, and the gist of what an engine says. What does not: who raises them.
"""

from __future__ import annotations


class EngineError(Exception):
    """The engine cannot be used or has failed; the message says what to do."""


class BadAddress(EngineError):
    """What was given is no address of an engine, or of a bucket."""


def first_line(error: BaseException) -> str:
    """What an engine says, without its stack trace."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
