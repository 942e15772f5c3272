"""What all assets share: who answers for them, the pool of the one writer, the writer's lock."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from warehouse import storage
from warehouse.settings import Home

OWNERS = ["team:data-engineering"]

#: Runs in this pool take turns (``concurrency`` in dagster.yaml).
WRITER_POOL = "warehouse_writer"


def writer_lock(home: Home) -> dg.ResourceDefinition:
    """Held from the first step of a run to its last, so that no two runs build from different inputs.

    The operating system frees the lock of a run that is killed.
    """

    def hold(_context: dg.InitResourceContext) -> Iterator[Home]:
        with storage.exclusive(home.root, storage.WRITER_TIMEOUT):
            yield home

    return dg.ResourceDefinition(
        resource_fn=hold, description="The lock that keeps writers of the home folder apart."
    )
