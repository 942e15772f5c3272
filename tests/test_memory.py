"""What is read of a publication once: the same figures with it and without, bounded, and of no viewer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from graphql_api.memory import PublicationMemory
from tests.reading_world import FIRST, HEALTH, SECOND, reading_as
from warehouse.reading import Reading, Viewer, breakdown, series
from warehouse.reading.cells import Dimension, Filter

MONTHS = [dt.date(2024, month, 1) for month in (1, 2, 3)]
SPANS = [(first, last) for first in MONTHS for last in MONTHS if first <= last]
CUTS = [
    [Dimension.UNIT],
    [Dimension.CHAIN, Dimension.MONTH],
    [Dimension.UNIT, Dimension.YEAR],
]
FILTERS = [Filter(), Filter(units=(FIRST, SECOND)), Filter(in_7510=True)]


class Counted:
    """A source that counts its statements."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.publication_id, self.arrow = source.publication_id, source.arrow
        self.statements = 0

    def query(self, *asked: Any) -> Any:
        self.statements += 1
        return self._source.query(*asked)


@pytest.mark.parametrize("viewer", [Viewer.PUBLIC, Viewer.CITY], ids=["public", "city"])
def test_figures_are_the_same_with_it_and_without(viewer: Viewer) -> None:
    with reading_as(viewer) as plain:
        remembering = Reading(plain.source, viewer, plain.catalogue, PublicationMemory())
        ratio = next(each.code for each in plain.catalogue.indicators if each.is_ratio)
        for indicator in (HEALTH, "model_workers", ratio):
            for first, last in SPANS[1:3]:
                for by in CUTS:
                    for where in FILTERS:
                        asked = indicator, by, first, last, where
                        assert breakdown.breakdown(remembering, *asked) == breakdown.breakdown(plain, *asked)
                asked_series = indicator, first, last, FIRST
                assert series.series(remembering, *asked_series) == series.series(plain, *asked_series)


def test_another_span_needs_no_statement() -> None:
    with reading_as(Viewer.CITY) as plain:
        source = Counted(plain.source)
        reading = Reading(source, Viewer.CITY, plain.catalogue, PublicationMemory())
        for first, last in SPANS:
            breakdown.breakdown(reading, HEALTH, [Dimension.UNIT], first, last)
        assert source.statements == 2


def test_what_one_viewer_has_read_gives_another_nothing_away() -> None:
    memory, asked = PublicationMemory(), (HEALTH, [Dimension.UNIT], MONTHS[0], MONTHS[0])
    with reading_as(Viewer.CITY) as city, reading_as(Viewer.PUBLIC) as public:
        whole = breakdown.breakdown(Reading(city.source, Viewer.CITY, city.catalogue, memory), *asked)
        hidden = breakdown.breakdown(Reading(public.source, Viewer.PUBLIC, public.catalogue, memory), *asked)
        assert hidden == breakdown.breakdown(public, *asked)
        assert hidden != whole


def test_it_is_bounded_and_keeps_what_was_asked_for_last() -> None:
    memory, made = PublicationMemory(), list[int]()

    def make(number: int, size: int) -> Any:
        def now() -> list[None]:
            made.append(number)
            return [None] * size

        return memory.get(number, now)

    for number in range(10):
        make(number, 20_000)
    made.clear()
    make(9, 20_000)
    assert made == []
    make(0, 20_000)
    assert made == [0]
    # What is larger than all room is made each time.
    make(100, 10**6)
    make(100, 10**6)
    assert made == [0, 100, 100]
