"""Files as awkward as those that arrive, made by code.

What belongs here: containers and records by hand, conversions by LibreOffice. What does not: expectations.
"""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

SOFFICE = shutil.which("soffice")
NO_SOFFICE = "soffice is missing: apt-get install --no-install-recommends libreoffice-calc"

#: LibreOffice's names of what it can write: separator, quotation mark and encoding are numbers.
CONVERSIONS = {
    "xls": "xls:MS Excel 97",
    "ods": "ods:calc8",
    "gb18030.csv": "csv:Text - txt - csv (StarCalc):44,34,85",
    "unicode.txt": "txt:Text - txt - csv (StarCalc):9,34,65535",
}

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def convert(sources: Sequence[Path], target: str, folder: Path) -> list[Path]:
    """Files written anew by LibreOffice as ``CONVERSIONS`` names it, in a folder of their own."""
    assert SOFFICE is not None
    output = folder / target
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation={profile}", "--convert-to", CONVERSIONS[target],
         "--outdir", output, *sources],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    written = [output / f"{source.stem}.{target.rpartition('.')[2]}" for source in sources]
    assert all(path.is_file() for path in written), f"soffice wrote no {target}"
    return written


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    """The members of a zip container."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(content: bytes, member: str, change: Callable[[str], str]) -> bytes:
    """A zip container in which the text of one member is another."""
    parts = members(content)
    before = parts[member].decode()
    after = change(before)
    assert after != before, f"nothing changed in {member}"
    return zipped({**parts, member: after})


def written(write: Callable[[xlsxwriter.Workbook], None], **options: object) -> bytes:
    """A workbook by xlsxwriter."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as workbook:
        write(workbook)
    return buffer.getvalue()


def ods(rows: str) -> bytes:
    """A document with one sheet."""
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    body = f'<office:body><office:spreadsheet><table:table table:name="师带徒">{rows}</table:table>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<x/>",
            "content.xml": f"<office:document-content {namespaces}>{body}"
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file with these streams at its root, as .xls, .doc and encrypted workbooks are."""
    names = ["Root Entry", *streams]
    directory_sectors = -(-len(names) // 4)
    body, starts, chains = b"", [], []
    first = 1 + directory_sectors
    for stream in streams.values():
        # Short streams would lie in a stream of their own.
        padded = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
        starts.append(first)
        count = len(padded) // _SECTOR
        chains += [*range(first + 1, first + count), _END]
        first += count
        body += padded
    directory_chain = [*range(2, 1 + directory_sectors), _END]
    table = [_FAT, *directory_chain, *chains]
    assert len(table) <= _SECTOR // 4, "one sector of the table is enough for a small file"
    table += [_FREE] * (_SECTOR // 4 - len(table))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, 4096, _END, 0, _END, 0,
    ) + struct.pack("<109I", 0, *[_FREE] * 108)  # fmt: skip
    entries = b""
    for number, name in enumerate(names):
        is_root = number == 0
        size = 0 if is_root else max(4096, len(streams[name]))
        # Each stream is the right sibling of the one before: a degenerate tree, but a tree.
        right = number + 1 if not is_root and number + 1 < len(names) else _FREE
        child = 1 if is_root and len(names) > 1 else _FREE
        encoded = name.encode("utf-16-le") + b"\0\0"
        entries += struct.pack(
            "<64sHBBIII36xIQ", encoded, len(encoded), 5 if is_root else 2, 1, _FREE, right, child,
            _END if is_root else starts[number - 1], size,
        )  # fmt: skip
    entries = entries.ljust(directory_sectors * _SECTOR, b"\0")
    return header + struct.pack(f"<{len(table)}I", *table) + entries + body


def record(kind: int, content: bytes = b"") -> bytes:
    """One record of an .xls workbook."""
    return struct.pack("<HH", kind, len(content)) + content


def xls(*extra: bytes, cells: bytes = b"") -> bytes:
    """An old workbook of one sheet; ``extra`` are records of the workbook, ``cells`` of the sheet."""
    name = "师带徒".encode("utf-16-le")
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6))
    codepage = record(0x0042, struct.pack("<H", 1200))

    def globals_with(offset: int) -> bytes:
        sheet = record(0x0085, struct.pack("<IHBB", offset, 0, len(name) // 2, 1) + name)
        return begin + b"".join(extra) + codepage + sheet + record(0x000A)

    sheet_begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6))
    return compound_file(
        {"Workbook": globals_with(len(globals_with(0))) + sheet_begin + cells + record(0x000A)}
    )


def number_cell(row: int, column: int, value: float) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def error_cell(row: int, column: int, code: int) -> bytes:
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, code, 1))


#: Announces rows without end, for which python-calamine 0.9.1 asks memory at once: Rust ends the process then
#: and asks no handler of Python's.
DEADLY_XLS = xls(cells=record(0x0200, struct.pack("<IIHHH", 0, 0x7FFFFFFF, 0, 0x00FF, 0)))
