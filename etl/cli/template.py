"""The command that writes the form to fill in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from etl.cli.arguments import understood_period, understood_unit
from etl.cli.output import SystemFailed, progress_bar, say
from warehouse.catalog import load_catalog

#: So many files are named that would be replaced.
_NAMED = 3


@click.command()
@click.option("--unit", callback=understood_unit, help="The unit's code or name.")
@click.option("--all", "all_units", is_flag=True, help="One file for each unit that reports in the month.")
@click.option(
    "--period", required=True, callback=understood_period, help="The month to report, such as 2024-03."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write, or the folder for it; with --all the folder.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
def template(unit: str | None, *, all_units: bool, period: str, output: Path, force: bool) -> None:
    """Write the form that a unit fills in for a month: an .xlsx workbook, or one for each unit.

    Filled in and sent back, it passes: `check` tells.
    """
    from etl.template import FilesExist, TemplateError

    if (unit is not None) == all_units:
        example = load_catalog().units[0].unit
        raise click.UsageError(
            f"请写明是哪个单位：--unit {example} 或 --all，二选一\n"
            f"say for whom: either --unit {example} or --all"
        )
    month = dt.date.fromisoformat(f"{period}-01")
    try:
        written = _write_all(output, month, replace=force) if unit is None else [
            _write_one(output, unit, month, replace=force)
        ]  # fmt: skip
    except TemplateError as error:
        raise click.UsageError(str(error)) from None
    except FilesExist as error:
        named = ", ".join(map(str, error.paths[:_NAMED]))
        more = f"… ({len(error.paths)})" if len(error.paths) > _NAMED else ""
        raise click.UsageError(
            f"已有文件 {named}{more}；什么都没有写入。要覆盖请加 --force\n"
            f"there is already {named}{more}; nothing was written. --force replaces what is there"
        ) from None
    except OSError as error:
        raise SystemFailed(
            f"{output} 不能写入：{error.strerror or error}；请用 -o 指定别处\n"
            f"{output} cannot be written: {error.strerror or error}; name another place with -o"
        ) from None
    say(f"模板 {len(written)} {'form' if len(written) == 1 else 'forms'} for {period}: {_where(written)}")


def _write_one(output: Path, unit: str, month: dt.date, *, replace: bool) -> Path:
    from etl.template import file_name, write_template

    catalog = load_catalog()
    reporting = catalog.unit_by_code[unit]
    path = output / file_name(reporting, month) if output.is_dir() else output
    if path.suffix.lower() != ".xlsx":
        raise click.UsageError(
            f"{output} 必须以 .xlsx 结尾，否则 Excel 打不开；什么都没有写入\n"
            f"{output} must end in .xlsx, or Excel refuses to open the form; nothing was written"
        )
    write_template(path, catalog, reporting, month, replace=replace)
    return path


def _write_all(output: Path, month: dt.date, *, replace: bool) -> list[Path]:
    from etl.template import write_templates

    if output.exists() and not output.is_dir():
        raise click.UsageError(
            f"{output} 是文件；用 --all 时请指定文件夹\n{output} is a file; with --all name a folder"
        )
    with progress_bar("template") as progress:
        return write_templates(output, load_catalog(), month, replace=replace, progress=progress)


def _where(written: list[Path]) -> Path:
    return written[0] if len(written) == 1 else written[0].parent


COMMANDS = (template,)
