"""The words of decisions: ``words.yaml``, each text in Chinese and English.

What belongs here: finding a text and filling it in. What does not: which text is said when (``acts``,
``corrections``, ``wording``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import TypeAdapter

_FILE = Path(__file__).with_name("words.yaml")


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Chinese first, each language in a line of its own."""
        return f"{self.zh}\n{self.en}"

    @property
    def in_line(self) -> str:
        """Both in one line."""
        return f"{self.zh} {self.en}"


def words(name: str, /, **details: object) -> Words:
    """The text of this name, filled in; of a detail in both languages each side takes its own."""
    text = _texts()[name]
    sides = ({key: getattr(one, side, one) for key, one in details.items()} for side in ("zh", "en"))
    zh, en = sides
    return Words(text.zh.format(**zh), text.en.format(**en))


def listed(names: Iterable[str]) -> Words:
    """Names as each language lists them."""
    told = list(names)
    return Words("、".join(told), ", ".join(told))


@functools.cache
def _texts() -> Mapping[str, Words]:
    return TypeAdapter(dict[str, Words]).validate_python(yaml.safe_load(_FILE.read_bytes()))
