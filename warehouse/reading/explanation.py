"""One figure down to its cells: what it is made of, and where every row of it stands.

What belongs here: the figure, its formula, and its rows with return, file, sheet and cell. What does not:
pages of rows for a service (``contributions``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from warehouse.reading.context import Reading
from warehouse.reading.progress import Progress, progress


@dataclass(frozen=True)
class Row:
    """One row that counts: what it adds, and where it stands; ``cell`` where the publication knows it."""

    ledger: str
    unit: str
    month: dt.date
    happened_on: dt.date
    numerator: Decimal
    denominator: Decimal | None
    return_id: str
    file_name: str
    sha256: str
    sheet: str
    row: int
    column_name: str | None
    cell: str | None


@dataclass(frozen=True)
class Part:
    """What the rows of one unit add up to."""

    unit: str
    row_count: int
    numerator: Decimal
    denominator: Decimal | None


@dataclass(frozen=True)
class Explanation:
    """A figure and the first rows behind it, by unit and date; ``parts`` and ``row_count`` tell of all.

    The numerators of all rows add up to the value; of a ratio the value is 100 × numerators ÷ denominators.
    """

    publication_id: str
    progress: Progress
    formula_zh: str | None
    formula_en: str | None
    row_count: int
    parts: tuple[Part, ...]
    rows: tuple[Row, ...]


def explain(
    reading: Reading,
    indicator: str,
    year: int,
    through: dt.date | None = None,
    unit: str | None = None,
    limit: int | None = None,
) -> Explanation:
    """Explains one figure of ``progress``.

    Args:
        reading: Who reads what.
        indicator: Code.
        year: A year of the programme.
        through: First day of the last month counted; by default the last month with data, within the year.
        unit: Code of a unit; the whole city when None.
        limit: So many rows at most; all when None.

    Raises:
        Forbidden: the viewer may not see rows.
        InputProblem: an argument that cannot be answered.
    """
    reading.viewer.require_rows(unit)
    reading.catalogue.indicator(indicator)
    [figure] = progress(reading, year, through, [indicator], unit=unit)
    asked = {"indicator": indicator, "first": figure.first, "last": figure.through, "unit": unit}
    query = reading.source.query
    parts = tuple(Part(**row) for row in query(f"{_COUNTED} {_PARTS}", asked))
    known = {(row["table_name"], row["column_name"]) for row in query(_KNOWN_COLUMNS)}
    has_cells = {("sheets", "layout"), ("indicator_contributions", "column_name")} <= known
    rows = query(f"{_COUNTED} {_ROWS_WITH_CELLS if has_cells else _ROWS}", {**asked, "limit": limit})
    formula = _formula(reading, indicator) if ("indicators", "formula_zh") in known else {}
    return Explanation(
        publication_id=reading.source.publication_id,
        progress=figure,
        formula_zh=formula.get("formula_zh"),
        formula_en=formula.get("formula_en"),
        row_count=sum(part.row_count for part in parts),
        parts=parts,
        rows=tuple(Row(**row) for row in rows),
    )


def _formula(reading: Reading, indicator: str) -> dict[str, Any]:
    [row] = reading.source.query(
        "SELECT formula_zh, formula_en FROM core.indicators WHERE indicator = $indicator",
        {"indicator": indicator},
    )
    return row


#: Publications from before there were cells and formulas lack these columns.
_KNOWN_COLUMNS = """
    SELECT table_name, column_name
    FROM information_schema.columns
    WHERE (table_schema, table_name) IN
        (('core', 'sheets'), ('core', 'indicators'), ('mart', 'indicator_contributions'))
"""
_COUNTED = """
    WITH counted AS (
        FROM mart.indicator_contributions
        WHERE indicator = $indicator
            AND month BETWEEN $first::DATE AND $last::DATE
            AND ($unit::VARCHAR IS NULL OR unit = $unit)
    )
"""
_PARTS = """
    SELECT
        counted.unit,
        count(*) AS row_count,
        sum(counted.numerator) AS numerator,
        sum(counted.denominator) AS denominator
    FROM counted
    JOIN core.units USING (unit)
    GROUP BY counted.unit, units.position
    ORDER BY units.position
"""
_WHERE_IT_STANDS = """
        counted.ledger,
        counted.unit,
        counted.month,
        counted.happened_on,
        counted.numerator,
        counted.denominator,
        counted.return_id,
        returns.file_name,
        returns.sha256,
        counted.sheet,
        counted."row",
"""
_FIRST = """
    ORDER BY
        units.position, counted.happened_on, counted.ledger, counted.return_id, counted.sheet, counted."row"
    LIMIT $limit
"""
_ROWS = f"""
    SELECT {_WHERE_IT_STANDS}
        CAST(NULL AS VARCHAR) AS column_name,
        CAST(NULL AS VARCHAR) AS cell
    FROM counted
    JOIN core.units USING (unit)
    JOIN core.returns AS returns USING (return_id)
    {_FIRST}
"""
_ROWS_WITH_CELLS = f"""
    SELECT {_WHERE_IT_STANDS}
        counted.column_name,
        layouts.letter || counted."row" AS cell
    FROM counted
    JOIN core.units USING (unit)
    JOIN core.returns AS returns USING (return_id)
    LEFT JOIN core.sheets AS sheets
        ON sheets.return_id = counted.return_id
        AND sheets.ledger = counted.ledger
        AND sheets.sheet = counted.sheet
    LEFT JOIN core.sheet_layouts AS layouts
        ON layouts.layout = sheets.layout
        AND layouts.column_name = counted.column_name
    {_FIRST}
"""
