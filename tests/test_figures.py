"""The figures: whatever is handed in, GraphQL tells what a plain re-count of the accepted rows gives.

And the public is told the same, but for small numbers of sensitive indicators.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.support.asking import Answer, asking
from tests.support.comparison import (
    DIMENSIONS,
    Cut,
    Span,
    Where,
    check_breakdowns,
    check_progress,
    check_series,
    place_of,
    progress_field,
    series_field,
)
from tests.support.examples import CITY, COUNTY, OTHER, everything, row
from tests.support.indicators import EXPECTATIONS, KEYS
from tests.support.oracle import MONTHS, Recount, Scope
from tests.support.pipeline import hand_in, publish, readable, units_of_catalog
from tests.support.returns import Return, Sheet, next_month
from tests.support.strategies import Scene, received, scenes
from warehouse.catalog import load_catalog
from warehouse.reading import Viewer
from warehouse.settings import Home


@dataclass(frozen=True)
class World:
    """An example: who reports what, and which questions are asked besides those that always are."""

    scene: Scene
    returns: list[Return]
    span: Span
    #: Two different dimensions, and a filter.
    pair: tuple[str, str]
    where: Where
    #: One indicator whose ledgers may not be reported at all, and one of the units.
    other: str
    unit: str


@st.composite
def worlds(draw: Callable[[st.SearchStrategy[Any]], Any]) -> World:
    scene = draw(scenes())
    months = [month for month in MONTHS if scene.months[0] <= month <= next_month(scene.months[-1])]
    span = sorted(draw(st.lists(st.sampled_from(months), min_size=2, max_size=2)))
    pairs = [pair for pair in product(DIMENSIONS, repeat=2) if pair[0] != pair[1]]
    return World(
        scene,
        draw(received(scene)),
        (span[0], span[1]),
        draw(st.sampled_from(pairs)),
        draw(_filters(scene)),
        draw(st.sampled_from(sorted(EXPECTATIONS))),
        draw(st.sampled_from(scene.units)),
    )


def _filters(scene: Scene) -> st.SearchStrategy[Where]:
    catalog = load_catalog()

    def some(codes: Sequence[str]) -> st.SearchStrategy[tuple[str, ...] | None]:
        chosen = st.lists(st.sampled_from(codes), min_size=1, max_size=3, unique=True)
        return st.one_of(st.none(), chosen.map(tuple))

    return st.builds(
        Where,
        units=some([*scene.units, catalog.units[-1].unit]),
        chains=some([chain.chain for chain in catalog.chains]),
        clusters=some([cluster.cluster for cluster in catalog.clusters]),
        in_7510=st.sampled_from([None, None, True, False]),
    )


def test_graphql_tells_what_a_recount_gives_of_every_ledger(tmp_path: Path) -> None:
    home, returns = Home(tmp_path / "home"), everything()
    recount = Recount(units_of_catalog(), hand_in(home, returns, tmp_path / "files"))
    assert {event.ledger for event in recount.events} == set(KEYS)
    publish(home)
    month = returns[0].month
    cuts = [Cut((dimension,), (month, next_month(month))) for dimension in DIMENSIONS]
    with asking(home) as asker:
        check_progress(asker, recount, [None, *(unit.unit for unit in load_catalog().units)], [month])
        for indicator in EXPECTATIONS:
            check_breakdowns(asker, recount, indicator, cuts)


@settings(settings.get_profile("worlds"))
@given(worlds())
def test_graphql_tells_what_a_recount_gives(world: World) -> None:
    note(readable(world.returns))
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        recount = Recount(units_of_catalog(), hand_in(home, world.returns, Path(folder) / "files"))
        publish(home)
        cuts = [
            *(Cut((dimension,), world.span) for dimension in DIMENSIONS),
            Cut(world.pair, world.span),
            Cut(world.pair, world.span, world.where),
        ]
        with asking(home) as asker:
            check_progress(asker, recount, _scopes(world), _through(world.scene))
            for indicator in _indicators(world):
                check_breakdowns(asker, recount, indicator, cuts)
                check_series(asker, recount, indicator, [None, world.unit], world.span)


def _indicators(world: World) -> list[str]:
    """All that a ledger of the scene has to do with, and one more."""
    touched = {
        indicator
        for indicator, expected in EXPECTATIONS.items()
        if not set(expected.ledgers).isdisjoint(world.scene.ledgers)
    }
    return sorted(touched | {world.other})


def _scopes(world: World) -> list[Scope]:
    """The city, who reports, and one who does not."""
    silent = next(unit.unit for unit in load_catalog().units if unit.unit not in world.scene.units)
    return [None, *world.scene.units, silent]


def _through(scene: Scene) -> list[dt.date]:
    """The months of the scene, the one after, and the end of the year."""
    months = {*scene.months, next_month(scene.months[-1]), scene.months[-1].replace(month=12)}
    return sorted(months.intersection(MONTHS))


# Small numbers


_SENSITIVE = {code for code, expected in EXPECTATIONS.items() if expected.sensitive}
_SMALL = range(1, 11)
_SPAN = (dt.date(2024, 1, 1), dt.date(2024, 3, 1))
_CUTS = (("UNIT",), ("CHAIN",), ("CLUSTER",), ("MONTH",), ("UNIT", "MONTH"), ("UNIT", "CHAIN"))


def sensitive_returns() -> list[Return]:
    """A unit with small numbers, one with larger ones, one with large ones, and one with nothing."""
    workers = {COUNTY: (5, 3), OTHER: (12, 40), CITY: (300, 200)}
    chains = [chain.chain for chain in load_catalog().chains]
    nil = Return("360732", f"{_SPAN[0]:%Y-%m}", nil=("health_checkups", "matchmaking_events"))
    return [*everything(), nil] + [
        Return(unit, f"{month:%Y-%m}", _sensitive_sheets(unit, month.replace(day=5), count, chain))
        for (unit, counts), chain in zip(workers.items(), chains, strict=False)
        for month, count in zip((_SPAN[0], next_month(_SPAN[0])), counts, strict=True)
    ]


def _sensitive_sheets(unit: str, day: dt.date, count: int, chain: str) -> tuple[Sheet, ...]:
    """So many workers, or events, in each ledger of which numbers are sensitive."""
    checkup = row("health_checkups", unit, day, workers=count, women=None, chain=chain)
    screening = row("cancer_screenings", unit, day, workers=count, eligible=None, chain=chain)
    meetings = (row("matchmaking_events", f"{unit}-{place}", day, chain=chain) for place in range(count))
    return (
        Sheet("health_checkups", (checkup,)),
        Sheet("cancer_screenings", (screening,)),
        Sheet("matchmaking_events", tuple(meetings)),
    )


@pytest.fixture(scope="module")
def sensitive_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("sensitive")
    home = Home(folder / "home")
    hand_in(home, sensitive_returns(), folder / "files")
    publish(home)
    return home


def _told_to_both(home: Home, fields: Sequence[str]) -> list[tuple[Any, Any]]:
    """What the city's viewer and the public are told."""
    with asking(home) as city, asking(home, Viewer.PUBLIC) as public:
        return list(zip(city.ask(fields), public.ask(fields), strict=True))


def _check_figure(city: Answer, public: Answer, *, may_be_hidden: bool, zero_too: bool = False) -> None:
    """A small number is hidden; what is not hidden is the same."""
    if may_be_hidden and city["value"] is not None and Decimal(city["value"]) in _SMALL:
        assert public["state"] == "SUPPRESSED"
    if public["state"] == "SUPPRESSED":
        assert may_be_hidden
        assert zero_too or Decimal(city["value"]) > 0
        assert public.get("pace") in {None, "NO_TARGET", "NOT_REPORTED"}
        telling = ("value", "numerator", "denominator", "attainment", "gap", "forecast")
        assert all(public.get(name) is None for name in telling)
        left_out = dict.fromkeys((*telling, "state", "pace"))
        assert {**city, **left_out} == {**public, **left_out}
    else:
        assert city == public


def test_the_public_sees_no_small_numbers_of_sensitive_indicators(sensitive_home: Home) -> None:
    scopes: list[Scope] = [None, *(unit.unit for unit in load_catalog().units)]
    places = [*product(scopes, [*_SPAN, _SPAN[1].replace(month=12)])]
    fields = [progress_field(scope, month) for scope, month in places]
    hidden = set()
    for (scope, _), told in zip(places, _told_to_both(sensitive_home, fields), strict=True):
        for city, public in zip(*told, strict=True):
            indicator = city["indicator"]["code"]
            _check_figure(city, public, may_be_hidden=scope is not None and indicator in _SENSITIVE)
            if public["state"] == "SUPPRESSED":
                hidden.add(indicator)
    assert hidden == _SENSITIVE


def test_no_total_gives_a_small_number_away(sensitive_home: Home) -> None:
    cuts = [*product(EXPECTATIONS, _CUTS)]
    fields = [Cut(by, _SPAN).field(indicator) for indicator, by in cuts]
    for (indicator, by), (city, public) in zip(cuts, _told_to_both(sensitive_home, fields), strict=True):
        assert (city["total"], city["totalState"]) == (public["total"], public["totalState"])
        may_be_hidden = by != ("MONTH",) and indicator in _SENSITIVE
        lines: dict[tuple[Any, ...], list[str]] = {}
        for pair in zip(city["groups"], public["groups"], strict=True):
            # What a unit has in which chain is not told, zero neither.
            _check_figure(*pair, may_be_hidden=may_be_hidden, zero_too=by == ("UNIT", "CHAIN"))
            place = place_of(by, pair[1])
            for axis in range(len(by)):
                lines.setdefault((axis, *place[:axis], *place[axis + 1 :]), []).append(pair[1]["state"])
        for states in lines.values():
            assert states.count("SUPPRESSED") != 1 or "REPORTED" not in states, (indicator, by)


@pytest.mark.parametrize("indicator", sorted(_SENSITIVE))
def test_a_series_of_the_public_has_no_small_numbers(sensitive_home: Home, indicator: str) -> None:
    places: list[tuple[Scope, bool]] = [*product([None, COUNTY, OTHER, CITY], [False, True])]
    fields = [series_field(indicator, scope, _SPAN, cumulative=so_far) for scope, so_far in places]
    for (scope, _), (city, public) in zip(places, _told_to_both(sensitive_home, fields), strict=True):
        for pair in zip(city["points"], public["points"], strict=True):
            _check_figure(*pair, may_be_hidden=scope is not None)
