"""Whole tables of figures for spreadsheets and notebooks, as Arrow: the same figures that the questions give.

What belongs here: which rows and columns an export has, and hiding in it what the viewer may not see. What
does not: file formats and HTTP (``graphql_api.downloads``).

What is hidden is what ``progress`` and ``breakdown`` hide: they are asked, of the sensitive indicators alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from warehouse.reading.breakdown import breakdown
from warehouse.reading.catalogue import Indicator
from warehouse.reading.cells import Dimension, Filter
from warehouse.reading.context import Reading, today
from warehouse.reading.figures import ValueState
from warehouse.reading.problems import InputProblem, check_month, check_year, month_text
from warehouse.reading.progress import default_through, hidden_of_units
from warehouse.reading.reporting import STATE


@dataclass(frozen=True)
class Asked:
    """Which rows: those of a year through a month; of one measure or unit alone where they are given."""

    year: int
    through: dt.date
    measure: int | None = None
    unit: str | None = None

    @property
    def first(self) -> dt.date:
        """First day of the year."""
        return dt.date(self.year, 1, 1)


def asked(
    reading: Reading,
    year: int | None,
    through: dt.date | None = None,
    measure: int | None = None,
    unit: str | None = None,
) -> Asked:
    """What is asked for; the year and the last month are those of the data where they are left out.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    catalogue = reading.catalogue
    if through is not None:
        check_month("through", through, catalogue.months)
    if year is None:
        year = (through or catalogue.data_through or catalogue.months[0]).year
    check_year("year", year, catalogue.months)
    if through is not None and through.year != year:
        raise InputProblem("through", month_text(through), f"a month of {year}, for example {year}-06")
    catalogue.check_unit(unit)
    catalogue.indicators_of(measure)
    return Asked(year, through or default_through(catalogue, year, today()), measure, unit)


def indicator_progress(reading: Reading, which: Asked) -> pa.Table:
    """One row an indicator, unit (null: the whole city) and month: the value to date against the target."""
    indicators = reading.catalogue.indicators_of(which.measure)
    hidden = _hidden_progress(reading, indicators, which)
    parameters = {**_parameters(which, indicators), **_columns(hidden)}
    return reading.source.arrow(_PROGRESS, parameters)


def indicator_monthly(reading: Reading, which: Asked) -> pa.Table:
    """One row an indicator, unit, chain, cluster and month with rows: what they add up to.

    Of a sensitive indicator those who may not see small numbers get a row a unit and month, with the state
    SUPPRESSED where its value is hidden, and no chain or cluster.
    """
    indicators = reading.catalogue.indicators_of(which.measure)
    sensitive = [each for each in indicators if each.sensitive and not reading.viewer.sees_small_numbers]
    codes = {each.code for each in sensitive}
    whole = _parameters(which, [each for each in indicators if each.code not in codes])
    table = reading.source.arrow(_MONTHLY, {**whole, "own": None})
    if not sensitive:
        return table
    own = reading.source.arrow(_MONTHLY, {**_parameters(which, sensitive), "own": reading.viewer.unit or ""})
    others = reading.source.arrow(_MONTHLY_SHOWN, _columns(_shown_monthly(reading, sensitive, which)))
    parts = [table, own, others.cast(table.schema)]
    return pa.concat_tables(parts).sort_by([("position", "ascending"), ("month", "ascending")])


def reporting_status(reading: Reading, which: Asked) -> pa.Table:
    """One row a unit and month: whether a return is owed, and what has come of it today."""
    return reading.source.arrow(_REPORTING, {**_parameters(which, ()), "today": today()})


#: The exports by their names.
EXPORTS: Mapping[str, Callable[[Reading, Asked], pa.Table]] = {
    "indicator_progress": indicator_progress,
    "indicator_monthly": indicator_monthly,
    "reporting_status": reporting_status,
}
#: Columns that order the rows and are no part of an export.
ORDERING = ("position",)


def _parameters(which: Asked, indicators: Sequence[Indicator]) -> dict[str, Any]:
    common = {"first": which.first, "through": which.through, "unit": which.unit}
    return {**common, "indicators": [each.code for each in indicators]} if indicators else common


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows as one parameter a column; without rows as empty lists."""
    names = rows[0] if rows else ("hidden_indicator", "hidden_unit", "hidden_month")
    return {name: [row[name] for row in rows] for name in names}


def _hidden_progress(reading: Reading, indicators: Sequence[Indicator], which: Asked) -> list[dict[str, Any]]:
    """The figures that the viewer may not see; two statements, and none for who sees all."""
    sensitive = [each for each in indicators if each.sensitive]
    if not sensitive or reading.viewer.sees_small_numbers:
        return []
    months = [month for month in reading.catalogue.months if which.first <= month <= which.through]
    return [
        {"hidden_indicator": indicator, "hidden_unit": unit, "hidden_month": month}
        for indicator, unit, month in hidden_of_units(reading, sensitive, months, which.unit)
    ]


def _shown_monthly(reading: Reading, sensitive: Sequence[Indicator], which: Asked) -> list[dict[str, Any]]:
    """Units' months of sensitive indicators as a breakdown shows them, without those of the viewer's own."""
    where = None if which.unit is None else Filter(units=(which.unit,))
    rows = []
    for indicator in sensitive:
        found = breakdown(
            reading, indicator.code, [Dimension.UNIT, Dimension.MONTH], which.first, which.through, where
        )
        rows += [
            {
                "indicator": indicator.code,
                "unit": group.unit,
                "month": group.month,
                "numerator": group.figure.numerator if indicator.is_ratio else group.figure.value,
                "denominator": group.figure.denominator,
                "value": group.figure.value,
                "state": group.figure.state.value,
            }
            for group in found.groups
            if group.unit != reading.viewer.unit
            and (group.figure.value or group.figure.state is ValueState.SUPPRESSED)
        ]
    names = ("indicator", "unit", "month", "numerator", "denominator", "value", "state")
    return rows or [dict.fromkeys(names)]


_PROGRESS = """
    WITH hidden AS (
        SELECT
            unnest($hidden_indicator::VARCHAR[]) AS indicator,
            unnest($hidden_unit::VARCHAR[]) AS unit,
            unnest($hidden_month::DATE[]) AS month,
            TRUE AS is_hidden
    )
    SELECT
        progress.indicator,
        indicators.name_zh AS indicator_name_zh,
        indicators.name_en AS indicator_name_en,
        indicators.unit_of_measure,
        coalesce(to_json(indicators) ->> 'unit_of_measure_en', indicators.unit_of_measure)
            AS unit_of_measure_en,
        progress.unit,
        coalesce(units.name_zh, '全市') AS unit_name_zh,
        coalesce(units.name_en, 'the whole city') AS unit_name_en,
        progress.from_month,
        progress.month,
        CASE WHEN is_hidden IS NULL THEN progress.value END AS value,
        CASE WHEN is_hidden IS NULL THEN progress.state ELSE 'SUPPRESSED' END AS state,
        CASE WHEN is_hidden IS NULL THEN progress.numerator END AS numerator,
        CASE WHEN is_hidden IS NULL THEN progress.denominator END AS denominator,
        progress.target,
        progress.expected_to_date,
        CASE WHEN is_hidden IS NULL THEN progress.attainment END AS attainment,
        CASE WHEN is_hidden IS NULL THEN progress.gap END AS gap,
        CASE WHEN is_hidden IS NULL OR pace = 'NO_TARGET' THEN pace ELSE 'NOT_REPORTED' END AS pace,
        CASE WHEN is_hidden IS NULL THEN progress.forecast END AS forecast,
        progress.expected_units,
        progress.reported_units,
        progress.late_units
    FROM mart.indicator_progress AS progress
    JOIN core.indicators AS indicators ON indicators.indicator = progress.indicator
    LEFT JOIN core.units AS units ON units.unit = progress.unit
    LEFT JOIN hidden
        ON hidden.indicator = progress.indicator
        AND hidden.unit = progress.unit
        AND hidden.month = progress.month
    WHERE progress.month BETWEEN $first::DATE AND $through::DATE
        AND list_contains($indicators::VARCHAR[], progress.indicator)
        AND ($unit::VARCHAR IS NULL OR progress.unit = $unit)
    ORDER BY indicators.position, units.position NULLS FIRST, progress.month
"""
_NAMED = """
    SELECT
        indicators.position,
        figures.indicator,
        indicators.name_zh AS indicator_name_zh,
        indicators.name_en AS indicator_name_en,
        indicators.unit_of_measure,
        coalesce(to_json(indicators) ->> 'unit_of_measure_en', indicators.unit_of_measure)
            AS unit_of_measure_en,
        figures.unit,
        units.name_zh AS unit_name_zh,
        units.name_en AS unit_name_en,
        figures.chain,
        figures.cluster,
        figures.month,
        CAST(figures.numerator AS DECIMAL(38, 2)) AS numerator,
        CAST(figures.denominator AS DECIMAL(38, 2)) AS denominator,
        CAST(figures.value AS DECIMAL(38, 6)) AS value,
        figures.state
    FROM figures
    JOIN core.indicators AS indicators ON indicators.indicator = figures.indicator
    JOIN core.units AS units ON units.unit = figures.unit
    ORDER BY
        indicators.position, figures.month, units.position, figures.chain NULLS FIRST,
        figures.cluster NULLS FIRST
"""
_MONTHLY = f"""
    WITH figures AS (
        SELECT
            monthly.indicator,
            unit,
            chain,
            cluster,
            month,
            numerator,
            denominator,
            CASE
                WHEN NOT is_ratio THEN numerator
                WHEN denominator <> 0 THEN round(100 * CAST(numerator AS DECIMAL(38, 8)) / denominator, 6)
            END AS value,
            CASE
                WHEN is_ratio AND coalesce(denominator, 0) = 0 THEN 'NOT_APPLICABLE'
                WHEN numerator = 0 THEN 'ZERO'
                ELSE 'REPORTED'
            END AS state
        FROM mart.indicator_monthly AS monthly
        JOIN core.indicators AS declared ON declared.indicator = monthly.indicator
        WHERE month BETWEEN $first::DATE AND $through::DATE
            AND list_contains($indicators::VARCHAR[], monthly.indicator)
            AND ($unit::VARCHAR IS NULL OR unit = $unit)
            AND ($own::VARCHAR IS NULL OR unit = $own)
    )
    {_NAMED}
"""
_MONTHLY_SHOWN = f"""
    WITH figures AS (
        SELECT
            unnest($indicator::VARCHAR[]) AS indicator,
            unnest($unit::VARCHAR[]) AS unit,
            CAST(NULL AS VARCHAR) AS chain,
            CAST(NULL AS VARCHAR) AS cluster,
            unnest($month::DATE[]) AS month,
            unnest($numerator::DECIMAL(38, 2)[]) AS numerator,
            unnest($denominator::DECIMAL(38, 2)[]) AS denominator,
            unnest($value::DECIMAL(38, 6)[]) AS value,
            unnest($state::VARCHAR[]) AS state
    )
    {_NAMED}
"""
_REPORTING = f"""
    SELECT
        status.unit,
        units.name_zh AS unit_name_zh,
        units.name_en AS unit_name_en,
        period AS month,
        due_on,
        {STATE} AS state,
        expected,
        received_at,
        return_id,
        ledgers_reported,
        ledgers_nil,
        ledgers_missing
    FROM mart.reporting_status AS status
    JOIN core.units AS units ON units.unit = status.unit
    WHERE period BETWEEN $first::DATE AND $through::DATE
        AND ($unit::VARCHAR IS NULL OR status.unit = $unit)
    ORDER BY period, units.position
"""
