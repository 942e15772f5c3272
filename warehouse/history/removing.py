"""Removing old publications, which nothing else does.

What belongs here: what may go, and letting it go so that a crash leaves nothing wrong. What does not: the
locks that tell who reads a file (``in_use``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from warehouse import storage
from warehouse.history import in_use
from warehouse.history.log import ROLLBACK, Removed
from warehouse.history.manifest import BadSidecar, read_sidecar, sidecar_of
from warehouse.publications import LOCK_TIMEOUT, PublicationStore

#: So many files are locked at the same time.
_AT_ONCE = 100


@dataclass(frozen=True)
class Kept:
    """A publication that stays, and why: ``newest``, ``current``, ``rolled back to`` or ``in use``."""

    id: str
    reason: str


@dataclass(frozen=True)
class Removal:
    """What one call kept and removed; ``leftovers`` are sidecars whose publication was gone already."""

    kept: tuple[Kept, ...]
    removed: tuple[Removed, ...]
    leftovers: tuple[str, ...]


def remove_old(
    store: PublicationStore,
    keep: int,
    *,
    rolled_back_to: bool = False,
    dry_run: bool = False,
    by: str | None = None,
) -> Removal:
    """Removes all publications but the newest ``keep``, the current one, and those that somebody reads.

    One that CURRENT was once rolled back to is known to be good and stays, unless ``rolled_back_to``. With
    ``dry_run`` nothing is removed, only told. Killed at any moment, it leaves whole publications and at most
    sidecars without one, which the next call removes.

    Raises:
        ValueError: ``keep`` is not positive.
        storage.Busy: another publication is going live for too long.
    """
    if keep < 1:
        raise ValueError("at least one publication must be kept")
    with storage.exclusive(store.root, LOCK_TIMEOUT):
        kept, candidates = _sorted_out(store, keep, rolled_back_to=rolled_back_to)
        removed: list[Removed] = []
        for start in range(0, len(candidates), _AT_ONCE):
            with ExitStack() as locks:
                going = _lock_all(store, candidates[start : start + _AT_ONCE], locks)
                if not dry_run:
                    _remove(store, going, by)
                removed += going.values()
        orphans = _orphans(store)
        if orphans and not dry_run:
            _unlink(store, orphans)
    gone = {one.id for one in removed}
    kept += [Kept(candidate, "in use") for candidate in candidates if candidate not in gone]
    kept.sort(key=lambda one: int(one.id))
    return Removal(tuple(kept), tuple(removed), tuple(path.name for path in orphans))


def _sorted_out(store: PublicationStore, keep: int, *, rolled_back_to: bool) -> tuple[list[Kept], list[str]]:
    """What stays whoever reads it, and what may go."""
    ids, current = store.ids(), store.current_id()
    newest = set(ids[-keep:])
    entered = {entry.entered for entry in store.log.entries() if entry.action == ROLLBACK}
    kept, candidates = [], []
    for publication_id in ids:
        if publication_id == current:
            kept.append(Kept(publication_id, "current"))
        elif publication_id in newest:
            kept.append(Kept(publication_id, "newest"))
        elif publication_id in entered and not rolled_back_to:
            kept.append(Kept(publication_id, "rolled back to"))
        else:
            candidates.append(publication_id)
    return kept, candidates


def _lock_all(store: PublicationStore, ids: Sequence[str], locks: ExitStack) -> dict[Path, Removed]:
    """Those that nobody reads, kept from our readers until the locks are closed."""
    going = {}
    for publication_id in ids:
        path = store.path(publication_id)
        lock = in_use.lock_unused(path)
        if lock is not None:
            locks.callback(os.close, lock)
            going[path] = Removed(publication_id, path.stat().st_size, _digest(path))
    return going


def _digest(file: Path) -> str | None:
    """The digest that the sidecar tells."""
    try:
        sidecar = read_sidecar(file)
    except BadSidecar:
        return None
    return sidecar.sha256 if sidecar is not None else None


def _orphans(store: PublicationStore) -> list[Path]:
    """Sidecars without their publication: of a publish or a removal that was killed."""
    known = {sidecar_of(store.path(publication_id)) for publication_id in store.ids()}
    return sorted({*store.root.glob("warehouse-*.json")} - known)


def _remove(store: PublicationStore, going: Mapping[Path, Removed], by: str | None) -> None:
    if going:
        store.log.removal(tuple(going.values()), by)
        # The file first: a file without a sidecar would look like one from before there were any.
        _unlink(store, [path for file in going for path in (file, sidecar_of(file))])


def _unlink(store: PublicationStore, paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
    storage.sync_folder(store.root)
