"""What a file is, by its content and never by its name.

What belongs here: telling the formats apart. What does not: reading them.
"""

from __future__ import annotations

import re
import zipfile
from enum import Enum
from pathlib import PurePosixPath

import olefile

from etl.intake.formats import refusals
from etl.intake.formats.containers import BROKEN, normal_name
from etl.intake.formats.encodings import beginning_as_text
from etl.intake.formats.source import Source
from etl.intake.formats.tables import SEPARATORS

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET = b"PAR1"
_TEXT_SUFFIXES = {".csv", ".txt", ".tsv"}
_WORKBOOK_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".ods", ".et", ".csv", ".xlsb", ".txt", ".tsv", ".parquet"}
#: Characters that no table has; an odd one may stand in a cell.
_CONTROLS = re.compile(r"\0|[\x01-\x08\x0e-\x19\x1b-\x1f]{2}")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class Kind(Enum):
    """The formats that are read."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    PARQUET = "parquet"
    TEXT = "text"


def recognise(source: Source) -> Kind:
    """The format of a file.

    Raises:
        Unreadable: it is none that is read; the cause says what it is.
    """
    beginning = source.beginning()
    if not beginning:
        raise refusals.EMPTY.error()
    if beginning.startswith(_ZIP):
        return _container(source)
    if beginning.startswith(_OLE):
        return _compound_file(source)
    if beginning.startswith(_PARQUET):
        return Kind.PARQUET
    refusal = refusals.refused_bytes(beginning) or _refused_text(beginning, source)
    if refusal is not None:
        raise refusal.error()
    return Kind.TEXT


def _container(source: Source) -> Kind:
    """A zip container, by the names of its members."""
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            mimetype = archive.read("mimetype")[:200] if "mimetype" in archive.namelist() else b""
    except NotImplementedError:  # zipfile's word for how newer archivers encrypt
        raise refusals.ENCRYPTED_ARCHIVE.error() from None
    except BROKEN as error:
        raise refusals.TRUNCATED.error() from error
    names = {normal_name(member.filename) for member in members}
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    if mimetype.startswith(_ODS):
        return Kind.ODS
    raise _container_refusal(
        names, mimetype, encrypted=any(member.flag_bits & 1 for member in members)
    ).error()


def _container_refusal(names: set[str], mimetype: bytes, *, encrypted: bool) -> refusals.Refusal:
    if encrypted:
        return refusals.ENCRYPTED_ARCHIVE
    for member, refusal in (
        ("xl/workbook.bin", refusals.BINARY_WORKBOOK),
        ("word/document.xml", refusals.WORD),
        ("ppt/presentation.xml", refusals.PRESENTATION),
        ("index/document.iwa", refusals.NUMBERS),
        ("index.zip", refusals.NUMBERS),
    ):
        if member in names:
            return refusal
    if mimetype.startswith(b"application/vnd.oasis"):
        return refusals.OTHER_DOCUMENT
    inside = sorted(name for name in names if PurePosixPath(name).suffix in _WORKBOOK_SUFFIXES)
    if inside:
        few = "、".join(PurePosixPath(name).name for name in inside[:3])
        return refusals.Refusal(
            f"压缩包，里面有 {len(inside)} 个表格文件（{few}{' 等' if len(inside) > 3 else ''}）",
            f"an archive that holds {len(inside)} table files ({few}{', …' if len(inside) > 3 else ''})",
            refusals.ARCHIVE.remedy,
        )
    if "[content_types].xml" in names or "content.xml" in names:
        return refusals.DAMAGED
    return refusals.NO_WORKBOOK


def _compound_file(source: Source) -> Kind:
    """An OLE compound file, by the names of its streams."""
    with source.open() as stream:
        try:
            with olefile.OleFileIO(stream) as compound:
                streams = {entry[-1].casefold() for entry in compound.listdir()}
        except MemoryError:
            raise
        except Exception as error:  # the library raises what the broken bytes lead to
            raise refusals.TRUNCATED.error() from error
    if "encryptedpackage" in streams:
        raise refusals.ENCRYPTED.error()
    if "workbook" in streams or "book" in streams:
        return Kind.XLS
    for member, refusal in (
        ("worddocument", refusals.WORD),
        ("powerpoint document", refusals.PRESENTATION),
        ("__properties_version1.0", refusals.MAIL),
    ):
        if member in streams:
            raise refusal.error()
    raise (refusals.WPS_WORKBOOK if source.suffix == ".et" else refusals.OTHER_OLE).error()


def _refused_text(beginning: bytes, source: Source) -> refusals.Refusal | None:
    """What is wrong with a file that is neither a workbook nor a known foreign format, if anything is."""
    text = beginning_as_text(beginning)
    if _CONTROLS.search(text):
        return refusals.NOT_TEXT
    refusal = refusals.refused_text(text)
    if refusal is not None or source.suffix in _TEXT_SUFFIXES:
        return refusal
    looks_tabular = "\n" in text.strip() and any(separator in text for separator in SEPARATORS)
    return None if looks_tabular else refusals.NO_TABLE
