"""Forms as files: their names, and writing one or all of a month.

What belongs here: paths, and what may be replaced. What does not: the workbook.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from etl.template.workbook import FormWriter, TemplateError
from warehouse.catalog import Catalog, Unit
from warehouse.storage import write_file


class FilesExist(Exception):
    """Files would be replaced that the caller did not say may be; ``paths`` are they."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        super().__init__(", ".join(map(str, paths)))


def file_name(unit: Unit, month: dt.date) -> str:
    """The name under which a unit's return of a month is sent."""
    return f"{unit.name_zh}_{month:%Y-%m}.xlsx"


def write_template(
    path: Path, catalog: Catalog, unit: Unit, month: dt.date, *, replace: bool = False
) -> None:
    """Writes the form of a unit and month under ``path``.

    Raises:
        TemplateError: the unit owes no return for the month.
        FilesExist: there is such a file, and it may not be replaced.
    """
    _check_free([path], replace=replace)
    write_file(path, FormWriter(catalog).write(unit, month))


def write_templates(
    directory: Path,
    catalog: Catalog,
    month: dt.date,
    *,
    replace: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Path]:
    """Writes the forms of all units that owe a return for the month into ``directory``, by the code list.

    Raises:
        TemplateError: the month is none of the programme.
        FilesExist: some are there and may not be replaced; none is written.
    """
    units = [unit for unit in catalog.units if unit.owes_return(month)]
    if month not in catalog.programme.months or not units:
        raise TemplateError(f"没有单位应报 {month:%Y-%m} 的报表 / no unit owes a return for {month:%Y-%m}")
    paths = [directory / file_name(unit, month) for unit in units]
    _check_free(paths, replace=replace)
    writer = FormWriter(catalog)
    for number, (unit, path) in enumerate(zip(units, paths, strict=True), 1):
        write_file(path, writer.write(unit, month))
        if progress is not None:
            progress(number, len(paths), path.name)
    return paths


def _check_free(paths: Sequence[Path], *, replace: bool) -> None:
    if not replace and (existing := [path for path in paths if path.exists()]):
        raise FilesExist(existing)
