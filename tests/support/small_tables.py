"""Tables of small counts: random ones, and those that are hard to keep from being computed.

What belongs here: what a sensitive indicator may look like in a year. What does not: who tries to compute
(``attacker``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.support.attacker import Cell

A, B, C = "360730", "360731", "360732"
UNITS = (A, B, C)
CHAINS = ("electronics", "rare_earths", None)
CLUSTERS = ("tungsten_cluster", None)
JANUARY, FEBRUARY, MARCH = MONTHS = tuple(dt.date(2024, month, 1) for month in (1, 2, 3))

Table = dict[Cell, int]

_COUNTS = st.one_of(st.just(0), st.integers(1, 4), st.integers(1, 12), st.integers(11, 60))
_ROOM = [Cell(u, c, k, m) for u in UNITS for c in CHAINS for k in CLUSTERS for m in MONTHS]


@st.composite
def tables(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Table:
    """A sparse or a dense table."""
    places = draw(st.lists(st.sampled_from(_ROOM), min_size=2, max_size=draw(st.sampled_from([6, 14, 40]))))
    return {place: draw(_COUNTS) for place in places}


def _pair_of_ones() -> Table:
    """All of February are two ones, in two units and two chains; one chain has more in March."""
    return {
        Cell(C, None, None, JANUARY): 4,
        Cell(A, "electronics", "tungsten_cluster", FEBRUARY): 1,
        Cell(B, "rare_earths", "tungsten_cluster", FEBRUARY): 1,
        Cell(C, "rare_earths", "tungsten_cluster", MARCH): 56,
    }


def _few_by_a_cluster_alone() -> Table:
    """Without a chain are some more than outside 7510."""
    return {
        Cell(A, "electronics", "tungsten_cluster", JANUARY): 32,
        Cell(A, None, "tungsten_cluster", JANUARY): 3,
        Cell(C, "rare_earths", None, JANUARY): 15,
        Cell(C, None, None, JANUARY): 13,
    }


def _few_by_a_cluster_alone_later() -> Table:
    """In March all that are without a chain are in a cluster; before, none is."""
    return {
        Cell(A, "rare_earths", "tungsten_cluster", JANUARY): 33,
        Cell(C, "electronics", None, JANUARY): 50,
        Cell(C, None, None, JANUARY): 57,
        Cell(A, None, None, FEBRUARY): 13,
        Cell(A, "rare_earths", "tungsten_cluster", MARCH): 66,
        Cell(C, None, "tungsten_cluster", MARCH): 10,
    }


def _few_by_both() -> Table:
    """Nothing lies outside 7510."""
    return {
        Cell(A, "rare_earths", None, JANUARY): 25,
        Cell(B, None, "tungsten_cluster", JANUARY): 20,
        Cell(C, "rare_earths", "tungsten_cluster", JANUARY): 5,
    }


def _nothing_without_a_chain() -> Table:
    """The first two units, together, though both dimensions have some."""
    return {
        Cell(C, "rare_earths", None, JANUARY): 1,
        Cell(C, "electronics", "tungsten_cluster", FEBRUARY): 18,
        Cell(A, "rare_earths", None, MARCH): 17,
        Cell(C, None, None, MARCH): 20,
    }


def _few_of_a_chain_in_a_cluster() -> Table:
    """The chain has enough over two months, but its second month lies in no cluster."""
    return {
        Cell(A, None, "tungsten_cluster", JANUARY): 15,
        Cell(A, None, None, MARCH): 39,
        Cell(B, "electronics", "tungsten_cluster", JANUARY): 12,
        Cell(B, "rare_earths", "tungsten_cluster", JANUARY): 3,
        Cell(B, None, "tungsten_cluster", FEBRUARY): 56,
        Cell(C, "rare_earths", None, FEBRUARY): 34,
        Cell(C, None, "tungsten_cluster", JANUARY): 4,
    }


def _few_in_two_chains() -> Table:
    """In 7510 are the few of two chains, which would hide each other."""
    return {
        Cell(A, "rare_earths", "tungsten_cluster", FEBRUARY): 27,
        Cell(A, "electronics", "tungsten_cluster", FEBRUARY): 35,
        Cell(A, "rare_earths", None, MARCH): 3,
        Cell(B, "electronics", None, MARCH): 4,
        Cell(C, None, None, MARCH): 71,
    }


def _few_outside() -> Table:
    """Both other ways into 7510 have more than few."""
    return {
        Cell(A, "electronics", "tungsten_cluster", JANUARY): 28,
        Cell(A, None, None, FEBRUARY): 3,
        Cell(B, None, "tungsten_cluster", JANUARY): 3,
        Cell(B, None, None, JANUARY): 2,
        Cell(B, None, None, FEBRUARY): 57,
        Cell(C, "electronics", None, JANUARY): 25,
        Cell(C, "electronics", None, FEBRUARY): 24,
        Cell(C, None, "tungsten_cluster", JANUARY): 25,
    }


#: Tables that would give a number away without one of the rules.
HARD: tuple[Table, ...] = (
    *(
        _pair_of_ones(),
        _few_by_a_cluster_alone(),
        _few_by_a_cluster_alone_later(),
        _nothing_without_a_chain(),
    ),
    *(_few_of_a_chain_in_a_cluster(), _few_in_two_chains(), _few_outside(), _few_by_both()),
)
