"""What changed in the figures between two publications, as a viewer may see it.

What belongs here: pages of changed months. What does not: why they changed (``warehouse.history.comparing``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from warehouse.history.comparing import compared_months
from warehouse.publications import PublicationNotFound, PublicationStore
from warehouse.reading.pages import Page, decode_cursor, encode_cursor, page
from warehouse.reading.problems import InputProblem, check_page_size
from warehouse.reading.viewer import Viewer


@dataclass(frozen=True)
class Change:
    """A month's own value on both sides; ``unit`` None is the whole city. ``place`` is that in the list."""

    place: int
    indicator: str
    unit: str | None
    month: dt.date
    before: Decimal | None
    after: Decimal | None


def changes(
    store: PublicationStore,
    viewer: Viewer,
    before: str,
    after: str,
    first: int = 100,
    cursor: str | None = None,
) -> Page[Change]:
    """A page of changed months: the city before its units, then by indicator and month.

    Of sensitive indicators those who may not see small numbers get the city's months only: two values that
    are shown could tell by their difference one that is not.

    Raises:
        InputProblem: an argument that cannot be answered.
    """
    check_page_size(first)
    key = decode_cursor("changes", [int], cursor)
    sides = [_known(store, argument, name) for argument, name in (("from", before), ("to", after))]
    last = int(key[0]) if key else 0
    asked: Mapping[str, Any] = {
        "sees_all": viewer.sees_small_numbers,
        "own_unit": viewer.unit,
        "after": last,
        "until": last + first + 1,
    }
    # The first row comes along on every page: it tells how long the list is.
    rows = compared_months(store, sides[0], sides[1], _SHOWN, asked)
    total = rows[0]["total"] if rows else 0
    found = [Change(**{name: row[name] for name in _NAMES}) for row in rows if row["place"] > last]
    return page(found, first, cursor, total, lambda each: encode_cursor("changes", each.place))


def _known(store: PublicationStore, argument: str, publication_id: str) -> str:
    try:
        return store.full_id(publication_id)
    except PublicationNotFound:
        expected = "the id of a publication as publications lists it"
        raise InputProblem(argument, publication_id, expected) from None


_SHOWN = """
    WITH sensitive AS (
        SELECT indicator FROM earlier.core.indicators WHERE sensitive
        UNION
        SELECT indicator FROM later.core.indicators WHERE sensitive
    ),
    placed AS (
        SELECT
            row_number() OVER (ORDER BY units.position NULLS FIRST, indicators.position, last_month) AS place,
            count(*) OVER () AS total,
            compared_figures.indicator,
            compared_figures.unit,
            last_month AS month,
            value_before AS before,
            value_after AS after
        FROM compared_figures
        JOIN indicators ON indicators.indicator = compared_figures.indicator
        LEFT JOIN units ON units.unit = compared_figures.unit
        WHERE NOT is_total
            AND value_before IS DISTINCT FROM value_after
            AND (
                $sees_all OR compared_figures.unit IS NULL OR compared_figures.unit = $own_unit::VARCHAR
                OR compared_figures.indicator NOT IN (FROM sensitive)
            )
    )
    FROM placed
    WHERE place = 1 OR place > $after AND place <= $until
    ORDER BY place
"""
_NAMES = [each.name for each in fields(Change)]
