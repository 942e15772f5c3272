"""How large a file may be, and how long its reading may take (rule R002).

What belongs here: the limits, their defaults, and how each reads in words. What does not: who holds to them
(``etl.intake.formats`` and ``etl.intake.isolation``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from warehouse.settings import environment

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30

_PREFIX = "UNION7510_MAX_"


@dataclass(frozen=True)
class Limits:
    """One limit a field; the environment's ``UNION7510_MAX_`` + its name in capitals sets another number."""

    file_bytes: int = GIBIBYTE
    #: Of a container (.xlsx, .ods) or a Parquet file, unpacked.
    unpacked_bytes: int = 2 * GIBIBYTE
    #: So many times may a large part of a container grow when it is unpacked.
    unpacked_ratio: int = 400
    sheets: int = 200
    #: Of all sheets of a file together.
    rows: int = 10_000_000
    #: Of one sheet.
    columns: int = 16_384
    #: Of all sheets of a workbook together, from A1 to the last cell with content.
    cells: int = 20_000_000
    #: For reading one file.
    seconds: int = 120
    #: Of a process that reads files.
    memory_bytes: int = 3 * GIBIBYTE

    @classmethod
    def from_environment(cls) -> Limits:
        """The limits of this process.

        Raises:
            ValueError: a variable holds no whole number above zero.
        """
        return cls.stated(environment(_PREFIX))

    @classmethod
    def stated(cls, texts: Mapping[str, str]) -> Limits:
        """The defaults, and in their place what ``texts`` state by the names of variables."""
        numbers: dict[str, int] = {}
        for field in fields(cls):
            name = f"{_PREFIX}{field.name.upper()}"
            text = texts.get(name, "").strip().replace("_", "")
            if not text:
                continue
            if not text.isascii() or not text.isdigit() or int(text) == 0:
                raise ValueError(
                    f"{name} is {texts[name]!r}; it takes a whole number above 0, such as {field.default}"
                )
            numbers[field.name] = int(text)
        return cls(**numbers)


def size(count: int) -> str:
    """A number of bytes for people, such as ``12.5 MiB``."""
    for unit, factor in (("GiB", GIBIBYTE), ("MiB", MEBIBYTE), ("KiB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"
