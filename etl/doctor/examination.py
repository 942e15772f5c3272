"""The whole examination, from the ground up: what lies deeper is told first."""

from __future__ import annotations

from collections.abc import Iterator

from etl.doctor.findings import Finding, Gravity
from etl.doctor.folders import look_at_folders
from etl.doctor.installation import look_at_installation
from etl.doctor.landed import look_at_landed
from etl.doctor.reported import look_at_reported
from etl.doctor.served import look_at_served
from warehouse.catalog import Catalog, CatalogError, load_catalog
from warehouse.settings import Home


def examine(home: Home) -> Iterator[Finding]:
    """Everything that is looked at, fine or not; writes nothing below ``home``.

    Without a catalog nothing can be said of the data.
    """
    yield from look_at_installation()
    try:
        catalog = load_catalog()
    except CatalogError as error:
        yield Finding("catalog", Gravity.SYSTEM, str(error), "mend the file and line that it names")
        return
    yield _catalog(catalog)
    yield from look_at_folders(home)
    yield from look_at_landed(home, catalog)
    yield from look_at_served(home, catalog)
    yield from look_at_reported(home, catalog)


def _catalog(catalog: Catalog) -> Finding:
    counts = (
        f"{len(catalog.ledgers)} ledgers, {len(catalog.indicators)} indicators, {len(catalog.units)} units"
    )
    return Finding("catalog", Gravity.FINE, f"version {catalog.version}: {counts}")
