"""Somebody who puts all public answers of one indicator together and tries to compute a small number.

What belongs here: the linear system of everything that was told, and the bounds of what was not. What does
not: asking.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations_with_replacement, product
from typing import Any, NamedTuple

#: Elimination runs over the integers modulo this prime, so large that no ratio of counts meets it by chance.
_PRIME = 2**61 - 1
_SMALL = range(1, 11)


class Cell(NamedTuple):
    """What a count belongs to."""

    unit: str
    chain: str | None
    cluster: str | None
    month: dt.date

    @property
    def outside(self) -> bool:
        """Whether it lies outside 7510."""
        return self.chain is None and self.cluster is None


Scope = Mapping[str, frozenset[Any]]
Vector = dict[Cell, int]


@dataclass(frozen=True)
class Observation:
    """One answer: a value, or None where it was hidden, of a scope over a span of months."""

    value: int | None
    scope: Scope
    first: dt.date
    last: dt.date
    outside: bool | None = None

    @classmethod
    def of(
        cls, figure: Any, scope: Scope, first: dt.date, last: dt.date, *, outside: bool | None = None
    ) -> Observation:
        """What a figure tells; one that was never reported tells zero."""
        hidden = figure.state.value == "SUPPRESSED"
        return cls(None if hidden else int(figure.value or 0), scope, first, last, outside)

    def with_value(self, value: int) -> Observation:
        """The same, told."""
        return replace(self, value=value)

    def holds(self, cell: Cell) -> bool:
        return (
            self.first <= cell.month <= self.last
            and all(getattr(cell, name) in members for name, members in self.scope.items())
            and self.outside in {None, cell.outside}
        )


class Attacker:
    """Knows everything that was told, and which cells are zero by it."""

    def __init__(self, truth: Mapping[Cell, int], told: Sequence[Observation]) -> None:
        self.truth = dict(truth)
        self.told = told
        axes = [sorted({getattr(cell, name) for cell in truth}, key=str) for name in Cell._fields]
        self.cells = [Cell(*place) for place in product(*axes)]
        self._check_truth()

    def _check_truth(self) -> None:
        for each in self.told:
            assert each.value in {None, self._sum(each.holds)}, each

    def _sum(self, holds: Callable[[Cell], bool]) -> int:
        return sum(count for cell, count in self.truth.items() if holds(cell))

    @cached_property
    def _zero(self) -> set[Cell]:
        return {c for each in self.told if each.value == 0 for c in self.cells if each.holds(c)}

    def _vector(self, holds: Callable[[Cell], bool]) -> Vector:
        return {cell: 1 for cell in self.cells if cell not in self._zero and holds(cell)}

    def computed(self) -> list[str]:
        """The small numbers that the answers tell, and the city's figures and the zeros alone do not."""
        everything = _Span(self._vector(each.holds) for each in self.told if each.value is not None)
        unavoidable = _Span(self._vector(each.holds) for each in self.told if each.value and not each.scope)
        found = []
        for words, secret in self._secrets():
            value = self._sum(secret.holds)
            if (
                value in _SMALL
                and everything.has(self._vector(secret.holds))
                # Where each month's number is known, nothing in the others is no number to hide.
                and not all(unavoidable.has(self._vector(month.holds)) for month in self._of_months(secret))
            ):
                found.append(f"{words}: {value}")
        return found + [words for name in ("unit", "chain", "cluster") for words in self._pinned(name)]

    def _of_months(self, secret: Observation) -> Iterator[Observation]:
        """The parts of a secret that lie in the months in which it is not zero."""
        for month in sorted({cell.month for cell in self.truth if secret.holds(cell) and self.truth[cell]}):
            yield replace(secret, first=month, last=month)

    def _secrets(self) -> Iterator[tuple[str, Observation]]:
        months = sorted({cell.month for cell in self.cells})
        for first, last in combinations_with_replacement(months, 2):
            for names in (["unit"], ["chain"], ["cluster"], ["unit", "chain"], ["chain", "cluster"]):
                for place in {tuple(getattr(cell, name) for name in names) for cell in self.cells}:
                    scope = {name: frozenset({member}) for name, member in zip(names, place, strict=True)}
                    yield f"{place} {first:%m}-{last:%m}", Observation(None, scope, first, last)
            for words, way in self._ways_into_7510().items():
                yield f"{words} {first:%m}-{last:%m}", Observation(None, way, first, last, outside=False)

    def _ways_into_7510(self) -> Mapping[str, Scope]:
        named: Scope = {
            name: frozenset({getattr(cell, name) for cell in self.cells} - {None})
            for name in ("chain", "cluster")
        }
        none = frozenset({None})
        return {
            "in 7510": {},
            "by a cluster alone": {"chain": none},
            "by a chain alone": {"cluster": none},
            "by both": named,
        }

    def _pinned(self, name: str) -> Iterator[str]:
        """Small numbers of one dimension to which bounds leave no choice, where the city leaves one."""
        about = [each for each in self.told if not each.scope.keys() - {name} and each.outside is None]
        city = [each for each in about if not each.scope or each.value == 0 or each.value is None]
        close = self._bounds(name, about)
        for place, (low, high) in self._bounds(name, city).items():
            if self._value(name, place) in _SMALL and low < high and close[place][0] == close[place][1]:
                yield f"{name} {place}: {close[place][0]} by bounds"

    def _value(self, name: str, place: tuple[Any, dt.date]) -> int:
        return self._sum(lambda cell: (getattr(cell, name), cell.month) == place)

    def _bounds(self, name: str, told: Iterable[Observation]) -> dict[tuple[Any, dt.date], tuple[int, int]]:
        """The least and the greatest count of each member and month; hidden is not zero."""
        places = {(getattr(cell, name), cell.month) for cell in self.cells}
        bounds = dict.fromkeys(places, (0, sum(self.truth.values())))
        sums: list[tuple[list[tuple[Any, dt.date]], int]] = []
        for each in told:
            members = each.scope.get(name)
            inside = [
                (member, month)
                for member, month in places
                if each.first <= month <= each.last and (members is None or member in members)
            ]
            if each.value is not None:
                sums.append((inside, each.value))
            elif len(inside) == 1:
                bounds[inside[0]] = (1, bounds[inside[0]][1])
        changed = True
        while changed:
            changed = False
            for inside, value in sums:
                low, high = (sum(bounds[place][end] for place in inside) for end in (0, 1))
                for place in inside:
                    least, most = bounds[place]
                    new = (max(least, value - (high - most)), min(most, value - (low - least)))
                    if new != (least, most):
                        bounds[place], changed = new, True
        return bounds


class _Span:
    """The linear span of vectors."""

    def __init__(self, vectors: Iterable[Vector]) -> None:
        self._rows: dict[Cell, Vector] = {}
        for vector in vectors:
            rest = self._reduced(vector)
            if rest:
                pivot, lead = next(iter(rest.items()))
                inverse = pow(lead, -1, _PRIME)
                self._rows[pivot] = {cell: n * inverse % _PRIME for cell, n in rest.items()}

    def has(self, vector: Vector) -> bool:
        return not self._reduced(vector)

    def _reduced(self, vector: Vector) -> Vector:
        rest = dict(vector)
        for pivot, row in self._rows.items():
            if factor := rest.get(pivot):
                for cell, n in row.items():
                    left = (rest.get(cell, 0) - factor * n) % _PRIME
                    if left:
                        rest[cell] = left
                    else:
                        rest.pop(cell, None)
        return rest
