"""What readers see: that CURRENT names a whole file, and that it shows all that was checked and decided."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import duckdb

from etl.doctor.findings import Finding, Gravity, some
from warehouse.building import inputs_fingerprint
from warehouse.catalog import Catalog
from warehouse.history.manifest import BadSidecar, Manifest, manifest_in, read_sidecar
from warehouse.opening import open_for_reading
from warehouse.publications import PublicationNotFound, PublicationStore
from warehouse.settings import Home
from warehouse.version import code_version


def look_at_served(home: Home, catalog: Catalog) -> Iterator[Finding]:
    """The current publication, and whether the next one has something to show."""
    store = PublicationStore(home)
    current = store.current_id()
    if current is None:
        if home.landing.exists():
            yield Finding("publication", Gravity.NOTE, "nothing has been published yet", "union7510 ingest")
        return
    yield (served := _served(store, current))
    if served.gravity is not Gravity.SYSTEM:
        yield from _rollback(store)
        yield _newness(store, home, catalog, current)


def _served(store: PublicationStore, current: str) -> Finding:
    remedy = f"union7510 verify {current} says more; union7510 publications rollback ID serves an earlier one"
    try:
        path = store.path(current)
        with closing(open_for_reading(path)) as connection:
            manifest = manifest_in(connection)
        problem = _contradiction(current, manifest, read_sidecar(path), path.stat().st_size)
    except PublicationNotFound:
        kept = some(store.ids()) or "none"
        words = f"CURRENT names publication {current}, and its file is gone; kept are: {kept}"
        return Finding(
            "publication", Gravity.SYSTEM, words, "union7510 rebuild, or rollback to one that is kept"
        )
    except (duckdb.Error, OSError, BadSidecar, ValueError) as error:
        words = f"publication {current} cannot be read: {str(error).strip().splitlines()[0]}"
        return Finding("publication", Gravity.SYSTEM, words, remedy)
    if problem is not None:
        return Finding("publication", Gravity.SYSTEM, problem, remedy)
    through = f", data through {manifest.data_through}" if manifest.data_through else ""
    words = f"{current} of {manifest.built_at[:16]}: {manifest.return_count} returns{through}"
    return Finding("publication", Gravity.FINE, words)


def _contradiction(current: str, manifest: Manifest, sidecar: Manifest | None, found: int) -> str | None:
    if manifest.id != current:
        return f"the file of publication {current} holds publication {manifest.id}"
    if sidecar is not None and sidecar.bytes not in {None, found}:
        return f"the file of publication {current} has {found} bytes, not {sidecar.bytes}"
    return None


def _rollback(store: PublicationStore) -> Iterator[Finding]:
    rollback = store.rollback_in_force()
    if rollback is not None:
        why = f", because: {rollback.note}" if rollback.note else ""
        words = f"{rollback.by} went back from {rollback.left} to {rollback.entered} at {rollback.at}{why}"
        yield Finding("rollback", Gravity.NOTE, words, "mend what was wrong, then union7510 ingest")


def _newness(store: PublicationStore, home: Home, catalog: Catalog, current: str) -> Finding:
    """Whether all that is checked is published, by this catalog and code, or was set aside."""
    if store.is_answered(inputs_fingerprint(home, catalog, code_version())):
        return Finding(
            "newness", Gravity.FINE, f"publication {current} shows all that was checked and decided"
        )
    manifest = store.manifest(current)
    reasons = []
    if manifest.catalog_version != catalog.version:
        reasons.append(f"the catalog was {manifest.catalog_version} and is {catalog.version}")
    if manifest.code_version != code_version():
        reasons.append(f"the code was {manifest.code_version} and is {code_version()}")
    why = "; ".join(reasons) or "something was checked or decided since"
    words = f"publication {current} does not show the newest: {why}"
    return Finding("newness", Gravity.NOTE, words, "union7510 ingest")
