"""What was received: that its bytes are there, that it was checked, and that its receipt was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.doctor.findings import Finding, Gravity, some
from etl.processing import pending
from warehouse.catalog import Catalog
from warehouse.landing import Landing, Reception
from warehouse.settings import Home


def look_at_landed(home: Home, catalog: Catalog) -> Iterator[Finding]:
    """Bytes, checks and receipts of all returns."""
    landing = Landing(home)
    try:
        receptions = landing.receptions()
    except (OSError, ValueError, TypeError) as error:
        words = f"the manifests in {landing.manifests} cannot be read: {error}"
        yield Finding("landing", Gravity.SYSTEM, words, "restore landing/returns from a backup")
        return
    if not receptions:
        yield Finding("landing", Gravity.NOTE, "no return has been received", "union7510 submit FILE…")
        return
    yield _bytes(landing, receptions)
    waiting = pending(home, catalog)
    yield _checked(receptions, waiting)
    yield _receipts(home, receptions, waiting)


def _bytes(landing: Landing, receptions: Sequence[Reception]) -> Finding:
    """Whether each landed file is there; its digest is for ``union7510 verify``."""
    paths = {one.return_id: landing.landed(one) for one in receptions}
    lost = [return_id for return_id, path in paths.items() if path is not None and not path.is_file()]
    if lost:
        words = f"the files of {len(lost)} returns are gone from landing/files: {some(lost)}"
        return Finding("landing", Gravity.SYSTEM, words, "restore them from a backup, or ask the units again")
    return Finding("landing", Gravity.FINE, f"{len(receptions)} returns with their files")


def _checked(receptions: Sequence[Reception], waiting: Sequence[Reception]) -> Finding:
    if waiting:
        words = (
            f"{len(waiting)} of {len(receptions)} returns wait to be checked, by this catalog and code, or"
            f" after a decision: {some(one.return_id for one in waiting)}"
        )
        return Finding("checks", Gravity.NOTE, words, "union7510 ingest")
    return Finding(
        "checks", Gravity.FINE, f"all {len(receptions)} returns are checked by this catalog and code"
    )


def _receipts(home: Home, receptions: Sequence[Reception], waiting: Sequence[Reception]) -> Finding:
    awaited = {one.return_id for one in waiting}
    missing = [
        one.return_id
        for one in receptions
        if one.return_id not in awaited and not (home.receipts / f"{one.return_id}.json").is_file()
    ]
    if missing:
        words = f"the receipts of {len(missing)} checked returns are gone: {some(missing)}"
        return Finding("receipts", Gravity.SYSTEM, words, "union7510 rebuild writes them again")
    return Finding("receipts", Gravity.FINE, "every checked return has its receipt")
