"""The words of the template: ``words.yaml`` as a typed object.

What belongs here: the shape of the file. What does not: words that the intake reads back (the catalog's
form), and where a word stands (``cover``, ``ledgers``, ``instructions``).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import Field

from warehouse.catalog import FieldKind
from warehouse.catalog.model import Declared

_FILE = Path(__file__).with_name("words.yaml")


class Hints(Declared):
    """What the cover says beside a ledger whose rows do not fit what is chosen."""

    nil_with_rows: str
    rows_without: str
    missing_with_rows: str
    missing: str


class CoverWords(Declared):
    """The words of the cover."""

    lead: str
    due_label: str
    due: str
    fixed_title: str
    fixed_message: str
    choose: str
    headings: tuple[str, str, str, str]
    choice_title: str
    choice_message: str
    choice_error: str
    hints: Hints
    signatures: str


class SheetWords(Declared):
    """The words around a ledger's table."""

    legend: str
    required: str
    conditional: str
    optional: str
    hint: str
    unit_of_sums: str
    to_cover: str
    to_instructions: str
    footer_page: str


class CellWords(Declared):
    """What a cell says of itself when it is chosen, and when something else is typed."""

    message: str
    error: str
    error_required: str
    listed_elsewhere: str
    event_date: str


class Section(Declared):
    """A part of the instructions that holds for all ledgers."""

    heading: str
    lines: tuple[str, ...]


class InstructionWords(Declared):
    """The words of the instructions."""

    title: str
    headings: tuple[str, ...] = Field(min_length=7, max_length=7)
    sections: tuple[Section, ...]
    shared_heading: str
    ledger_heading: str
    rules_label: str
    same_event: str
    back: str


class Words(Declared):
    """All of them."""

    title: str
    author: str
    font: str
    cover: CoverWords
    sheet: SheetWords
    cell: CellWords
    required: str
    optional: str
    required_en: str
    optional_en: str
    passes: str
    example: str
    rules: str
    passes_en: str
    rules_en: str
    event_date_en: str
    kinds: Mapping[FieldKind, str]
    examples: Mapping[FieldKind, str]
    instructions: InstructionWords


@functools.cache
def load_words() -> Words:
    """The words, checked for shape."""
    return Words.model_validate(yaml.safe_load(_FILE.read_bytes()))
