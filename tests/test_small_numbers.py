"""Small numbers of sensitive indicators: what the public is not told, and cannot compute.

What belongs here: the rule as it is promised, and an attacker who puts all answers together. What does not:
who sees small numbers (``test_roles``), the same through GraphQL (``test_figures``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import combinations, combinations_with_replacement, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, example, given, note, settings
from hypothesis import strategies as st

from tests.lake_world import Return, World
from tests.reading_world import publish
from tests.support.attacker import Attacker, Cell, Observation
from tests.support.small_tables import HARD, MONTHS, UNITS, A, B, C, Table, tables
from warehouse.publications import PublicationStore, Readers
from warehouse.reading import Reading, Viewer
from warehouse.reading.breakdown import Breakdown, breakdown
from warehouse.reading.cells import Dimension, Filter
from warehouse.reading.figures import Figure, ValueState
from warehouse.reading.progress import progress
from warehouse.reading.series import series
from warehouse.settings import Home

NIL = "360733"
HEALTH, CANCER, MEETINGS = "health_checkups", "cancer_screenings", "matchmaking_events"
HIDDEN, ZERO = ValueState.SUPPRESSED, ValueState.ZERO


# Homes


def handed_in(world: World, counts: Mapping[str, Table]) -> None:
    """One return a unit and month, with one row a cell, or one a meeting; NIL declares nothing."""
    months = {*MONTHS, *(cell.month for cells in counts.values() for cell in cells)}
    world.hand_in(
        *(_return(unit, month, counts) for month in sorted(months) for unit in UNITS),
        *(Return(NIL, f"{year}-01", nil=[HEALTH, CANCER, MEETINGS]) for year in (2024, 2025, 2026)),
    )


def _return(unit: str, month: dt.date, counts: Mapping[str, Table]) -> Return:
    found = {
        ledger: [
            row
            for cell, count in cells.items()
            if (cell.unit, cell.month) == (unit, month) and count
            for row in _rows(ledger, cell, count)
        ]
        for ledger, cells in counts.items()
    }
    return Return(
        unit,
        f"{month:%Y-%m}",
        rows={ledger: some for ledger, some in found.items() if some},
        nil=[ledger for ledger, some in found.items() if not some],
    )


def _rows(ledger: str, cell: Cell, count: int) -> Iterator[dict[str, Any]]:
    name = f"{cell.unit} {cell.chain} {cell.cluster} {cell.month}"
    shared = {"held_on": cell.month, "chain": cell.chain, "cluster": cell.cluster}
    if ledger == MEETINGS:
        yield from ({"name": f"{name} {n}", "participants": 20, **shared} for n in range(count))
    else:
        kind = {"employment": "民营企业"} if ledger == CANCER else {}
        yield {"enterprise": name, "workers": count, **kind, **shared}


@contextmanager
def public_reading(home: Home) -> Iterator[Reading]:
    readers = Readers(PublicationStore(home))
    try:
        with readers.open() as reader:
            yield Reading.of(reader, Viewer.PUBLIC)
    finally:
        readers.close()


#: Scenes of the rule, each an indicator and year of its own: (unit, number of the month, count, chain).
SCENES: dict[tuple[str, int], list[tuple[str, int, int, str]]] = {
    (HEALTH, 2024): [(A, 1, 5, "electronics"), (B, 1, 25, "electronics"), (C, 1, 40, "electronics")],
    (HEALTH, 2025): [(A, 1, 5, "electronics"), (B, 1, 3, "electronics"), (C, 1, 40, "electronics")],
    (HEALTH, 2026): [(A, 1, 1, "electronics"), (B, 1, 1, "electronics"), (C, 1, 68, "electronics")],
    (CANCER, 2024): [
        *((A, month, count, "electronics") for month, count in ((1, 5), (2, 30), (3, 60))),
        *((B, month, 40, "electronics") for month in (1, 2, 3)),
        (C, 2, 90, "electronics"),
    ],
    (CANCER, 2025): [(A, 1, 5, "electronics")],
    (CANCER, 2026): [(A, 1, 40, "electronics"), (B, 1, 60, "rare_earths"), (C, 1, 80, "electronics")],
}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    world = World(tmp_path_factory.mktemp("small"))
    counts: dict[str, Table] = {HEALTH: {}, CANCER: {}, MEETINGS: {}}
    for (indicator, year), scene in SCENES.items():
        for unit, month, count, chain in scene:
            counts[indicator][Cell(unit, chain, None, dt.date(year, month, 1))] = count
    handed_in(world, counts)
    publish(world)
    with public_reading(world.home) as reading:
        yield reading


# The rule


def by_unit(reading: Reading, indicator: str, year: int, first: int = 1, last: int = 3) -> dict[Any, Figure]:
    found = breakdown(reading, indicator, [Dimension.UNIT], dt.date(year, first, 1), dt.date(year, last, 1))
    return {group.unit: group.figure for group in found.groups if group.unit in {*UNITS, NIL}}


def to_date(
    reading: Reading, indicator: str, year: int, month: int, unit: str | None
) -> tuple[ValueState, Decimal | None]:
    [found] = progress(reading, year, dt.date(year, month, 1), [indicator], unit=unit)
    return found.state, found.value


def monthly(reading: Reading, indicator: str, year: int, unit: str, *, so_far: bool) -> list[Any]:
    span = (dt.date(year, 1, 1), dt.date(year, 3, 1))
    points = series(reading, indicator, *span, unit, cumulative=so_far).points
    return [HIDDEN if point.figure.state is HIDDEN else point.figure.value for point in points]


def test_a_small_number_is_hidden_everywhere_and_takes_the_next_smallest_along(public: Reading) -> None:
    found = by_unit(public, HEALTH, 2024)
    assert {unit: figure.state for unit, figure in found.items()} == {
        A: HIDDEN, B: HIDDEN, C: ValueState.REPORTED, NIL: ZERO
    }  # fmt: skip
    assert [found[unit].value for unit in UNITS] == [None, None, 40]
    for month in (1, 3):
        for unit in (A, B):
            assert to_date(public, HEALTH, 2024, month, unit) == (HIDDEN, None)
        assert to_date(public, HEALTH, 2024, month, C)[1] == 40
        assert to_date(public, HEALTH, 2024, month, None)[1] == 70
    assert monthly(public, HEALTH, 2024, A, so_far=False) == [HIDDEN, 0, 0]
    assert monthly(public, HEALTH, 2024, A, so_far=True) == [HIDDEN, HIDDEN, HIDDEN]
    chains = breakdown(public, HEALTH, [Dimension.CHAIN], MONTHS[0], MONTHS[2]).groups
    assert {group.chain: group.figure.value for group in chains if group.figure.value} == {"electronics": 70}


def test_two_hidden_ones_are_enough_unless_their_sum_tells_them(public: Reading) -> None:
    shown = {year: [by_unit(public, HEALTH, year)[unit].value for unit in UNITS] for year in (2025, 2026)}
    # 70 - 68 = 2 is 1 + 1 when neither is zero.
    assert shown == {2025: [None, None, 40], 2026: [None, None, None]}


def test_a_small_month_hides_another_month_and_leaves_the_year(public: Reading) -> None:
    assert [monthly(public, CANCER, 2024, unit, so_far=False) for unit in UNITS] == [
        [HIDDEN, HIDDEN, 60],
        [HIDDEN, HIDDEN, 40],
        [0, 90, 0],
    ]
    assert monthly(public, CANCER, 2024, A, so_far=True) == [HIDDEN, 35, 95]
    assert monthly(public, CANCER, 2024, B, so_far=True) == [HIDDEN, 80, 120]
    # Both months in one figure tell neither; one of them with a third month would.
    assert by_unit(public, CANCER, 2024, 1, 2)[A].value == 35
    assert by_unit(public, CANCER, 2024, 2, 3)[A].state is HIDDEN


def test_the_only_number_of_a_month_is_hidden_though_the_city_tells_it(public: Reading) -> None:
    assert to_date(public, CANCER, 2025, 1, A) == (HIDDEN, None)
    assert to_date(public, CANCER, 2025, 1, None)[1] == 5


def test_two_dimensions_at_once_show_what_one_shows_and_no_more(public: Reading) -> None:
    january = (dt.date(2026, 1, 1), dt.date(2026, 1, 1))
    found = breakdown(public, CANCER, [Dimension.UNIT, Dimension.CHAIN], *january)
    figures = {(group.unit, group.chain): group.figure for group in found.groups}
    assert {figures[place].state for place in ((NIL, "electronics"), (A, "textiles_garments"))} == {ZERO}
    # Whether a unit has anything in a chain is not told.
    assert {figures[unit, chain].state for unit in UNITS for chain in ("electronics", "rare_earths")} == {
        HIDDEN
    }
    inside = breakdown(public, CANCER, [Dimension.UNIT], *january, Filter(in_7510=True))
    assert [group.figure.value for group in inside.groups if group.unit in UNITS] == [40, 60, 80]


def test_combinations_of_units_are_sums_of_what_is_shown(public: Reading) -> None:
    for units in combinations(UNITS, 2):
        found = breakdown(public, HEALTH, [Dimension.MONTH], MONTHS[0], MONTHS[0], Filter(units=units))
        # What a swap of A and B leaves as it is may be told.
        assert found.total.value == (30 if units == (A, B) else None)


def test_a_publication_without_swaps_hides_all_below_the_city(public: Reading) -> None:
    class WithoutSwaps:
        publication_id = public.source.publication_id

        def query(self, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
            return public.source.query(sql.replace("mart.small_number_swaps", "mart.unheard_of"), parameters)

        def arrow(self, sql: str, parameters: Any = None) -> Any:
            return public.source.arrow(sql, parameters)

    older = Reading(WithoutSwaps(), public.viewer, public.catalogue)
    found = by_unit(older, CANCER, 2026)
    assert [found[unit].state for unit in (*UNITS, NIL)] == [HIDDEN, HIDDEN, HIDDEN, ZERO]
    assert to_date(older, CANCER, 2026, 1, A) == (HIDDEN, None)
    assert to_date(older, CANCER, 2026, 1, None)[1] == 180


# The attacker


#: Asked of every span, and of the whole one.
OFTEN = [([dimension], Filter()) for dimension in (Dimension.UNIT, Dimension.CHAIN, Dimension.CLUSTER)]
ONCE = [
    ([Dimension.UNIT, Dimension.CHAIN], Filter()),
    ([Dimension.CHAIN, Dimension.CLUSTER], Filter()),
    ([Dimension.UNIT], Filter(in_7510=True)),
    ([Dimension.CHAIN], Filter(units=(A, B))),
    ([Dimension.UNIT], Filter(chains=("electronics",))),
]


# A failing example is told in full; to make it smaller would take minutes.
@settings(settings.get_profile("homes"), phases=[Phase.explicit, Phase.generate])
@example((HARD[-1], {}, {}, *HARD[:6]))
@given(st.tuples(*[tables()] * 9))
def test_no_hidden_number_can_be_computed_from_all_that_is_shown(drawn: tuple[Table, ...]) -> None:
    places = list(product((HEALTH, CANCER, MEETINGS), (2024, 2025, 2026)))
    scenes = {
        (indicator, year): {
            cell._replace(month=cell.month.replace(year=year)): count
            for cell, count in table.items()
            # Check-ups count within 7510 only.
            if indicator != HEALTH or not cell.outside
        }
        for (indicator, year), table in zip(places, drawn, strict=True)
    }
    counts: dict[str, Table] = {HEALTH: {}, CANCER: {}, MEETINGS: {}}
    for (indicator, _), scene in scenes.items():
        counts[indicator] |= scene
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        handed_in(world, counts)
        publish(world)
        with public_reading(world.home) as reading:
            for (indicator, year), scene in scenes.items():
                note(f"{indicator} {year} {scene}")
                truth = {cell: count for cell, count in scene.items() if count}
                assert Attacker(truth, observed(reading, indicator, year)).computed() == []


def observed(reading: Reading, indicator: str, year: int) -> list[Observation]:
    """Everything that the public is told of an indicator and year by breakdowns, series and progress."""
    found: list[Observation] = []
    months = [month.replace(year=year) for month in MONTHS]
    for first, last in combinations_with_replacement(months, 2):
        for by, where in OFTEN + (ONCE if (first, last) == (months[0], months[-1]) else []):
            found += _told(breakdown(reading, indicator, by, first, last, where), where, first, last)
    for unit, so_far in product((None, *UNITS), (False, True)):
        scope = {} if unit is None else {"unit": frozenset({unit})}
        for point in series(reading, indicator, months[0], months[-1], unit, cumulative=so_far).points:
            start = months[0] if so_far else point.month
            found.append(Observation.of(point.figure, scope, start, point.month))
    return found


def _told(answer: Breakdown, where: Filter, first: dt.date, last: dt.date) -> Iterator[Observation]:
    given = {"unit": where.units, "chain": where.chains, "cluster": where.clusters}
    scope = {name: frozenset(codes) for name, codes in given.items() if codes is not None}
    outside = None if where.in_7510 is None else not where.in_7510
    by = [
        name
        for name in ("unit", "chain", "cluster")
        if any(getattr(group, name) is not None for group in answer.groups)
    ]
    yield Observation.of(answer.total, scope, first, last, outside=outside)
    for name in {"chain", "cluster"} & {*by}:
        # Where nothing lies outside the code list there is no group for it.
        if None not in {getattr(group, name) for group in answer.groups}:
            yield Observation(0, {**scope, name: frozenset({None})}, first, last, outside)
    for group in answer.groups:
        place = {name: frozenset({getattr(group, name)}) for name in by}
        yield Observation.of(group.figure, {**scope, **place}, first, last, outside=outside)


def test_the_attacker_finds_what_is_not_hidden_well() -> None:
    """The attacker is worth something: without the next smallest the small number is computed."""
    truth = {Cell(u, "electronics", None, MONTHS[0]): n for u, n in zip(UNITS, (5, 25, 40), strict=True)}
    told = [
        Observation(None, {"unit": frozenset({A})}, MONTHS[0], MONTHS[0]),
        Observation(25, {"unit": frozenset({B})}, MONTHS[0], MONTHS[0]),
        Observation(40, {"unit": frozenset({C})}, MONTHS[0], MONTHS[0]),
        Observation(70, {}, MONTHS[0], MONTHS[0]),
    ]
    assert any("5" in each for each in Attacker(truth, told).computed())
    told[1] = Observation(None, {"unit": frozenset({B})}, MONTHS[0], MONTHS[0])
    assert Attacker(truth, told).computed() == []
