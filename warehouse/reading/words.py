"""The words for values of enums, in both languages, so that no page has to make up its own."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("words.csv")


@dataclass(frozen=True)
class Word:
    """What one value of an enum is called; ``enum`` and ``value`` are GraphQL's names."""

    enum: str
    value: str
    zh: str
    en: str


@cache
def words() -> tuple[Word, ...]:
    """All words, by enum and in the order of its values."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(Word(**row) for row in csv.DictReader(lines))
