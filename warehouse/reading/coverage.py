"""How much of what should have been reported is in a figure.

The rules are those of ``warehouse/models/stage/coverage.sql``, which counts; here the missing units are named
as well, for any span of months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.reading.context import Reading


@dataclass(frozen=True)
class Span:
    """Months of one indicator, both ends included, given by their first days."""

    indicator: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Coverage:
    """Numbers of units, and the codes of those that have not given all they owe, in code-list order."""

    expected: int
    reported: int
    late: int
    missing: tuple[str, ...]


def coverages(reading: Reading, spans: Sequence[Span], unit: str | None = None) -> list[Coverage]:
    """The coverage of each span, over one unit or all; one statement."""
    rows = reading.source.query(
        _COVERAGES,
        {
            "indicators": [span.indicator for span in spans],
            "firsts": [span.first for span in spans],
            "lasts": [span.last for span in spans],
            "unit": unit,
        },
    )
    found = {
        row["span"]: Coverage(row["expected"], row["reported"], row["late"], tuple(row["missing"] or ()))
        for row in rows
    }
    return [found.get(number, Coverage(0, 0, 0, ())) for number in range(len(spans))]


_COVERAGES = """
    WITH spans AS (
        SELECT
            unnest(range(len($indicators::VARCHAR[]))) AS span,
            unnest($indicators::VARCHAR[]) AS indicator,
            unnest($firsts::DATE[]) AS first_month,
            unnest($lasts::DATE[]) AS last_month
    ),
    owed AS (
        SELECT
            spans.span,
            expected_reports.unit,
            bool_and(ledger_reports.unit IS NOT NULL) AS reported,
            coalesce(bool_or(ledger_reports.late), FALSE) AS late
        FROM spans
        JOIN core.indicator_ledgers USING (indicator)
        JOIN core.expected_reports ON expected_reports.period BETWEEN spans.first_month AND spans.last_month
        LEFT JOIN core.ledger_reports
            ON ledger_reports.unit = expected_reports.unit
            AND ledger_reports.period = expected_reports.period
            AND ledger_reports.ledger = indicator_ledgers.ledger
        WHERE $unit::VARCHAR IS NULL OR expected_reports.unit = $unit
        GROUP BY spans.span, expected_reports.unit
    )
    SELECT
        span,
        count(*) AS expected,
        count(*) FILTER (reported) AS reported,
        count(*) FILTER (reported AND late) AS late,
        list(unit ORDER BY position) FILTER (NOT reported) AS missing
    FROM owed
    JOIN core.units USING (unit)
    GROUP BY span
"""
