"""One thing that was looked at, and what was seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Gravity(StrEnum):
    """How grave a finding is; the order is from the lightest to the gravest."""

    FINE = "fine"
    NOTE = "note"
    DATA = "data"
    SYSTEM = "system"


@dataclass(frozen=True)
class Finding:
    """What was seen of one ``subject``, and what mends it; without a ``remedy`` there is nothing to do."""

    subject: str
    gravity: Gravity
    words: str
    remedy: str | None = None


def gravest(findings: Iterable[Finding]) -> Gravity:
    """The gravest of some findings; ``FINE`` where there are none."""
    order = [*Gravity]
    return max((one.gravity for one in findings), key=order.index, default=Gravity.FINE)


def some(things: Iterable[str], most: int = 5) -> str:
    """The first few of many things, and how many there are besides."""
    shown = [*things]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
