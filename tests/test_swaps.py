"""The swaps that hide small numbers: many tables through their models alone, and the attacker after each.

What belongs here: the search for a table that gives a number away. What does not: whole homes, and what is
said of them (``test_small_numbers``).
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, combinations_with_replacement, product

import duckdb
import pyarrow as pa
import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from tests.support.attacker import Attacker, Cell, Observation
from tests.support.small_tables import CHAINS, CLUSTERS, HARD, MONTHS, UNITS, A, B, Table
from warehouse.building.audits import AUDITS_DIRECTORY
from warehouse.building.models import Model, all_models
from warehouse.catalog import load_catalog
from warehouse.reading.suppression import Margin, Months, SmallNumbers, Swap

#: Tables go through the models together, each as an indicator of its own.
TOGETHER = 100
SWAPS = "mart.small_number_swaps"
_ROOM = [Cell(*place) for place in product(UNITS, CHAINS, CLUSTERS, MONTHS)]


def swaps_of(tables: Sequence[Table]) -> list[dict[Margin, list[Swap]]]:
    """The swaps of each table."""
    found: list[dict[Margin, list[Swap]]] = [defaultdict(list) for _ in tables]
    with duckdb.connect() as connection:
        connection.register("monthly", _monthly(tables))
        connection.execute(_UPSTREAM)
        for model in _models():
            connection.execute(f"CREATE TABLE {model.qualified_name} AS {model.sql}")
        audit = (AUDITS_DIRECTORY / "small_numbers_hidden.sql").read_text(encoding="utf-8")
        assert connection.execute(audit).fetchall() == []
        columns = "indicator, dimension, member, month, partner, partner_month"
        for number, dimension, *swap in connection.execute(f"SELECT {columns} FROM {SWAPS}").fetchall():
            found[int(number)][Margin(dimension)].append(Swap(*swap))
    return found


def _monthly(tables: Sequence[Table]) -> pa.Table:
    rows = [
        (str(number), *cell, count) for number, table in enumerate(tables) for cell, count in table.items()
    ]
    names = ["indicator", *Cell._fields, "numerator"]
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


#: What the models of the swaps read.
_UPSTREAM = f"""
    CREATE SCHEMA catalog;
    CREATE SCHEMA core;
    CREATE SCHEMA stage;
    CREATE SCHEMA mart;
    CREATE TABLE catalog.programme AS
    SELECT {load_catalog().programme.small_number_maximum} AS small_number_maximum;
    CREATE TABLE core.indicators AS SELECT DISTINCT indicator, TRUE AS sensitive FROM monthly;
    CREATE TABLE mart.indicator_monthly AS
    SELECT * REPLACE (CAST(numerator AS DECIMAL(38, 2)) AS numerator) FROM monthly;
"""


def _models() -> list[Model]:
    """The model of the swaps, after those that it reads and nothing else does."""
    made = {"mart.indicator_monthly", "core.indicators"}
    models = {model.qualified_name: model for model in all_models(load_catalog())}
    wanted, found = [SWAPS], set[str]()
    while wanted:
        name = wanted.pop()
        if name not in found | made:
            found.add(name)
            wanted += models[name].dependencies
    return [model for name, model in models.items() if name in found]


class Public:
    """What the public is told of a table."""

    def __init__(self, table: Table, swaps: Mapping[Margin, Sequence[Swap]]) -> None:
        self.table = table
        self.swaps = swaps
        self.city: dict[dt.date, Decimal] = defaultdict(Decimal)
        self.margins: dict[Margin, dict[str | None, dict[dt.date, Decimal]]] = {
            margin: defaultdict(lambda: defaultdict(Decimal)) for margin in Margin
        }
        for cell, count in table.items():
            self.city[cell.month] += count
            members = (cell.unit, cell.chain, cell.cluster, _in_7510(cell.outside))
            for margin, member in zip(Margin, members, strict=True):
                self.margins[margin][member][cell.month] += count

    def everything(self) -> Iterator[Observation]:
        """By one dimension in every span; by two, and of two units together, in the whole one."""
        by_one = {"unit": UNITS, "chain": CHAINS, "cluster": CLUSTERS}
        for span in combinations_with_replacement(MONTHS, 2):
            yield self.told(span, {})
            for name, members in by_one.items():
                for member in members:
                    yield self.told(span, {name: {member}})
            for outside in (False, True):
                yield self.told(span, {}, outside)
        whole = (MONTHS[0], MONTHS[-1])
        for one, other in combinations(by_one, 2):
            for member, other_member in product(by_one[one], by_one[other]):
                yield self.told(whole, {one: {member}, other: {other_member}})
        for name, members in by_one.items():
            for member, outside in product(members, (False, True)):
                yield self.told(whole, {name: {member}}, outside)
        yield self.told(whole, {"unit": {A, B}})
        for chain in CHAINS:
            yield self.told(whole, {"unit": {A, B}, "chain": {chain}})

    def told(
        self,
        span: tuple[dt.date, dt.date],
        scope: Mapping[str, Collection[str | None]],
        outside: bool | None = None,
    ) -> Observation:
        """The answer to one question."""
        asked = Observation(None, {name: frozenset(some) for name, some in scope.items()}, *span, outside)
        within: dict[Margin, Collection[str | None]] = {Margin(name): some for name, some in scope.items()}
        if outside is not None:
            within[Margin.IN_7510] = {_in_7510(outside)}
        margins = {margin: self.margins[margin] for margin in within}
        if SmallNumbers(self.city, margins, self.swaps).hides(within, Months(*span)):
            return asked
        return asked.with_value(sum(count for cell, count in self.table.items() if asked.holds(cell)))


def _in_7510(outside: bool) -> str:
    return "false" if outside else "true"


def computed(tables: Sequence[Table]) -> list[tuple[Table, list[str]]]:
    """The tables that give a number away, and which."""
    tables = [{cell: count for cell, count in table.items() if count} for table in tables]
    found = [
        (table, Attacker(table, [*Public(table, swaps).everything()]).computed())
        for table, swaps in zip(tables, swaps_of(tables), strict=True)
    ]
    return [(table, words) for table, words in found if words]


def random_table(chance: random.Random) -> Table:
    """A sparse or a dense one; of some nothing lies outside 7510."""
    inside = chance.random() < 0.3
    room = [cell for cell in _ROOM if not (inside and cell.outside)]
    places = chance.sample(room, chance.choice([2, 3, 4, 6, 8, 14, 20, 30]))
    return {place: chance.randint(*chance.choice([(1, 4), (1, 12), (11, 60)])) for place in places}


@pytest.mark.parametrize("table", HARD)
def test_a_table_that_is_hard_to_hide_gives_nothing_away(table: Table) -> None:
    assert computed([table]) == []


# Each table is as random as a seed makes it; to make one smaller is for whoever looks at it.
@settings(settings.get_profile("worlds"), phases=[Phase.generate])
@given(st.integers(0, 2**32))
def test_no_table_gives_a_number_away(seed: int) -> None:
    note(f"random.Random({seed})")
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    assert computed([random_table(chance) for _ in range(TOGETHER)]) == []
