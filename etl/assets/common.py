"""What all assets share: names, owners, the pool and the lock of the one writer, tables to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import dagster as dg

from etl.assets import processes, records
from warehouse import storage
from warehouse.settings import Home

OWNERS = ["team:data-engineering"]

#: Names of the assets that others speak of.
LANDED, CHECKED, PUBLICATION, MISSING = "landed_returns", "checked_returns", "publication", "missing_returns"

#: The step that makes the tables and audits them.
BUILDING = "warehouse_tables"

#: Runs in this pool take turns (``concurrency`` in dagster.yaml).
WRITER_POOL = "warehouse_writer"
WRITER_LOCK = "writer_lock"

#: So many rows of a table are shown.
MOST_ROWS = 200


def writer_lock(home: Home) -> dg.ResourceDefinition:
    """Held from the first step of a run to its last, so that no two runs build from different inputs.

    The operating system frees the lock of a run that is killed.
    """

    def hold(context: dg.InitResourceContext) -> Iterator[Home]:
        run_id = context.run.run_id if context.run is not None else ""
        if context.instance is not None and run_id:
            context.instance.add_run_tags(run_id, {processes.TAG: processes.this_process()})
        with records.kept_open(run_id), storage.exclusive(home.root, storage.WRITER_TIMEOUT):
            yield home

    return dg.ResourceDefinition(
        resource_fn=hold, description="The lock that keeps writers of the home folder apart."
    )


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> dg.TableMetadataValue:
    """Rows as Dagster's pages show them; numbers stay numbers."""
    records = [
        dg.TableRecord({column: _shown(row[column]) for column in columns})
        for _, row in zip(range(MOST_ROWS), rows, strict=False)
    ]
    return dg.MetadataValue.table(
        records, schema=dg.TableSchema(columns=[dg.TableColumn(column) for column in columns])
    )


def _shown(value: object) -> str | int | float | bool:
    if value is None:
        return ""
    return value if isinstance(value, str | int | float | bool) else str(value)
