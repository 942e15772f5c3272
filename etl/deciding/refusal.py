"""Why a decision is not taken."""

from __future__ import annotations

from collections.abc import Iterable

from etl.deciding.words import Words, words


class Refused(Exception):
    """The decision is not taken, and nothing is written; says why, and what would pass.

    Args:
        why: in words.
        problems: what is wrong in detail, each by itself.
        example: of what would pass, the same in any language.
    """

    def __init__(self, why: Words, problems: Iterable[Words] = (), example: str = "") -> None:
        lines = [str(why), *(f"  {one.zh}\n  {one.en}" for one in problems), example]
        super().__init__("\n".join(filter(None, lines)))


def refusal(name: str, /, **details: object) -> Refused:
    """A refusal in the words of this name."""
    return Refused(words(name, **details))
