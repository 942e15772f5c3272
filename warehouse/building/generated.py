"""Models whose SQL follows from the catalog alone.

What belongs here: one SELECT an indicator and ledger, or one a ledger, put together by UNION ALL. What does
not: the meaning of filters and terms (``warehouse.catalog.expressions``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warehouse.catalog import Catalog, Indicator, Ledger, LedgerField
from warehouse.catalog.expressions import IN_7510, IN_7510_SQL, identifier, indicator_terms, literal
from warehouse.catalog.formulas import value_column

#: Name of the view in the schema ``mart``.
CONTRIBUTIONS = "indicator_contributions"
#: What is as large as all ledgers together: not stored once more.
VIEWS = frozenset({("mart", CONTRIBUTIONS), ("stage", "events")})


def models(catalog: Catalog) -> Iterable[tuple[str, str, str]]:
    """Schema, name and SQL of each generated model; the SQL begins with its description."""
    yield "mart", CONTRIBUTIONS, contributions(catalog)
    yield "stage", "events", events(catalog)
    yield "stage", "return_sums", return_sums(catalog)


def contributions(catalog: Catalog) -> str:
    """One row an indicator and event that counts for it: the rows behind every figure."""
    parts = [
        _contribution(indicator, ledger)
        for indicator in catalog.indicators
        for ledger in (catalog.ledger_by_name[name] for name in indicator.ledgers)
    ]
    return (
        "-- One row an indicator and event that counts for it: the rows behind every figure. Of a ratio\n"
        "-- the rows of the denominator; those that belong to the numerator have the numerator 1. Over the\n"
        "-- months of a span the numerators add up to the figure of mart.indicator_progress.\n"
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
    {literal(value_column(indicator, ledger))} AS column_name,
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


def return_sums(catalog: Catalog) -> str:
    """One row a return and column that an indicator adds up: its sum over the accepted rows."""
    parts = [
        _return_sums(ledger, fields)
        for ledger in catalog.ledgers
        if (fields := catalog.summed_fields(ledger))
    ]
    return (
        "-- One row a return and column that an indicator adds up: its sum over the accepted rows.\n"
        + "\nUNION ALL\n".join(parts)
    )


def _return_sums(ledger: Ledger, fields: Sequence[LedgerField]) -> str:
    sums = [f"coalesce(sum(CAST({identifier(field.name)} AS DECIMAL(38, 2))), 0)" for field in fields]
    places = range(1, len(fields) + 1)
    totals = ", ".join(f"{total} AS total_{place}" for place, total in zip(places, sums, strict=True))
    labels = ", ".join(
        f"({place}, {literal(field.name)}, {literal(field.title)}, {literal(field.description)})"
        for place, field in zip(places, fields, strict=True)
    )
    choice = " ".join(f"WHEN {place} THEN sums.total_{place}" for place in places)
    return f"""SELECT
    sums.ledger,
    sums.return_id,
    labels.place,
    labels.column_name,
    labels.label_zh,
    labels.label_en,
    CASE labels.place {choice} END AS total
FROM (
    SELECT ledger, return_id, {totals}
    FROM lake.{identifier(ledger.name)}
    GROUP BY ledger, return_id
) AS sums
CROSS JOIN (VALUES {labels}) AS labels(place, column_name, label_zh, label_en)"""


def lake_ledger(ledger: Ledger, rows: str, *, has_stale_rows: bool = True) -> str:
    """One row an accepted row of a ledger in the last batch of its return; ``rows`` has those of all.

    ``has_stale_rows``: there are rows of former checks, too; telling them apart costs a join.
    """
    return f"""SELECT
    {literal(ledger.name)} AS ledger,
    {identifier(ledger.event_date)} AS happened_on,
    {IN_7510_SQL} AS {IN_7510},
    * EXCLUDE (batch_number)
FROM {rows} AS every_batch
{"SEMI JOIN lake.returns USING (return_id, batch_number)" if has_stale_rows else ""}"""


#: A number for an event, the same for rows of a ledger with one natural key. A key is a digest already: two
#: hashes, of all of it and of its second half, tell as much as another digest, in half of the time.
EVENT_NUMBER = (
    "CAST(hash(ledger, events.natural_key) AS UHUGEINT) * 18446744073709551616"
    " + hash(right(events.natural_key, 16))"
)


def lake_rows(catalog: Catalog, event: str = EVENT_NUMBER) -> str:
    """One row an accepted row of any ledger: the number of its sheet, its own, and that of its event.

    Numbers alone, because every row of the lake is among them, and they are read several times.
    """
    return "\nUNION ALL\n".join(
        f"""SELECT
    sheets.sheet_number,
    events."row",
    {event} AS event
FROM lake.{identifier(ledger.name)} AS events
LEFT JOIN lake.sheets USING (ledger, return_id, sheet)"""
        for ledger in catalog.ledgers
    )
