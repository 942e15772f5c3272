"""The code lists of a publication: measures, indicators, units, chains, clusters, months.

What belongs here: what can be asked for, in its order. What does not: figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from warehouse.catalog import Catalog
from warehouse.reading.problems import InputProblem, check_code

Query = Callable[[str], list[dict[str, Any]]]


class UnitKind(StrEnum):
    """What a reporting unit is."""

    MUNICIPAL = "municipal"
    DISTRICT = "district"
    COUNTY = "county"
    COUNTY_CITY = "county_city"
    ZONE = "zone"


class Horizon(StrEnum):
    """The span over which an indicator adds up."""

    ANNUAL = "annual"
    PROGRAMME = "programme"


class Comparison(StrEnum):
    """How a value is judged against its target."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    TRACKED = "tracked"


@dataclass(frozen=True)
class Measure:
    """One of the measures of the programme."""

    number: int
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Indicator:
    """One figure of the programme; ``target`` is that of the year of the data, or of the programme.

    In publications from before they were kept the formulas are None, the English unit of measure the Chinese.
    """

    code: str
    measure: int
    name_zh: str
    name_en: str
    unit_of_measure: str
    unit_of_measure_en: str
    horizon: Horizon
    comparison: Comparison
    scope: str
    sensitive: bool
    is_ratio: bool
    definition_zh: str
    definition_en: str
    formula_zh: str | None
    formula_en: str | None
    target: Decimal | None
    ledgers: tuple[str, ...]

    @property
    def by_counties(self) -> bool:
        """Whether the target is one for each unit, so that the city's figure is only the sum."""
        return self.scope == "county"


@dataclass(frozen=True)
class Unit:
    """A reporting unit; ``expected`` when it owes a return for the month of the data."""

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    kind: UnitKind
    host: str | None
    expected: bool


@dataclass(frozen=True)
class Chain:
    """A key industry chain."""

    code: str
    name_zh: str
    name_en: str
    confirmed: bool


@dataclass(frozen=True)
class Cluster:
    """An advanced-manufacturing cluster."""

    code: str
    name_zh: str
    name_en: str
    confirmed: bool


@dataclass(frozen=True)
class Catalogue:
    """All code lists of one publication, each in its order; ``months`` are first days, the programme's."""

    measures: tuple[Measure, ...]
    indicators: tuple[Indicator, ...]
    units: tuple[Unit, ...]
    chains: tuple[Chain, ...]
    clusters: tuple[Cluster, ...]
    months: tuple[dt.date, ...]
    data_through: dt.date | None

    @cached_property
    def measure_by_number(self) -> dict[int, Measure]:
        return {measure.number: measure for measure in self.measures}

    @cached_property
    def indicator_by_code(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def unit_by_code(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}

    @cached_property
    def chain_by_code(self) -> dict[str, Chain]:
        return {chain.code: chain for chain in self.chains}

    @cached_property
    def cluster_by_code(self) -> dict[str, Cluster]:
        return {cluster.code: cluster for cluster in self.clusters}

    @cached_property
    def ledgers(self) -> frozenset[str]:
        return frozenset(name for indicator in self.indicators for name in indicator.ledgers)

    def indicator(self, code: str, argument: str = "indicator") -> Indicator:
        """Raises: InputProblem: there is no such indicator."""
        check_code(argument, code, self.indicator_by_code, "indicators")
        return self.indicator_by_code[code]

    def check_unit(self, code: str | None) -> None:
        """Raises: InputProblem: there is no such unit; None, the whole city, passes."""
        if code is not None:
            check_code("unit", code, self.unit_by_code, "units")

    def indicators_of(self, measure: int | None = None, ledger: str | None = None) -> tuple[Indicator, ...]:
        """The indicators of a measure, or that count rows of a ledger.

        Raises:
            InputProblem: there is no such measure or ledger.
        """
        if measure is not None and measure not in self.measure_by_number:
            last = self.measures[-1].number
            raise InputProblem("measure", measure, f"the number of a measure, 1 to {last}, for example 1")
        if ledger is not None:
            check_code("ledger", ledger, sorted(self.ledgers), "the catalog of ledgers")
        return tuple(
            indicator
            for indicator in self.indicators
            if (measure is None or indicator.measure == measure)
            and (ledger is None or ledger in indicator.ledgers)
        )


def load_catalogue(query: Query) -> Catalogue:
    """Reads the code lists: seven statements."""
    [publication] = query("SELECT data_through FROM meta.publication")
    return Catalogue(
        measures=tuple(Measure(**row) for row in query(_MEASURES)),
        indicators=tuple(_indicator(row) for row in query(_INDICATORS)),
        units=tuple(Unit(**{**row, "kind": UnitKind(row["kind"])}) for row in query(_UNITS)),
        chains=tuple(Chain(**row) for row in query(_CHAINS)),
        clusters=tuple(Cluster(**row) for row in query(_CLUSTERS)),
        months=tuple(row["month"] for row in query("SELECT month FROM core.months ORDER BY month")),
        data_through=publication["data_through"],
    )


def declared_catalogue(catalog: Catalog) -> Catalogue:
    """The units, chains, clusters and months that the catalog declares, for before the first publication."""
    return Catalogue(
        measures=(),
        indicators=(),
        units=tuple(
            Unit(
                code=each.unit,
                name_zh=each.name_zh,
                name_en=each.name_en,
                short_zh=each.short_zh,
                short_en=each.short_en,
                kind=UnitKind(each.kind),
                host=each.host,
                expected=each.files,
            )
            for each in catalog.units
        ),
        chains=tuple(
            Chain(each.chain, each.name_zh, each.name_en, each.confirmed) for each in catalog.chains
        ),
        clusters=tuple(
            Cluster(each.cluster, each.name_zh, each.name_en, each.confirmed) for each in catalog.clusters
        ),
        months=catalog.programme.months,
        data_through=None,
    )


def _indicator(row: dict[str, Any]) -> Indicator:
    return Indicator(
        **{
            **row,
            "horizon": Horizon(row["horizon"]),
            "comparison": Comparison(row["comparison"]),
            "ledgers": tuple(row["ledgers"]),
        }
    )


_MEASURES = "SELECT measure AS number, name_zh, name_en FROM core.measures ORDER BY measure"
_CHAINS = "SELECT chain AS code, name_zh, name_en, confirmed FROM core.chains ORDER BY position"
_CLUSTERS = "SELECT cluster AS code, name_zh, name_en, confirmed FROM core.clusters ORDER BY position"
# The month that stands for "now" when no year is named: that of the data, before any data the first one.
_PRESENT = """
    present AS (
        SELECT coalesce((SELECT data_through FROM meta.publication), min(month)) AS month FROM core.months
    )
"""
_UNITS = f"""
    WITH {_PRESENT}
    SELECT
        units.unit AS code, name_zh, name_en, short_zh, short_en, kind, host,
        units.unit IN (SELECT unit FROM core.expected_reports JOIN present ON period = month) AS expected
    FROM core.units
    ORDER BY position
"""
_INDICATORS = f"""
    WITH {_PRESENT}
    SELECT
        indicator AS code, measure, name_zh, name_en, unit_of_measure, horizon, comparison, scope, sensitive,
        is_ratio, definition_zh, definition_en,
        -- By name, because publications from before there were formulas or English units lack the columns.
        coalesce(to_json(indicators) ->> 'unit_of_measure_en', unit_of_measure) AS unit_of_measure_en,
        to_json(indicators) ->> 'formula_zh' AS formula_zh,
        to_json(indicators) ->> 'formula_en' AS formula_en,
        (
            SELECT any_value(target)
            FROM core.target_months JOIN present USING (month)
            WHERE target_months.indicator = indicators.indicator
                AND level = CASE scope WHEN 'county' THEN 'each_unit' ELSE 'city' END
        ) AS target,
        (SELECT list(ledger ORDER BY ledger) FROM core.indicator_ledgers AS used
         WHERE used.indicator = indicators.indicator) AS ledgers
    FROM core.indicators
    ORDER BY position
"""
