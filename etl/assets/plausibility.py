"""One check a ledger that warns: do its last months look as months of this ledger do?

What belongs here: what is judged, and how it is told. What does not: rules for rows and returns
(``etl.intake``), audits, which stop a publication (``warehouse/audits``).
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import dagster as dg

from etl.assets.asking import ask
from etl.assets.common import table
from warehouse.catalog import Catalog

NAME = "recent_months_are_plausible"
#: So many of a ledger's last months with reports are judged; all are shown.
JUDGED_MONTHS = 3
#: A larger share of held-out rows is no matter of single cells any more, in per cent.
MOST_HELD_OUT = 5.0

_COLUMNS = (
    *("month", "units", "late_units", "rows_accepted", "rows_held_out", "held_out_percent", "outliers"),
)


def specs(catalog: Catalog) -> Iterator[dg.AssetCheckSpec]:
    """One check a ledger."""
    for ledger in catalog.ledgers:
        yield dg.AssetCheckSpec(
            NAME,
            asset=dg.AssetKey(["core", ledger.name]),
            description=(
                f"Warns when in the last {JUDGED_MONTHS} months with reports a unit was late, more than"
                f" {MOST_HELD_OUT:g} % of the rows are held out, or figures are far from a unit's own history"
                " (R401). Stops nothing."
            ),
        )


def results(catalog: Catalog, file: Path) -> list[dg.AssetCheckResult]:
    """What the checks find in a built file."""
    rows = ask(file, "plausible", {"judged": JUDGED_MONTHS})
    by_ledger = {ledger: list(some) for ledger, some in groupby(rows, key=itemgetter("ledger"))}
    return [_result(ledger.name, by_ledger.get(ledger.name, [])) for ledger in catalog.ledgers]


def _result(ledger: str, months: list[dict[str, Any]]) -> dg.AssetCheckResult:
    odd = [words for month in months if month["recent"] and (words := _odd(month))]
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(["core", ledger]),
        check_name=NAME,
        passed=not odd,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(odd) or f"{len(months)} months with reports, the last ones as usual",
        metadata={"months": table(_COLUMNS, months)},
    )


def _odd(month: dict[str, Any]) -> str:
    found = []
    if month["late_units"]:
        found.append(f"{month['late_units']} of {month['units']} units late")
    if (month["held_out_percent"] or 0.0) > MOST_HELD_OUT:
        found.append(f"{month['held_out_percent']:g} % of the rows held out")
    if month["outliers"]:
        found.append(f"{month['outliers']} returns far from their unit's history (R401)")
    return f"{month['month']}: {', '.join(found)}" if found else ""
