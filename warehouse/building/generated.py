"""Models whose SQL follows from the catalog alone.

What belongs here: one SELECT an indicator and ledger, or one a ledger, put together by UNION ALL. What does
not: the meaning of filters and terms (``warehouse.catalog.expressions``).
"""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.catalog import Catalog, Indicator, Ledger
from warehouse.catalog.expressions import identifier, indicator_terms, literal

#: Name of the view in the schema ``mart``.
CONTRIBUTIONS = "indicator_contributions"


def models(catalog: Catalog) -> Iterable[tuple[str, str, str]]:
    """Schema, name and SQL of each generated model; the SQL begins with its description."""
    yield "mart", CONTRIBUTIONS, contributions(catalog)
    yield "stage", "events", events(catalog)


def contributions(catalog: Catalog) -> str:
    """One row an indicator and event that counts for it: the rows behind every figure."""
    parts = [
        _contribution(indicator, ledger)
        for indicator in catalog.indicators
        for ledger in (catalog.ledger_by_name[name] for name in indicator.ledgers)
    ]
    return (
        "-- One row an indicator and event that counts for it: the rows behind every figure. Of a ratio\n"
        "-- the rows of the denominator; those that belong to the numerator have the numerator 1.\n"
    ) + "\nUNION ALL\n".join(parts)


def _contribution(indicator: Indicator, ledger: Ledger) -> str:
    where, numerator, denominator = indicator_terms(indicator)
    return f"""SELECT
    {literal(indicator.code)} AS indicator,
    {literal(ledger.name)} AS ledger,
    return_id,
    sheet,
    "row",
    unit,
    chain,
    cluster,
    month,
    happened_on,
    CAST({numerator} AS DECIMAL(38, 2)) AS numerator,
    CAST({denominator} AS DECIMAL(38, 2)) AS denominator
FROM core.{identifier(ledger.name)}
WHERE {where}"""


def events(catalog: Catalog) -> str:
    """One row an event that counts, of any ledger, with the columns that all ledgers share."""
    parts = [
        f"""SELECT {literal(ledger.name)} AS ledger, return_id, sheet, "row", unit, month, chain, cluster
FROM core.{identifier(ledger.name)}"""
        for ledger in catalog.ledgers
    ]
    return "-- One row an event that counts, of any ledger.\n" + "\nUNION ALL\n".join(parts)


def lake_rows(catalog: Catalog) -> str:
    """One row an accepted row of any ledger, with its natural key."""
    return "\nUNION ALL\n".join(
        f'SELECT ledger, return_id, sheet, "row", natural_key FROM lake.{identifier(ledger.name)}'
        for ledger in catalog.ledgers
    )
