"""What GraphQL tells beside what the oracle expects: progress, breakdowns and series.

What belongs here: the fields of the questions, and answers and expectations in one form. What does not: which
worlds are asked about (``test_figures``), counting (``oracle``).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from tests.support.asking import Answer, Asker
from tests.support.indicators import EXPECTATIONS
from tests.support.oracle import (
    MONTHS,
    Contribution,
    Coverage,
    Figure,
    Recount,
    Scope,
    monthly_share,
    rounded,
)
from warehouse.catalog import load_catalog

DIMENSIONS = ("UNIT", "CHAIN", "CLUSTER", "MONTH", "YEAR")
#: First and last month.
Span = tuple[dt.date, dt.date]

_NUMBERS = (
    "value", "numerator", "denominator", "target", "expectedToDate", "attainment", "gap", "forecast",
)  # fmt: skip
_FIGURE = "value state numerator denominator"
_COVERAGE = "coverage { expected reported late missing { code } }"


@dataclass(frozen=True)
class Where:
    """A filter of a breakdown; None does not restrict."""

    units: tuple[str, ...] | None = None
    chains: tuple[str, ...] | None = None
    clusters: tuple[str, ...] | None = None
    in_7510: bool | None = None

    def takes(self, row: Contribution) -> bool:
        in_7510 = row.chain is not None or row.cluster is not None
        return (
            (self.units is None or row.unit in self.units)
            and (self.chains is None or row.chain in self.chains)
            and (self.clusters is None or row.cluster in self.clusters)
            and (self.in_7510 is None or in_7510 == self.in_7510)
        )

    def __str__(self) -> str:
        given = {
            "units": self.units, "chains": self.chains, "clusters": self.clusters, "in7510": self.in_7510,
        }  # fmt: skip
        parts = (f"{name}: {json.dumps(value)}" for name, value in given.items() if value is not None)
        return f"{{ {', '.join(parts)} }}"


@dataclass(frozen=True)
class Cut:
    """A question to ``breakdown`` but for its indicator."""

    by: tuple[str, ...]
    span: Span
    where: Where = Where()

    def field(self, indicator: str) -> str:
        first, last = self.span
        return (
            f'breakdown(indicator: "{indicator}", by: [{", ".join(self.by)}], '
            f'from: "{first:%Y-%m}", to: "{last:%Y-%m}", filter: {self.where}) {{ total totalState '
            f"groups {{ unit {{ code }} chain {{ code }} cluster {{ code }} month year {_FIGURE} }} }}"
        )


def months_of(span: Span) -> list[dt.date]:
    return [month for month in MONTHS if span[0] <= month <= span[1]]


def number(text: str | None) -> Decimal | None:
    """An exact number as GraphQL writes it."""
    if text is None:
        return None
    assert isinstance(text, str), text
    return Decimal(text)


def _code(entry: Answer | None) -> str | None:
    return None if entry is None else entry["code"]


def _coverage(told: Answer) -> Coverage:
    missing = tuple(unit["code"] for unit in told["missing"])
    return Coverage(told["expected"], told["reported"], told["late"], missing)


def _value_and_state(figure: Figure) -> tuple[Decimal | None, str]:
    return (None if figure.value is None else rounded(figure.value), figure.state)


# Progress


def progress_field(scope: Scope, month: dt.date) -> str:
    unit = "" if scope is None else f', unit: "{scope}"'
    return (
        f'progress(year: {month.year}, through: "{month:%Y-%m}"{unit}) {{ indicator {{ code }} '
        f"unit {{ code }} from through {_FIGURE} target expectedToDate attainment gap pace forecast "
        f"{_COVERAGE} }}"
    )


def check_progress(
    asker: Asker, recount: Recount, scopes: Iterable[Scope], through: Iterable[dt.date]
) -> None:
    """Every indicator, in catalog order, for each of the scopes through each of the months."""
    places = [*product(scopes, through)]
    answers = asker.ask([progress_field(scope, month) for scope, month in places])
    for (scope, month), told in zip(places, answers, strict=True):
        assert [each["indicator"]["code"] for each in told] == [i.code for i in load_catalog().indicators]
        for each in told:
            indicator = each["indicator"]["code"]
            expected = _expected_progress(recount, indicator, scope, month)
            assert _told_progress(each) == expected, (indicator, scope, month)


def _told_progress(each: Answer) -> dict[str, Any]:
    return {
        **{name: number(each[name]) for name in _NUMBERS},
        **{name: each[name] for name in ("from", "through", "state", "pace")},
        "unit": _code(each["unit"]),
        "coverage": _coverage(each["coverage"]),
    }


def _expected_progress(recount: Recount, indicator: str, scope: Scope, month: dt.date) -> dict[str, Any]:
    expected = recount.progress(indicator, scope, month)
    return {
        "value": expected.value,
        "numerator": expected.numerator,
        "denominator": expected.denominator,
        "target": expected.target,
        "expectedToDate": expected.expected_to_date,
        "attainment": expected.attainment,
        "gap": expected.gap,
        "forecast": expected.forecast,
        "from": f"{expected.first:%Y-%m}",
        "through": f"{month:%Y-%m}",
        "state": expected.state,
        "pace": expected.pace,
        "unit": scope,
        "coverage": expected.coverage,
    }


# Breakdowns


def check_breakdowns(asker: Asker, recount: Recount, indicator: str, cuts: Sequence[Cut]) -> None:
    """Every group of the code lists within the filter, in their order, and the total."""
    answers = asker.ask([cut.field(indicator) for cut in cuts])
    for cut, answer in zip(cuts, answers, strict=True):
        total = _value_and_state(_group(recount, indicator, cut, {}))
        assert (number(answer["total"]), answer["totalState"]) == total, (indicator, cut)
        told = [(place_of(cut.by, group), _told_figure(group)) for group in answer["groups"]]
        places = product(*(_members(recount, indicator, cut, dimension) for dimension in cut.by))
        expected = [
            (place, _expected_figure(_group(recount, indicator, cut, dict(zip(cut.by, place, strict=True)))))
            for place in places
        ]
        assert told == expected, (indicator, cut)


def place_of(by: Sequence[str], group: Answer) -> tuple[Any, ...]:
    """A group's code or month or year on each of the dimensions asked for; it has no others."""
    members = {
        "UNIT": _code(group["unit"]),
        "CHAIN": _code(group["chain"]),
        "CLUSTER": _code(group["cluster"]),
        "MONTH": group["month"] and dt.date.fromisoformat(f"{group['month']}-01"),
        "YEAR": group["year"],
    }
    assert all(member is None for dimension, member in members.items() if dimension not in by)
    return tuple(members[dimension] for dimension in by)


def _members(recount: Recount, indicator: str, cut: Cut, dimension: str) -> list[Any]:
    """The code list of a dimension within the filter, and None behind it where rows lie outside."""
    catalog, where = load_catalog(), cut.where
    lists: dict[str, list[Any]] = {
        "UNIT": [unit for unit in recount.units.codes if where.units is None or unit in where.units],
        "CHAIN": [c.chain for c in catalog.chains if where.chains is None or c.chain in where.chains],
        "CLUSTER": [
            c.cluster for c in catalog.clusters if where.clusters is None or c.cluster in where.clusters
        ],
        "MONTH": months_of(cut.span),
        "YEAR": [*range(cut.span[0].year, cut.span[1].year + 1)],
    }
    outside = any(row.member(dimension) is None for row in _rows(recount, indicator, cut))
    return [*lists[dimension], None] if outside else lists[dimension]


def _rows(recount: Recount, indicator: str, cut: Cut) -> list[Contribution]:
    return [
        row
        for row in recount.contributions[indicator]
        if cut.span[0] <= row.month <= cut.span[1] and cut.where.takes(row)
    ]


def _group(recount: Recount, indicator: str, cut: Cut, at: dict[str, Any]) -> Figure:
    """The figure at a place, {} is the total. Chains and clusters have no reports: those of units count."""
    months = [
        month
        for month in months_of(cut.span)
        if at.get("MONTH", month) == month and at.get("YEAR", month.year) == month.year
    ]
    units = recount.units.codes if cut.where.units is None else cut.where.units
    if "UNIT" in at:
        units = (at["UNIT"],)
    rows = [
        row
        for row in _rows(recount, indicator, cut)
        if all(row.member(dimension) == member for dimension, member in at.items())
    ]
    return recount.figure(
        indicator,
        rows,
        reported=any(recount.anything_reported(indicator, unit, months) for unit in units),
        # Nobody owes anything for a month of another year.
        expected=bool(months) and not recount.units.expected.isdisjoint(units),
    )


def _told_figure(told: Answer) -> tuple[Any, ...]:
    return (number(told["value"]), told["state"], number(told["numerator"]), number(told["denominator"]))


def _expected_figure(figure: Figure) -> tuple[Any, ...]:
    parts = (None if part is None else Decimal(part) for part in (figure.numerator, figure.denominator))
    return (*_value_and_state(figure), *parts)


# Series


def series_field(indicator: str, scope: Scope, span: Span, *, cumulative: bool) -> str:
    unit = "" if scope is None else f', unit: "{scope}"'
    return (
        f'series(indicator: "{indicator}", from: "{span[0]:%Y-%m}", to: "{span[1]:%Y-%m}"{unit}, '
        f"cumulative: {json.dumps(cumulative)}) {{ points {{ month value state target {_COVERAGE} }} }}"
    )


def check_series(asker: Asker, recount: Recount, indicator: str, scopes: Iterable[Scope], span: Span) -> None:
    """Each month's own value, and the value so far."""
    places = [*product(scopes, [False, True])]
    answers = asker.ask(
        [series_field(indicator, scope, span, cumulative=cumulative) for scope, cumulative in places]
    )
    for (scope, cumulative), answer in zip(places, answers, strict=True):
        point = _point_so_far if cumulative else _own_point
        told = [_told_point(each) for each in answer["points"]]
        expected = [point(recount, indicator, scope, month) for month in months_of(span)]
        assert told == expected, (indicator, scope, cumulative)


def _told_point(point: Answer) -> tuple[Any, ...]:
    return (
        point["month"],
        number(point["value"]),
        point["state"],
        number(point["target"]),
        _coverage(point["coverage"]),
    )


def _point_so_far(recount: Recount, indicator: str, scope: Scope, month: dt.date) -> tuple[Any, ...]:
    so_far = recount.progress(indicator, scope, month)
    return (f"{month:%Y-%m}", so_far.value, so_far.state, so_far.expected_to_date, so_far.coverage)


def _own_point(recount: Recount, indicator: str, scope: Scope, month: dt.date) -> tuple[Any, ...]:
    expected, target = EXPECTATIONS[indicator], recount.progress(indicator, scope, month).target
    if target is not None and not expected.is_ratio:
        target = rounded(int(target) * monthly_share(expected))
    figure = recount.scoped_figure(indicator, scope, [month])
    coverage = recount.coverage(indicator, scope, [month])
    return (f"{month:%Y-%m}", *_value_and_state(figure), target, coverage)
