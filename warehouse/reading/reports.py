"""Which unit owes and has given what for one indicator, month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from warehouse.reading.context import Reading


@dataclass(frozen=True)
class UnitMonth:
    """One unit and month: whether it owes a return, and which of the indicator's ledgers are in force."""

    unit: str
    month: dt.date
    expected: bool
    any_ledger: bool
    all_ledgers: bool


def unit_months(
    reading: Reading, indicator: str, first: dt.date, last: dt.date, units: Collection[str] | None = None
) -> list[UnitMonth]:
    """Every unit and month of the span that owes or has given something; one statement.

    It asks for all months, so that another span of the same indicator needs none.
    """
    return [
        each
        for each in reading.remembered(("reports", indicator), lambda: all_unit_months(reading, indicator))
        if first <= each.month <= last and (units is None or each.unit in units)
    ]


def all_unit_months(reading: Reading, indicator: str) -> list[UnitMonth]:
    """The same of all units and months, which is not remembered."""
    return [UnitMonth(**row) for row in reading.source.query(_UNIT_MONTHS, {"indicator": indicator})]


def owed_and_missing(reports: Iterable[UnitMonth]) -> int:
    """How many reports are owed and have not come in full."""
    return sum(report.expected and not report.all_ledgers for report in reports)


_UNIT_MONTHS = """
    SELECT
        units.unit,
        months.month,
        bool_or(expected_reports.unit IS NOT NULL) AS expected,
        bool_or(ledger_reports.unit IS NOT NULL) AS any_ledger,
        bool_and(ledger_reports.unit IS NOT NULL) AS all_ledgers
    FROM core.indicator_ledgers
    CROSS JOIN core.units
    CROSS JOIN core.months
    LEFT JOIN core.expected_reports
        ON expected_reports.unit = units.unit AND expected_reports.period = months.month
    LEFT JOIN core.ledger_reports
        ON ledger_reports.unit = units.unit
        AND ledger_reports.period = months.month
        AND ledger_reports.ledger = indicator_ledgers.ledger
    WHERE indicator_ledgers.indicator = $indicator
    GROUP BY units.unit, months.month
    HAVING expected OR any_ledger
"""
