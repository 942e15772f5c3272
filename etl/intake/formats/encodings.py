"""In which encoding a text is stored, known from all of its bytes.

What belongs here: finding the encoding, decoding in pieces. What does not: rows and cells (``tables``).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from etl.intake.formats.content import Unreadable
from etl.intake.formats.source import Source
from etl.limits import MEBIBYTE

_CHUNK = MEBIBYTE
_LINE_END, _QUOTATION_MARK = ord("\n"), ord('"')
#: In so many characters beyond ASCII no other encoding looks like UTF-8 by chance.
_SURELY_UTF8 = 8


@dataclass(frozen=True)
class Encoding:
    """How a text is stored: a codec's name, the name that people know, and the bytes of its mark."""

    codec: str
    title: str
    mark: bytes = b""


UTF8 = Encoding("utf-8", "UTF-8")
UTF8_MARKED = Encoding("utf-8", "UTF-8", codecs.BOM_UTF8)
#: Reads what GBK and GB2312 wrote, and more.
GB18030 = Encoding("gb18030", "GB18030")


@dataclass(frozen=True)
class Survey:
    """What one way through the text tells: its encoding, how many lines and how many quotation marks."""

    encoding: Encoding
    lines: int
    quotation_marks: int


def survey(source: Source) -> Survey:
    """Finds the encoding in which every byte of the text has a meaning.

    Raises:
        Unreadable: there is none; the cause names the line.
    """
    beginning = source.beginning()
    candidates = _marked(beginning) or _utf16_without_mark(beginning) or (UTF8, GB18030)
    failure: _Undecodable | None = None
    for encoding in candidates:
        if encoding.codec == "utf-8" and (survey := _quick_survey(source, encoding)) is not None:
            return survey
        try:
            return _slow_survey(source, encoding)
        except _Undecodable as error:
            if failure is None or error.characters > failure.characters:
                failure = error
            if error.characters >= _SURELY_UTF8 and encoding.codec == "utf-8":
                break
    assert failure is not None  # noqa: S101 - there is at least one candidate
    raise Unreadable(
        f"文本编码有误：第 {failure.line} 行有不属于 {failure.encoding.title} 编码的字节；"
        "请在 Excel 或 WPS 中打开，核对该行，再“另存为”.xlsx",
        f"the text's encoding is broken: line {failure.line} has bytes that are not "
        f"{failure.encoding.title}; open it in Excel or WPS, look at that line, and use “Save as” .xlsx",
    ) from failure


def _quick_survey(source: Source, encoding: Encoding) -> Survey | None:
    """The survey of a text in UTF-8; None where it is not, without saying where."""
    view = source.view()
    zeros, line_ends, marks = _counted(view, 0, _LINE_END, _QUOTATION_MARK)
    if zeros or not _is_utf8(view):
        return None
    return Survey(encoding, line_ends + (len(view) > 0 and view[-1] != _LINE_END), marks)


def line_count(path: Path) -> int:
    """How many lines a file has; the last one may lack its end."""
    view = Source(path, path.name).view()
    (line_ends,) = _counted(view, _LINE_END)
    return line_ends + (len(view) > 0 and view[-1] != _LINE_END)


def _counted(view: memoryview, *characters: int) -> list[int]:
    """How often each of some ASCII characters stands in a text."""
    counts = [0] * len(characters)
    for first in range(0, len(view), _CHUNK):
        # Each comparison is one more pass over bytes that the processor still holds.
        piece = np.frombuffer(view[first : first + _CHUNK], np.uint8)
        for place, character in enumerate(characters):
            counts[place] += int(np.count_nonzero(piece == character))
    return counts


def _is_utf8(view: memoryview) -> bool:
    """Arrow looks several times as fast as Python decodes, and where the bytes lie."""
    offsets = pa.array([0, len(view)], pa.int64()).buffers()[1]
    text = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(view)])
    try:
        text.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _slow_survey(source: Source, encoding: Encoding) -> Survey:
    lines = marks = 0
    last = "\n"
    with source.open() as stream:
        for text in decoded(stream, encoding):
            lines += text.count("\n")
            marks += text.count('"')
            last = text[-1:] or last
    return Survey(encoding, lines + (last != "\n"), marks)


class _Undecodable(Exception):
    """Where a text stops making sense in an encoding, and how many characters beyond ASCII came before."""

    def __init__(self, encoding: Encoding, line: int, characters: int) -> None:
        self.encoding, self.line, self.characters = encoding, line, characters
        super().__init__(encoding.codec)


def _marked(beginning: bytes) -> tuple[Encoding, ...]:
    """The encoding that a byte order mark names."""
    if beginning.startswith(codecs.BOM_UTF8):
        return (UTF8_MARKED,)
    if beginning.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return (Encoding("utf-32", "UTF-32", beginning[:4]),)
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (Encoding("utf-16", "UTF-16", beginning[:2]),)
    return ()


def _utf16_without_mark(beginning: bytes) -> tuple[Encoding, ...]:
    """UTF-16 shows by the zero bytes of its separators, digits and line ends."""
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    encoding = Encoding("utf-16-le" if odd >= even else "utf-16-be", "UTF-16")
    text = beginning.decode(encoding.codec, "replace")
    # A pair of code units may be cut at the end of the beginning.
    is_text = (even or odd) and "\n" in text and text.count("\ufffd") < 2
    return (encoding,) if is_text else ()


def beginning_as_text(beginning: bytes) -> str:
    """The first characters, with marks in the place of bytes that make none, to see what a file is."""
    for encoding in _marked(beginning) or _utf16_without_mark(beginning):
        return beginning.decode(encoding.codec, "replace")
    as_utf8 = beginning.decode("utf-8", "replace")
    return as_utf8 if as_utf8.count("\ufffd") < 2 else beginning.decode("gb18030", "replace")


def decoded(stream: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """The text in pieces, without its mark.

    Raises:
        _Undecodable: some bytes have no meaning; a zero character has none in a table.
    """
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line, beyond_ascii, first = 1, 0, True
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            good = bytes(error.object[: error.start]).decode(encoding.codec)
            raise _Undecodable(
                encoding, line + good.count("\n"), beyond_ascii + _beyond_ascii(good)
            ) from error
        if "\0" in text:
            good = text[: text.index("\0")]
            raise _Undecodable(encoding, line + good.count("\n"), beyond_ascii + _beyond_ascii(good))
        line += text.count("\n")
        if beyond_ascii < _SURELY_UTF8:
            beyond_ascii += _beyond_ascii(text)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        yield text
        if not chunk:
            return


def _beyond_ascii(text: str) -> int:
    return 0 if text.isascii() else sum(not character.isascii() for character in text)
