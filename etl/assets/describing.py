"""What Dagster's pages say of a table before it is built: its columns, and where its page of docs/ is.

What belongs here: metadata that follows from the catalog, the contract and the lineage. What does not: what a
run found (``publishing``).
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Mapping
from typing import Any

import dagster as dg

from etl.assets.common import CHECKED
from warehouse.building import Model
from warehouse.building.contract import Contract
from warehouse.building.descriptions import Table, described
from warehouse.building.lineage import RETURNS, load_lineage
from warehouse.building.models import ModelError
from warehouse.building.pages import address
from warehouse.catalog import Catalog

_log = logging.getLogger(__name__)


def key(qualified_name: str) -> dg.AssetKey:
    """The asset of a table: ``core.units`` is core/units."""
    return dg.AssetKey(qualified_name.split("."))


def tables_by_name(catalog: Catalog, models: list[Model]) -> Mapping[str, Table]:
    """The tables as the contract has them, by name; none where the contract is behind the models."""
    contract = Contract.load()
    columns = {
        table: {name: column["type"] for name, column in promise["columns"].items()}
        for table, promise in contract.tables.items()
    }
    known = [model for model in models if model.qualified_name in columns]
    try:
        return {table.name: table for table in described(columns, known, catalog)}
    except ModelError as error:
        _log.warning("assets are without their columns until `make docs` is run: %s", error)
        return {}


def definition_metadata(table: Table | None) -> dict[str, Any]:
    """Columns and docs page of a table."""
    if table is None:
        return {}
    columns = [
        dg.TableColumn(column.name, type=column.sql_type, description=column.comment)
        for column in table.columns
    ]
    return {"dagster/column_schema": dg.TableSchema(columns=columns), "docs": docs_page(address(table))}


def docs_page(path: str) -> dg.MetadataValue[Any]:
    """A page of docs/: a link where ``UNION7510_DOCS`` says where docs/ is shown, else the file."""
    base = os.environ.get("UNION7510_DOCS", "").strip().rstrip("/")
    return dg.MetadataValue.url(f"{base}/{path}") if base else dg.MetadataValue.path(f"docs/{path}")


@functools.cache
def column_lineage() -> Mapping[str, dg.TableColumnLineage]:
    """Of each table, from which columns of other assets its columns come."""
    return {
        table: dg.TableColumnLineage(
            {
                column: [_column_dep(source, source_column) for source, source_column in sources]
                for column, sources in columns.items()
            }
        )
        for table, columns in load_lineage().items()
    }


def _column_dep(source: str, column: str) -> dg.TableColumnDep:
    """What the lake holds is no asset of its own: it is what was checked of a ledger."""
    if source.startswith(RETURNS):
        return dg.TableColumnDep(
            asset_key=dg.AssetKey(CHECKED), column_name=f"{source.removeprefix(RETURNS)}.{column}"
        )
    return dg.TableColumnDep(asset_key=key(source), column_name=column)
