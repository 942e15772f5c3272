"""One indicator month by month, no month missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from warehouse.reading.catalogue import Indicator
from warehouse.reading.cells import Cells, Dimension, Filter, load_cells
from warehouse.reading.context import Reading
from warehouse.reading.coverage import Coverage, Span, coverages
from warehouse.reading.figures import Amount, Figure, ValueState, figure, quotient
from warehouse.reading.notes import notes
from warehouse.reading.problems import check_span
from warehouse.reading.progress import progress_of
from warehouse.reading.reports import UnitMonth, owed_and_missing, unit_months


@dataclass(frozen=True)
class Point:
    """One month; ``target`` is the month's share of the target, or what is expected to date."""

    month: dt.date
    figure: Figure
    target: Decimal | None
    coverage: Coverage


@dataclass(frozen=True)
class Series:
    """The points of an indicator; ``unit`` None is the whole city."""

    indicator: Indicator
    unit: str | None
    points: tuple[Point, ...]
    notes: tuple[str, ...]


def series(
    reading: Reading,
    indicator: str,
    first: dt.date,
    last: dt.date,
    unit: str | None = None,
    *,
    cumulative: bool = False,
) -> Series:
    """The months from ``first`` to ``last``; five statements at most.

    Args:
        reading: Who reads what.
        indicator: Code.
        first: First day of the first month.
        last: First day of the last month.
        unit: Code of a unit; the whole city when None.
        cumulative: The value since the start of the horizon, as ``progress`` has it, not the month's own.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    catalogue = reading.catalogue
    asked = catalogue.indicator(indicator)
    catalogue.check_unit(unit)
    check_span(first, last, catalogue.months)
    months = [month for month in catalogue.months if first <= month <= last]
    reports = unit_months(reading, indicator, first, last, None if unit is None else [unit])
    points = (
        _cumulative_points(reading, asked, months, unit)
        if cumulative
        else _monthly_points(reading, asked, months, unit, reports)
    )
    states = {point.figure.state for point in points}
    return Series(
        indicator=asked,
        unit=unit,
        points=tuple(points),
        notes=notes(
            asked,
            nothing=states <= {ValueState.NOT_REPORTED, ValueState.NOT_APPLICABLE} and not reports,
            only_zero=states == {ValueState.ZERO},
            hidden=sum(point.figure.state is ValueState.SUPPRESSED for point in points),
            missing=owed_and_missing(reports),
        ),
    )


def _cumulative_points(
    reading: Reading, indicator: Indicator, months: Sequence[dt.date], unit: str | None
) -> list[Point]:
    return [
        Point(
            month=each.through,
            figure=Figure(each.value, each.state, each.numerator, each.denominator),
            target=each.expected_to_date,
            coverage=each.coverage,
        )
        for each in progress_of(reading, [indicator], months, unit)
    ]


def _monthly_points(
    reading: Reading,
    indicator: Indicator,
    months: Sequence[dt.date],
    unit: str | None,
    reports: Sequence[UnitMonth],
) -> list[Point]:
    where = Filter(units=None if unit is None else (unit,))
    cells = load_cells(reading, indicator, [Dimension.MONTH], months[0], months[-1], where)
    targets = _month_targets(reading, indicator, months, unit)
    covered = coverages(reading, [Span(indicator.code, month, month) for month in months], unit)
    expected = {report.month for report in reports if report.expected}
    reported = {report.month for report in reports if report.any_ledger}
    return [
        Point(
            month=month,
            figure=_figure(indicator, cells, month, expected=month in expected, reported=month in reported),
            target=targets.get(month),
            coverage=coverage,
        )
        for month, coverage in zip(months, covered, strict=True)
    ]


def _figure(indicator: Indicator, cells: Cells, month: dt.date, *, expected: bool, reported: bool) -> Figure:
    sums = cells.sums([Dimension.MONTH], (month,))
    amount = Amount(sums.numerator, sums.denominator, sums.has_rows, reported, expected)
    shown = figure(amount, is_ratio=indicator.is_ratio)
    return shown.hidden() if cells.is_hidden([Dimension.MONTH], (month,)) else shown


def _month_targets(
    reading: Reading, indicator: Indicator, months: Sequence[dt.date], unit: str | None
) -> dict[dt.date, Decimal]:
    """What each month adds to the expected value; for a ratio the target itself."""
    rows = reading.source.query(
        _TARGETS, {"indicator": indicator.code, "unit": unit, "first": months[0], "last": months[-1]}
    )
    if indicator.is_ratio:
        return {row["month"]: row["target"] for row in rows}
    return {row["month"]: quotient(row["target"] * row["weight"], row["weight_total"]) for row in rows}


# As ``models/stage/span_targets.sql`` has it: a unit's own target comes before the one for each unit.
_TARGETS = """
    SELECT month, target, weight, weight_total
    FROM core.target_months
    JOIN core.indicators USING (indicator)
    WHERE indicator = $indicator
        AND month BETWEEN $first::DATE AND $last::DATE
        AND CASE
            WHEN $unit::VARCHAR IS NULL THEN level = CASE scope WHEN 'county' THEN 'each_unit' ELSE 'city' END
            ELSE unit = $unit OR level = 'each_unit' AND $unit IN (SELECT unit FROM core.units WHERE files)
        END
    QUALIFY row_number() OVER (PARTITION BY month ORDER BY level = 'each_unit') = 1
"""
