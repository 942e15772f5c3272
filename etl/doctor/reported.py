"""What the units have reported: what has not come, was refused or held out, and corrections that are stale.

All of it is asked of the current publication.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb

from etl.deciding.wording import stale_words
from etl.doctor.findings import Finding, Gravity, some
from warehouse.catalog import Catalog
from warehouse.publications import NoPublication, PublicationNotFound, PublicationStore, Reader, Readers
from warehouse.reading.context import today
from warehouse.reading.decisions import stale_corrections
from warehouse.settings import Home


def look_at_reported(home: Home, catalog: Catalog) -> Iterator[Finding]:
    """Problems of the data, by subject; nothing where there is no publication that can be read."""
    try:
        with Readers(PublicationStore(home)).open() as reader:
            yield _awaited(reader, catalog, today())
            yield from _refused(reader)
            yield _held_out(reader)
            yield _corrections(reader, catalog)
    except (NoPublication, PublicationNotFound, OSError):
        return  # told where the publication was looked at
    except duckdb.Error as error:
        words = f"the publication cannot answer: {str(error).strip().splitlines()[0]}"
        yield Finding("reporting", Gravity.SYSTEM, words, "union7510 rebuild makes one of today's form")


def _awaited(reader: Reader, catalog: Catalog, now: dt.date) -> Finding:
    months = reader.query(_AWAITED, {"today": now})
    if not months:
        return Finding("reporting", Gravity.FINE, "every return that is due has come")
    names = {one.unit: one.name_zh for one in catalog.units}
    returns = sum(len(month["units"]) for month in months)
    told = some(_month_words(month, names) for month in months)
    remedy = "remind the units: union7510 template --all --period MONTH -o DIR writes their forms"
    return Finding("reporting", Gravity.DATA, f"{returns} returns are due and have not come: {told}", remedy)


def _month_words(month: dict[str, Any], names: dict[str, str]) -> str:
    period, units = f"{month['period']:%Y-%m}", month["units"]
    if len(units) == month["expected"]:
        return f"{period} (no unit has reported)"
    return f"{period} ({some(names.get(unit, unit) for unit in units)})"


def _refused(reader: Reader) -> Iterator[Finding]:
    rows = reader.query(_REFUSED)
    if not rows:
        yield Finding("refused", Gravity.FINE, "no refused return waits for another one")
        return
    told = some(f"{row['return_id']} {row['file_name']} ({row['rules']})" for row in rows)
    remedy = (
        "send the receipt back (union7510 receipt RETURN) and wait for a corrected file; "
        "union7510 withdraw RETURN settles one that nothing will follow"
    )
    yield Finding(
        "refused", Gravity.DATA, f"{len(rows)} returns were refused and not replaced: {told}", remedy
    )


def _held_out(reader: Reader) -> Finding:
    rows = reader.query(_HELD_OUT)
    if not rows:
        return Finding("rows", Gravity.FINE, "no row of a return in force is held out")
    held_out = sum(row["rows_held_out"] for row in rows)
    told = some(f"{row['return_id']} ({row['rows_held_out']})" for row in rows)
    remedy = "union7510 receipt RETURN marks the cells; the unit sends a corrected file"
    return Finding(
        "rows", Gravity.DATA, f"{held_out} rows of {len(rows)} returns do not count: {told}", remedy
    )


def _corrections(reader: Reader, catalog: Catalog) -> Finding:
    stale = stale_corrections(reader)
    if not stale:
        return Finding("corrections", Gravity.FINE, "no correction is stale")
    words = " ".join(stale_words(one, catalog).in_line for one in stale)
    return Finding("corrections", Gravity.DATA, words)


_AWAITED = """
    SELECT
        period,
        count(*) AS expected,
        list(unit ORDER BY position) FILTER (return_id IS NULL) AS units
    FROM mart.reporting_status
    JOIN core.units USING (unit)
    WHERE expected AND due_on < $today::DATE
    GROUP BY period
    HAVING count(*) FILTER (return_id IS NULL) > 0
    ORDER BY period DESC
"""
_REFUSED = """
    SELECT
        refused.return_id,
        refused.file_name,
        string_agg(DISTINCT issues.rule, ', ' ORDER BY issues.rule) AS rules
    FROM core.returns AS refused
    LEFT JOIN core.issues ON issues.return_id = refused.return_id AND issues.severity = 'fatal'
    WHERE refused.status = 'REJECTED'
        AND NOT refused.withdrawn
        AND NOT EXISTS (
            FROM core.returns AS later
            WHERE later.unit = refused.unit
                AND later.period = refused.period
                AND later.sequence > refused.sequence
                AND later.status <> 'REJECTED'
        )
    GROUP BY ALL
    ORDER BY refused.return_id DESC
"""
_HELD_OUT = """
    SELECT return_id, rows_held_out
    FROM core.returns
    WHERE status = 'ACCEPTED_WITH_ISSUES' AND rows_held_out > 0
    ORDER BY return_id DESC
"""
