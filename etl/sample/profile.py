"""The typed profile of the invented programme, and its agreement with the catalog.

What belongs here: the shape of ``profile.yaml`` and what can be wrong with it. What does not: its SQL
(``generation``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from warehouse.catalog import Catalog
from warehouse.catalog.model import Declared

_PROFILE = Path(__file__).with_name("profile.yaml")


class SampleError(ValueError):
    """The sample cannot be written as asked; the message says why, in words."""


class Trade(Declared):
    """What an enterprise makes: the words of its name, and its chain and cluster as codes of the catalog."""

    words: tuple[str, ...] = Field(min_length=1)
    chain: str | None = None
    cluster: str | None = None


class UnitProfile(Declared):
    """A unit's leading trade, and what its enterprises are named after when not after its short name."""

    trade: str | None = None
    place: str | None = None


class LedgerProfile(Declared):
    """How many events there are by kind of unit and month, and an SQL expression for each column."""

    rows: Mapping[str, float]
    months: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=12, max_length=12)
    columns: Mapping[str, str]
    repeated_by_city: str | None = None


class Profile(Declared):
    """The invented programme as a whole; ``mark`` says that it is, the shares are between 0 and 1."""

    mark: str
    outside_share: float
    leading_share: float
    unit_variation: float
    words: Mapping[str, tuple[str, ...]]
    trades: Mapping[str, Trade]
    units: Mapping[str, UnitProfile]
    shared: Mapping[str, str]
    ledgers: Mapping[str, LedgerProfile]

    def expressions(self, ledger: str) -> dict[str, str]:
        """Column to SQL, in the order in which later expressions may read earlier columns."""
        own = self.ledgers[ledger].columns
        kept = {name: sql for name, sql in self.shared.items() if name not in own}
        return {**kept, **own}


@functools.cache
def _read() -> Profile:
    return Profile.model_validate(yaml.safe_load(_PROFILE.read_bytes()))


def load_profile(catalog: Catalog) -> Profile:
    """The profile, in agreement with ``catalog``.

    Raises:
        SampleError: the profile names what the catalog does not know, or leaves out what it declares.
    """
    try:
        profile = _read()
    except (ValidationError, yaml.YAMLError) as error:
        raise SampleError(f"{_PROFILE.name} is not valid: {error}") from None
    problems = list(_problems(profile, catalog))
    if problems:
        raise SampleError(f"{_PROFILE.name} does not fit the catalog:\n  " + "\n  ".join(problems))
    return profile


def _problems(profile: Profile, catalog: Catalog) -> Iterable[str]:
    yield from _differences("ledger", profile.ledgers, catalog.ledger_by_name)
    for ledger in catalog.ledgers:
        if ledger.name not in profile.ledgers:
            continue
        stored = [field.name for field in ledger.stored_fields]
        yield from _differences(f"column of {ledger.name}", profile.expressions(ledger.name), stored)
        yield from _unknown(
            f"kind of unit in {ledger.name}",
            profile.ledgers[ledger.name].rows,
            {unit.kind for unit in catalog.units},
        )
    yield from _unknown("unit", profile.units, catalog.unit_by_code)
    trades = profile.trades.values()
    yield from _unknown("chain", filter(None, (t.chain for t in trades)), {c.chain for c in catalog.chains})
    yield from _unknown(
        "cluster", filter(None, (t.cluster for t in trades)), {c.cluster for c in catalog.clusters}
    )
    yield from _unknown("trade", filter(None, (u.trade for u in profile.units.values())), profile.trades)


def _differences(what: str, given: Iterable[str], declared: Iterable[str]) -> Iterable[str]:
    given, declared = set(given), set(declared)
    yield from _unknown(what, given, declared)
    for name in sorted(declared - given):
        yield f"missing {what}: {name}"


def _unknown(what: str, given: Iterable[str], known: Iterable[str]) -> Iterable[str]:
    for name in sorted(set(given) - set(known)):
        yield f"unknown {what}: {name}"
