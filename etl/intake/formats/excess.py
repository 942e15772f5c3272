"""Holding a file to the limits, each check before the work that it saves.

What belongs here: comparing a size with its limit, and the words for one that is over. What does not:
finding out a size.
"""

from __future__ import annotations

from etl.intake.formats.content import OverLimit
from etl.limits import Limits, size

#: Smaller parts of a container may grow as they like: equal blank rows pack very well.
_RATIO_FROM = 64 << 20


def check_file_bytes(found: int, limits: Limits) -> None:
    """The file as it lies."""
    if found > limits.file_bytes:
        raise OverLimit(
            f"文件大小 {size(found)}，上限 {size(limits.file_bytes)}；"
            "请按台账拆成几个文件，或删除图片和空白格式行",
            f"the file has {size(found)}, the limit is {size(limits.file_bytes)}; split it by ledger into "
            "several files, or delete pictures and empty formatted rows",
        )


def check_unpacked_bytes(found: int, limits: Limits) -> None:
    """All that is packed in the file, unpacked."""
    if found > limits.unpacked_bytes:
        raise OverLimit(
            f"解压后有 {size(found)}，上限 {size(limits.unpacked_bytes)}；"
            "请删除空白的格式行和列，或拆成几个文件",
            f"unpacked, the file has {size(found)}, the limit is {size(limits.unpacked_bytes)}; delete empty "
            "formatted rows and columns, or split it into several files",
        )


def check_ratio(part: str, packed: int, unpacked: int, limits: Limits) -> None:
    """One part of a container."""
    ratio = unpacked / max(packed, 1)
    if unpacked > _RATIO_FROM and ratio > limits.unpacked_ratio:
        raise OverLimit(
            f"其中 {part} 解压后是原来的 {ratio:,.0f} 倍，上限 {limits.unpacked_ratio:,} 倍；"
            "请删除空白的格式行和列后重新保存",
            f"{part} in it grows {ratio:,.0f} times when unpacked, the limit is {limits.unpacked_ratio:,}; "
            "delete empty formatted rows and columns and save it again",
        )


def check_sheets(found: int, limits: Limits) -> None:
    """The sheets of a workbook."""
    if found > limits.sheets:
        raise OverLimit(
            f"有 {found:,} 张工作表，上限 {limits.sheets:,} 张；请删除与台账无关的工作表",
            f"there are {found:,} sheets, the limit is {limits.sheets:,}; delete sheets that hold no ledger",
        )


def check_rows(found: int, limits: Limits) -> None:
    """The rows of a file."""
    if found > limits.rows:
        raise OverLimit(
            f"有 {found:,} 行或更多，上限 {limits.rows:,} 行；请按月份或台账拆成几个文件",
            f"there are {found:,} rows or more, the limit is {limits.rows:,}; split the file by month or "
            "ledger",
        )


def check_columns(found: int, limits: Limits, sheet: str | None = None) -> None:
    """The columns of one table."""
    if found > limits.columns:
        zh, en = (f"工作表“{sheet}”", f"sheet “{sheet}”") if sheet is not None else ("表格", "the table")
        raise OverLimit(
            f"{zh}有 {found:,} 列，上限 {limits.columns:,} 列；请删除多余的列",
            f"{en} has {found:,} columns, the limit is {limits.columns:,}; delete columns that hold nothing",
        )


def check_cells(sheet: str, rows: int, columns: int, before: int, limits: Limits) -> int:
    """The cells of a sheet from A1 on; returns how many there are with those counted ``before``."""
    check_columns(columns, limits, sheet)
    cells = before + rows * columns
    if cells > limits.cells:
        raise OverLimit(
            f"到工作表“{sheet}”（{rows:,} 行 × {columns:,} 列）为止有 {cells:,} 个单元格，"
            f"上限 {limits.cells:,} 个；请删除远离表格的零散内容，或按台账拆成几个文件",
            f"up to sheet “{sheet}” ({rows:,} rows × {columns:,} columns) there are {cells:,} cells, the "
            f"limit is {limits.cells:,}; delete stray cells far from the table, or split the file by ledger",
        )
    return cells
