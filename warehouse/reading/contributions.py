"""The rows that count in a figure, down to workbook, sheet and row."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from warehouse.reading.context import Reading
from warehouse.reading.coverage import Span
from warehouse.reading.pages import Page, decode_cursor, encode_cursor, page
from warehouse.reading.problems import InputProblem, check_page_size


@dataclass(frozen=True)
class Contribution:
    """One row: what it adds to the figure (to the numerator of a ratio), and where it stands."""

    ledger: str
    unit: str
    happened_on: dt.date
    value: Decimal
    return_id: str
    sheet: str
    row: int


def contributions(
    reading: Reading, spans: Sequence[Span], unit: str | None, first: int = 20, after: str | None = None
) -> list[Page[Contribution]]:
    """One page of rows of each span, by date; two statements.

    Raises:
        Forbidden: the viewer may not see rows.
        InputProblem: an argument that cannot be answered.
    """
    reading.viewer.require_rows(unit)
    check_page_size(first)
    key = decode_cursor("contributions", [str, str, str, str, int], after)
    parameters = {
        "indicators": [span.indicator for span in spans],
        "firsts": [span.first for span in spans],
        "lasts": [span.last for span in spans],
        "unit": unit,
    }
    totals = {
        row["span"]: row["total"]
        for row in reading.source.query(
            f"{_SPANS} SELECT span, count(*) AS total FROM counted GROUP BY span", parameters
        )
    }
    found: dict[int, list[Contribution]] = defaultdict(list)
    beyond, place = _beyond(key, after)
    for row in reading.source.query(
        f"{_SPANS} SELECT * FROM counted {beyond} {_FIRST}",
        {**parameters, **place, "rows": first + 1},
    ):
        found[row.pop("span")].append(Contribution(**row))
    return [page(found[number], first, after, totals.get(number, 0), _cursor) for number in range(len(spans))]


def _beyond(key: tuple[str | int, ...] | None, after: str | None) -> tuple[str, dict[str, Any]]:
    """The condition that leaves out everything up to the cursor, and its parameters."""
    if key is None:
        return "", {}
    try:
        day = dt.date.fromisoformat(str(key[0]))
    except ValueError:
        raise InputProblem("after", after, "a cursor of this list as pageInfo.endCursor gives it") from None
    condition = (
        "WHERE (happened_on, ledger, return_id, sheet, row)"
        " > ($day::DATE, $ledger::VARCHAR, $return_id::VARCHAR, $sheet::VARCHAR, $row::BIGINT)"
    )
    return condition, {
        "day": day, "ledger": key[1], "return_id": key[2], "sheet": key[3], "row": key[4]
    }  # fmt: skip


def _cursor(each: Contribution) -> str:
    return encode_cursor(
        "contributions", each.happened_on.isoformat(), each.ledger, each.return_id, each.sheet, each.row
    )


_SPANS = """
    WITH spans AS (
        SELECT
            unnest(range(len($indicators::VARCHAR[]))) AS span,
            unnest($indicators::VARCHAR[]) AS indicator,
            unnest($firsts::DATE[]) AS first_month,
            unnest($lasts::DATE[]) AS last_month
    ),
    counted AS (
        SELECT
            span, ledger, unit, happened_on, coalesce(numerator, 0) AS value, return_id, sheet, "row"
        FROM mart.indicator_contributions AS rows
        JOIN spans
            ON spans.indicator = rows.indicator
            AND rows.month BETWEEN spans.first_month AND spans.last_month
        WHERE $unit::VARCHAR IS NULL OR rows.unit = $unit
    )
"""
_FIRST = """
    QUALIFY
        row_number() OVER (PARTITION BY span ORDER BY happened_on, ledger, return_id, sheet, "row") <= $rows
    ORDER BY span, happened_on, ledger, return_id, sheet, "row"
"""
