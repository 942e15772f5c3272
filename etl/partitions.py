"""The months of the programme as Dagster partitions, and which of them a run covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import dagster as dg

from warehouse.catalog import Catalog

MONTH_FORMAT = "%Y-%m"

# Dagster's own names of the tags that make one run cover a range of partitions.
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"


def month_partitions(catalog: Catalog) -> dg.MonthlyPartitionsDefinition:
    """Every month of the programme, those to come included: a return may arrive early."""
    months = catalog.programme.months
    return dg.MonthlyPartitionsDefinition(
        start_date=f"{months[0]:%Y-%m}",
        end_date=f"{months[-1] + dt.timedelta(days=31):%Y-%m}",
        end_offset=len(months),
        fmt=MONTH_FORMAT,
        timezone=catalog.programme.time_zone,
    )


def range_tags(months: Sequence[str]) -> dict[str, str]:
    """Tags of a run that covers all of ``months`` (``YYYY-MM``) at once."""
    return {_RANGE_START: min(months), _RANGE_END: max(months)}


def months_of(context: dg.AssetExecutionContext) -> list[dt.date]:
    """First days of the months that the run covers."""
    return [dt.date.fromisoformat(f"{key}-01") for key in context.partition_keys]
