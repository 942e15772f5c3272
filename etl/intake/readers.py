"""From a file's bytes to sheets of cells, recognised by content.

What belongs here: file formats and encodings. What does not: what the cells mean (``headers``, ``identity``).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from python_calamine import CalamineWorkbook

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Tried strictly, in this order; GB18030 reads what GBK and GB2312 wrote, and more.
_ENCODINGS = ("utf-8-sig", "gb18030")
_TEXT_SUFFIXES = {".csv", ".txt", ".tsv"}


class Unreadable(Exception):
    """The file cannot be read (rule R001); carries the cause in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet from A1 on; rows may differ in length, a blank cell is ``''``.

    ``name`` is None for a file that has no sheets.
    """

    name: str | None
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Content:
    """The sheets of a file, and whether it is a workbook (else a text table)."""

    sheets: tuple[Sheet, ...]
    is_workbook: bool


def read_content(content: bytes, file_name: str) -> Content:
    """The cells of a file.

    Raises:
        Unreadable: the bytes are no workbook and no text table.
    """
    if not content:
        raise Unreadable("文件是空的（0 字节）", "the file is empty: 0 bytes")
    if content.startswith(_ZIP):
        return Content(_workbook_sheets(content), is_workbook=True)
    if content.startswith(_OLE):
        raise Unreadable(
            "旧版 .xls 文件或加密的工作簿",
            "an .xls file of the old format, or an encrypted workbook",
        )
    if PurePath(file_name).suffix.lower() not in _TEXT_SUFFIXES and not _looks_tabular(content):
        raise Unreadable("内容不是工作簿", "its content is no workbook")
    return Content((_text_sheet(content),), is_workbook=False)


def _looks_tabular(content: bytes) -> bool:
    """Whether bytes under a workbook's name may be a table saved as text."""
    return b"\0" not in content and content.count(b"\n") > 0 and (b"," in content or b"\t" in content)


def _workbook_sheets(content: bytes) -> tuple[Sheet, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise Unreadable("压缩文件里没有工作簿", "a zip archive that holds no workbook")
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return tuple(
            Sheet(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in workbook.sheet_names
        )
    except (Unreadable, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader's own panics derive from BaseException
        raise Unreadable("工作簿已损坏", f"the workbook is damaged: {error}") from error


def _text_sheet(content: bytes) -> Sheet:
    text = _decoded(content)
    first_lines = text[:10_000]
    delimiter = "\t" if first_lines.count("\t") > first_lines.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(f"CSV 文件有误：{error}", f"the CSV file is damaged: {error}") from error
    return Sheet(None, rows)


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(
        "既不是工作簿，也不是 UTF-8 或 GB18030 编码的文本",
        "neither a workbook nor text in UTF-8 or GB18030",
    )
