"""Two thousand broken files, the same at every run: each ends in a receipt, and nothing of ours dies of one.

What belongs here: mutations of small good files. What does not: particular ways to be broken, which the tests
of formats name one by one.
"""

from __future__ import annotations

import io
import logging
import random
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.intake import check_returns
from etl.intake.isolation import ReadingRoom, ReadRequest
from etl.limits import Limits
from etl.receipts import receipts
from tests.intake import corpus
from tests.intake.workbooks import cover, csv_file, sheet, workbook
from warehouse.catalog import load_catalog

COUNT = 2000
SEED = 7510
LIMITS = Limits(seconds=10, memory_bytes=1 << 30)

ROWS = sheet("师带徒", {}, {"师傅": "王秀英", "带徒人次": "３人"}, {"签订日期": "3月5日"})

Mutation = Callable[[random.Random, bytes], bytes]


def xlsx() -> bytes:
    return workbook({"封面": cover(师带徒="有数据"), "师带徒": ROWS}).content


def xls() -> bytes:
    """With the records that a reader of .xls has to understand: texts, numbers, formulas, errors, formats."""
    texts = [str(value) for row in ROWS for value in row]
    strings = b"".join(struct.pack("<HB", len(text), 1) + text.encode("utf-16-le") for text in texts)
    table = corpus.record(0x00FC, struct.pack("<II", len(texts), len(texts)) + strings)
    dates = corpus.record(0x0022, b"\0\0")
    formats = corpus.record(0x041E, struct.pack("<HHB", 164, 8, 0) + b"yyyy-m-d")
    styles = corpus.record(0x00E0, struct.pack("<HHH14x", 0, 164, 0))
    width = len(ROWS[0])
    cells = corpus.record(0x0200, struct.pack("<IIHHH", 0, len(ROWS), 0, width, 0))
    for number in range(len(texts)):
        row, column = divmod(number, width)
        cells += corpus.record(0x00FD, struct.pack("<HHHI", row, column, 0, number))
    cells += corpus.number_cell(len(ROWS), 2, 45356.0)
    cells += corpus.error_cell(len(ROWS), 3, 0x17)
    cells += corpus.record(0x027E, struct.pack("<HHHI", len(ROWS), 1, 0, 0x4090_0002))
    cells += corpus.record(0x00BD, struct.pack("<HHHIHIH", len(ROWS) + 1, 0, 0, 6, 0, 10, 1))
    cells += corpus.record(0x0006, struct.pack("<HHHdHIHBH", len(ROWS) + 1, 2, 0, 1.5, 0, 0, 3, 0x1E, 1))
    cells += corpus.record(0x00E5, struct.pack("<HHHHH", 1, 5, 5, 0, 1))
    return corpus.xls(table, dates, formats, styles, cells=cells)


def ods() -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{''.join(cell.format(value) for value in row)}</table:table-row>" for row in ROWS
    )
    return corpus.ods(
        rows + '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    )


def parquet() -> bytes:
    buffer = io.BytesIO()
    labels, *body = ROWS
    columns = [pa.array([str(value) for value in column]) for column in zip(*body, strict=True)]
    pq.write_table(pa.table(columns, names=[str(label) for label in labels]), buffer)
    return buffer.getvalue()


SOURCES = {
    "于都县_2024-03.xlsx": xlsx(),
    "会昌县_2024-03.xls": xls(),
    "瑞金市_2024-03.ods": ods(),
    "石城县_2024-03_师带徒.csv": csv_file(ROWS).content,
    "宁都县_2024-03_师带徒.csv": csv_file(ROWS, encoding="gb18030").content,
    "兴国县_2024-03_师带徒.txt": csv_file(ROWS).content.decode("utf-8-sig").encode("utf-16"),
    "龙南市_2024-03_师带徒.parquet": parquet(),
}


# Mutations of bytes.


def flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice([1, 2, 4, 16])):
        place = rng.randrange(len(changed))
        changed[place] = rng.choice([0, 1, 0x7F, 0x80, 0xFE, 0xFF, rng.randrange(256)])
    return bytes(changed)


def put_number(rng: random.Random, content: bytes) -> bytes:
    """A number where a length or an offset may stand."""
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 3])):
        place = rng.randrange(max(len(changed) - 4, 1))
        number = rng.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])
        changed[place : place + 4] = struct.pack("<I", number)
    return bytes(changed)


def truncate(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content))]


def cut_out(rng: random.Random, content: bytes) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randrange(1, 200) :]


def repeat(rng: random.Random, content: bytes) -> bytes:
    start = rng.randrange(len(content))
    end = start + rng.randrange(1, 500)
    return content[:end] + content[start:end] * rng.choice([1, 3]) + content[end:]


# Mutations of containers.


def drop_member(rng: random.Random, content: bytes) -> bytes:
    parts = corpus.members(content)
    del parts[rng.choice([*parts])]
    return corpus.zipped(parts)


def swap_members(rng: random.Random, content: bytes) -> bytes:
    parts = corpus.members(content)
    one, other = rng.sample([*parts], 2)
    return corpus.zipped({**parts, one: parts[other], other: parts[one]})


def break_xml(rng: random.Random, content: bytes) -> bytes:
    """One member with tags, attributes or numbers changed, in a container that is whole."""
    parts = corpus.members(content)
    name = rng.choice([name for name in parts if name.endswith(("xml", "rels"))])
    text = parts[name].decode()
    for _ in range(rng.choice([1, 1, 2, 5])):
        text = rng.choice(XML_CHANGES)(rng, text)
    return corpus.zipped({**parts, name: text})


def _change_match(pattern: str, *replacements: str) -> Callable[[random.Random, str], str]:
    def change(rng: random.Random, text: str) -> str:
        matches = list(re.finditer(pattern, text))
        if not matches:
            return text
        match = rng.choice(matches)
        return text[: match.start()] + rng.choice(replacements) + text[match.end() :]

    return change


XML_CHANGES = (
    _change_match(r"<[^>]+>", "", "<", "<x>", "</x>", "<!--", "<![CDATA[", "&a;", "<row/>", "</row>"),
    _change_match(
        r'"[^"]*"', '""', '"', '"-1"', '"99999999999"', '"XFD1048576"', '"é"', '"1e999"', '"s"', '"e"'
    ),
    _change_match(r"\d+", "0", "-1", "4294967296", "1048577", "1e308", "18446744073709551616", "NaN"),
    _change_match(r">[^<]+<", "><", ">999999<", ">#REF!<", ">]]><", ">\x00<", ">_x000D_<"),
)

BYTES: tuple[Mutation, ...] = (flip, flip, put_number, truncate, cut_out, repeat)
CONTAINERS: tuple[Mutation, ...] = (
    *BYTES,
    drop_member,
    swap_members,
    break_xml,
    break_xml,
    break_xml,
    break_xml,
)


def mutants() -> Iterator[ReadRequest]:
    rng = random.Random(SEED)  # noqa: S311 - no secrets here
    for number in range(COUNT):
        name = rng.choice([*SOURCES])
        source = SOURCES[name]
        mutation = rng.choice(CONTAINERS if source.startswith(b"PK") else BYTES)
        yield ReadRequest(mutation(rng, source), name, return_id=f"{number:04d}")


def test_the_files_are_good_before_they_are_broken() -> None:
    with ReadingRoom(load_catalog(), LIMITS) as room:
        requests = [ReadRequest(content, name, return_id=name) for name, content in SOURCES.items()]
        reads = list(room.read_all(requests))
    assert {
        read.file_name: (read.rejected, read.row_count >= len(ROWS) - 1) for read in reads
    } == dict.fromkeys(SOURCES, (False, True))


def test_two_thousand_broken_files_end_in_a_receipt_each(caplog: pytest.LogCaptureFixture) -> None:
    catalog = load_catalog()
    with caplog.at_level(logging.ERROR), ReadingRoom(catalog, LIMITS) as room:
        reads = list(room.read_all(mutants()))
    assert [read.return_id for read in reads] == [f"{number:04d}" for number in range(COUNT)]
    # Whatever the reader should not have raised is logged, with its traceback.
    assert [record.getMessage() for record in caplog.records] == []
    documents = receipts(check_returns(catalog, reads), {read.return_id: read.file_name for read in reads})
    assert len(documents) == COUNT
    assert all(issue["message_zh"] and issue["message_en"] for one in documents for issue in one["issues"])
    outcomes = Counter(
        one["issues"][0]["rule"] if one["status"] == "REJECTED" else one["status"] for one in documents
    )
    # Many are beyond reading, many are read with or without harm: both ways are tried.
    assert outcomes["R001"] > COUNT / 10
    assert outcomes["ACCEPTED"] + outcomes["ACCEPTED_WITH_ISSUES"] > COUNT / 10
