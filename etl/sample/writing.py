"""From a call to files: which returns are asked for, and their workbooks in a directory.

What belongs here: the arguments, the batches. What does not: rows (``generation``), the workbooks and their
names (``etl.template``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb

from etl.sample.generation import Generator, Report, filing_units
from etl.sample.profile import SampleError, load_profile
from etl.template import file_name
from etl.template.workbook import FormWriter
from warehouse.catalog import Catalog, Unit
from warehouse.storage import write_file

#: A sheet holds no more rows than this, below its title and header.
MAXIMUM_ROWS = 1_048_000
#: Rows of a ledger that are drawn at once, which bounds the memory of large samples.
_ROWS_AT_ONCE = 50_000


def write_samples(
    directory: Path,
    catalog: Catalog,
    *,
    year: int = 2024,
    months: int = 6,
    units: Sequence[str] | None = None,
    seed: int = 7510,
    rows: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Path]:
    """Writes one synthetic workbook for each unit and month; the same call gives the same bytes.

    Args:
        directory: where the workbooks go; made when it is missing, files of the same name are replaced.
        catalog: ledgers, units, chains, clusters and rates.
        year: a year of the programme.
        months: so many months from January on, 1 to 12.
        units: codes or names of units that send returns; None: all of them.
        seed: another seed gives other rows.
        rows: so many rows in every ledger of every workbook; None: as many as is plausible.
        progress: called after each workbook with its number, the number of all, and its file name.

    Returns:
        The paths, by month and then by unit in the order of the code list.

    Raises:
        SampleError: an unknown unit, a year outside the programme, or a number out of its range.
    """
    periods = _periods(catalog, year, months)
    chosen = _chosen_units(catalog, units)
    if rows is not None and not 1 <= rows <= MAXIMUM_ROWS:
        raise SampleError(f"rows is {rows}; a ledger takes 1 to {MAXIMUM_ROWS} rows")
    profile = load_profile(catalog)
    reports = [(unit.unit, period) for period in periods for unit in chosen if unit.owes_return(period)]
    writer = FormWriter(catalog, guided=False, mark=profile.mark)
    written: list[Path] = []
    with duckdb.connect() as connection:
        generator = Generator(connection, catalog, profile, seed, rows)
        for batch in _batches(reports, rows):
            drawn = generator.draw(batch)
            for report in batch:
                unit, period = catalog.unit_by_code[report[0]], report[1]
                cells = {name: by_report[report] for name, by_report in drawn.items() if report in by_report}
                path = directory / file_name(unit, period)
                write_file(path, writer.write(unit, period, cells))
                written.append(path)
                if progress is not None:
                    progress(len(written), len(reports), path.name)
    return written


def _periods(catalog: Catalog, year: int, months: int) -> list[dt.date]:
    of_year = [month for month in catalog.programme.months if month.year == year]
    if not of_year:
        years = sorted({month.year for month in catalog.programme.months})
        raise SampleError(f"{year} is no year of the programme, which runs from {years[0]} to {years[-1]}")
    if not 1 <= months <= 12:
        raise SampleError(f"months is {months}; it takes 1 to 12 months from January on")
    return of_year[:months]


def _chosen_units(catalog: Catalog, names: Sequence[str] | None) -> list[Unit]:
    filing = filing_units(catalog)
    if names is None:
        return filing
    if not names:
        raise SampleError("no unit is named")
    known = {name: unit for unit in filing for name in (unit.unit, *unit.names)}
    unknown = [name for name in names if name not in known]
    if unknown:
        codes = ", ".join(f"{unit.unit} {unit.name_zh}" for unit in filing)
        raise SampleError(f"no unit that sends returns: {', '.join(unknown)}; there are {codes}")
    chosen = {known[name].unit for name in names}
    return [unit for unit in filing if unit.unit in chosen]


def _batches(reports: Sequence[Report], rows: int | None) -> Iterator[Sequence[Report]]:
    """All at once, but for large samples, which are drawn a few returns at a time."""
    size = len(reports) if rows is None else max(1, _ROWS_AT_ONCE // rows)
    for start in range(0, len(reports), size):
        yield reports[start : start + size]
