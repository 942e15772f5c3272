"""Actual against target, through the end of a month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from warehouse.reading.catalogue import Catalogue, Indicator
from warehouse.reading.context import Reading, today
from warehouse.reading.coverage import Coverage, Span, coverages
from warehouse.reading.figures import Pace, ValueState
from warehouse.reading.problems import InputProblem, check_codes, check_year, month_text
from warehouse.reading.suppression import Margin, Months, Swap, Swaps, is_small, load_swaps


@dataclass(frozen=True)
class Progress:
    """One indicator from the start of its horizon through a month; ``unit`` None is the whole city.

    ``attainment`` is value ÷ target (0.85), ``gap`` target - value, negative for a surplus. Of an indicator
    that is judged by unit, the city's numerator and denominator count units.
    """

    indicator: Indicator
    unit: str | None
    first: dt.date
    through: dt.date
    value: Decimal | None
    state: ValueState
    numerator: Decimal | None
    denominator: Decimal | None
    target: Decimal | None
    expected_to_date: Decimal | None
    attainment: Decimal | None
    gap: Decimal | None
    pace: Pace
    forecast: Decimal | None
    coverage: Coverage

    def hidden(self) -> Progress:
        """The same for those who may not see the value; whatever gives it away is hidden as well."""
        return replace(
            self,
            value=None,
            state=ValueState.SUPPRESSED,
            numerator=None,
            denominator=None,
            attainment=None,
            gap=None,
            pace=self.pace if self.pace is Pace.NO_TARGET else Pace.NOT_REPORTED,
            forecast=None,
        )


def progress(
    reading: Reading,
    year: int,
    through: dt.date | None = None,
    indicators: Collection[str] | None = None,
    measure: int | None = None,
    unit: str | None = None,
    now: dt.date | None = None,
) -> list[Progress]:
    """Each indicator's progress in catalog order; three statements at most.

    Args:
        reading: Who reads what.
        year: A year of the programme.
        through: First day of the last month counted; by default the last month with data, within the year.
        indicators: Codes; all when None.
        measure: Number of a measure; all when None.
        unit: Code of a unit; the whole city when None.
        now: The day that decides what "a past year" is, when there is no data.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    catalogue = reading.catalogue
    check_year("year", year, catalogue.months)
    if through is None:
        through = default_through(catalogue, year, now or today())
    elif through.year != year:
        raise InputProblem("through", month_text(through), f"a month of {year}, for example {year}-06")
    catalogue.check_unit(unit)
    wanted = catalogue.indicators_of(measure)
    if indicators is not None:
        check_codes("indicators", indicators, catalogue.indicator_by_code, "indicators")
        wanted = tuple(indicator for indicator in wanted if indicator.code in indicators)
    return progress_of(reading, wanted, [through], unit)


def progress_of(
    reading: Reading, indicators: Sequence[Indicator], through: Sequence[dt.date], unit: str | None
) -> list[Progress]:
    """Progress of each indicator through each of the months, by indicator, then month."""
    by_code = {indicator.code: indicator for indicator in indicators}
    rows = reading.source.query(_PROGRESS, {"indicators": [*by_code], "months": [*through], "unit": unit})
    spans = [Span(row["indicator"], row["first"], row["through"]) for row in rows]
    found = [
        _progress(by_code[row["indicator"]], row, coverage)
        for row, coverage in zip(rows, coverages(reading, spans, unit), strict=True)
    ]
    hidden = _hidden(reading, found, unit)
    return [each.hidden() if (each.indicator.code, each.through) in hidden else each for each in found]


def default_through(catalogue: Catalogue, year: int, now: dt.date) -> dt.date:
    """The last month with data within the year; without data December of a past year, else January."""
    latest = catalogue.data_through or (dt.date(year, 12, 1) if year < now.year else dt.date(year, 1, 1))
    return min(max(latest, dt.date(year, 1, 1)), dt.date(year, 12, 1))


def _progress(indicator: Indicator, row: dict[str, Any], coverage: Coverage) -> Progress:
    values = {name: row[name] for name in row if name not in {"indicator", "state", "pace"}}
    return Progress(
        indicator=indicator,
        state=ValueState(row["state"]),
        pace=Pace(row["pace"]),
        coverage=coverage,
        **values,
    )


def hidden_of_units(
    reading: Reading, sensitive: Sequence[Indicator], through: Sequence[dt.date], unit: str | None
) -> list[tuple[str, str, dt.date]]:
    """Indicators, units and months whose progress the viewer may not see; two statements.

    Args:
        reading: Who reads what.
        sensitive: The indicators, all of them sensitive.
        through: The months.
        unit: Code of the only unit; every unit when None.
    """
    codes = [each.code for each in sensitive]
    rows = reading.source.query(_UNITS, {"indicators": codes, "months": [*through], "unit": unit})
    swaps = _by_unit(load_swaps(reading, codes, unit))
    return [
        (row["indicator"], row["unit"], row["through"])
        for row in rows
        if not reading.viewer.sees_small_numbers_of(row["unit"])
        and _hides(swaps, row["indicator"], row["unit"], Months(row["first"], row["through"]), row["value"])
    ]


def _hidden(reading: Reading, found: Sequence[Progress], unit: str | None) -> set[tuple[str, dt.date]]:
    """Indicators and months of one unit that the viewer may not see."""
    sensitive = [each for each in found if each.indicator.sensitive]
    if unit is None or not sensitive or reading.viewer.sees_small_numbers_of(unit):
        return set()
    swaps = _by_unit(load_swaps(reading, {each.indicator.code for each in sensitive}, unit))
    return {
        (each.indicator.code, each.through)
        for each in sensitive
        if _hides(swaps, each.indicator.code, unit, Months(each.first, each.through), each.value)
    }


def _by_unit(swaps: Swaps | None) -> Mapping[tuple[str, str | None], Sequence[Swap]] | None:
    """The swaps that touch a unit, by indicator and unit; None where they are not known."""
    if swaps is None:
        return None
    found: dict[tuple[str, str | None], list[Swap]] = defaultdict(list)
    for indicator, margins in swaps.items():
        for swap in margins.get(Margin.UNIT, ()):
            for unit in {swap.member, swap.partner}:
                found[indicator, unit].append(swap)
    return found


def _hides(
    swaps: Mapping[tuple[str, str | None], Sequence[Swap]] | None,
    indicator: str,
    unit: str,
    months: Months,
    value: Decimal | None,
) -> bool:
    """Whether a unit's value of a sensitive indicator is hidden from who may not see small numbers."""
    if not value:
        return False
    if swaps is None or is_small(value):
        return True
    return any(swap.changes({unit}, months) for swap in swaps.get((indicator, unit), ()))


_PROGRESS = """
    SELECT
        indicator, progress.unit, from_month AS first, month AS through, value, state, numerator, denominator,
        target, expected_to_date, attainment, gap, pace, forecast
    FROM mart.indicator_progress AS progress
    JOIN core.indicators USING (indicator)
    WHERE list_contains($indicators::VARCHAR[], indicator)
        AND list_contains($months::DATE[], month)
        AND progress.unit IS NOT DISTINCT FROM $unit::VARCHAR
    ORDER BY position, month
"""
_UNITS = """
    SELECT indicator, unit, from_month AS first, month AS through, value
    FROM mart.indicator_progress
    WHERE list_contains($indicators::VARCHAR[], indicator)
        AND list_contains($months::DATE[], month)
        AND ($unit::VARCHAR IS NULL OR unit = $unit)
        AND unit IS NOT NULL
"""
