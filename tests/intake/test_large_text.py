"""A text table too large for objects is read by DuckDB, and says what the same table says when it is small.

What belongs here: the same bytes read both ways, regular or as irregular as tables saved as text can be. What
does not: what a cell means (the other modules).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.intake import check_returns
from etl.intake.formats import tables
from tests.intake.workbooks import CREDIT_CODE, reader
from warehouse.catalog import load_catalog

HEADER = "工作室名称,师傅,带徒人次,签订日期,备注\n"
LEDGER = "apprenticeships"
NAME = "于都县_2024-03_师带徒.csv"


@dataclass(frozen=True)
class Said:
    """All that the check says of a file, without its return's id."""

    large: bool
    returns: list[dict[str, Any]]
    sheets: list[dict[str, Any]]
    issues: list[dict[str, Any]]
    rows: dict[str, pa.Table]

    @property
    def row_count(self) -> int:
        return int(self.rows[LEDGER].num_rows)


def said(files: Mapping[str, Path], folder: Path, *, large: bool) -> dict[str, Said]:
    """What is said of files that are all read as large tables, or all as small ones, checked together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "LARGE", 0 if large else 1 << 40)
        reads = [reader().read(path, NAME, return_id=name) for name, path in files.items()]
        batch = check_returns(load_catalog(), reads, folder)
    rows = {name: pq.read_table(path) for name, path in batch.ledgers.items()}
    return {
        read.return_id: Said(
            read.is_large,
            _of(batch.returns, read.return_id).to_pylist(),
            _of(batch.sheets, read.return_id).to_pylist(),
            _of(batch.issues, read.return_id).to_pylist(),
            {name: mine for name, one in rows.items() if (mine := _of(one, read.return_id)).num_rows},
        )
        for read in reads
    }


def _of(table: pa.Table, return_id: str) -> pa.Table:
    mine = table.filter(pc.equal(table["return_id"], return_id))
    return mine.drop_columns(["return_id"])


def assert_size_makes_no_difference(content: bytes, folder: Path, small: Said | None = None) -> Said:
    """Compares with what is said of the ``small`` table, or finds that out."""
    path = folder / NAME
    path.write_bytes(content)
    for name in ("small", "large"):
        (folder / name).mkdir()
    small = small or said({NAME: path}, folder / "small", large=False)[NAME]
    large = said({NAME: path}, folder / "large", large=True)[NAME]
    assert not small.large
    # What is no table at all is refused before it is known how it would be read.
    assert large.large or large.returns[0]["status"] == "REJECTED"
    for part in ("issues", "sheets", "returns"):
        assert getattr(large, part) == getattr(small, part), part
    assert large.rows.keys() == small.rows.keys()
    for name, table in large.rows.items():
        assert table.cast(small.rows[name].schema).equals(small.rows[name]), name
    return large


def line(number: int, people: object = 3, note: str = "") -> str:
    return f"李卫国工作室{number},李卫国,{people},2024-03-05,{note}\n"


LINES = [line(number, "很多" if number % 7 == 3 else 3) for number in range(40)]
REGULAR = HEADER + "".join(LINES)

#: A header with one more column, and codes for it: the last character of one is not the one it should be.
CODES = HEADER.replace("备注", "备注,统一社会信用代码")
RIGHT, WRONG = CREDIT_CODE, CREDIT_CODE[:-1] + "X"

IRREGULAR = {
    "regular": REGULAR,
    "Windows line ends": REGULAR.replace("\n", "\r\n"),
    "Macintosh line ends": REGULAR.replace("\n", "\r"),
    "no line end at the end": REGULAR[:-1],
    "mixed line ends": REGULAR.replace("\n", "\r\n", 12),
    "blank lines": HEADER + "\n".join(LINES),
    "blank lines at the end": REGULAR + "\n\n\n",
    "lines of separators": HEADER + ",,,,\n".join(LINES),
    "a line break in a quoted cell": HEADER + "".join([*LINES[:9], line(90, 3, '"甲\n乙"'), *LINES[9:]]),
    "a blank line in a quoted cell": HEADER + "".join([*LINES[:9], line(90, 3, '"甲\n\n乙"'), *LINES[9:]]),
    "a Windows line break in a quoted cell": HEADER + "".join([*LINES, line(90, 3, '"甲\r\n乙"'), LINES[1]]),
    "quotation marks in a quoted cell": HEADER + "".join([*LINES, line(90, 3, '"甲""乙"""')]),
    "quotation marks in a bare cell": HEADER + "".join([*LINES, line(90, 3, '5" 管 5"'), LINES[2]]),
    "text behind a quoted cell": HEADER + "".join([*LINES, line(90, 3, '"甲"乙'), LINES[2]]),
    "all cells quoted": '"' + REGULAR[:-1].replace(",", '","').replace("\n", '"\n"') + '"\n',
    "short rows": HEADER + "".join(LINES).replace(",\n", "\n"),
    "one short row": HEADER + "".join([*LINES, "李卫国工作室90\n", *LINES[:3]]),
    "long rows": HEADER + "".join(LINES).replace(",\n", ",甲,乙,丙\n"),
    "one long row": HEADER + "".join([*LINES, LINES[1][:-1] + ",乙,丙\n", LINES[2]]),
    "rows longer than the header only late": HEADER + "".join([*LINES * 8, LINES[1][:-1] + ",乙\n"]),
    "a mark of its encoding": "\ufeff" + REGULAR,
    "its separator named": "sep=,\n" + REGULAR,
    "tabs": REGULAR.replace(",", "\t"),
    "semicolons": REGULAR.replace(",", ";"),
    "lines above the header": "师带徒统计表\n,,单位：元\n" + REGULAR,
    "a title of two lines": '"师带徒\n统计表"\n' + REGULAR,
    "a header of two lines": "工作室,,带徒情况,,\n" + REGULAR,
    "a column in front": "序号," + "1,".join(REGULAR.splitlines(keepends=True)),
    "totals and notes": HEADER + "".join([*LINES, "合计,,102,,\n", ",小计,5,,\n", "填表人：张三,,,,\n"]),
    "totals behind odd blanks": HEADER + "".join(LINES) + "\u3000,合计,102,,\n\u00a0合计,,9,,\n",
    "blanks that only Unicode knows": HEADER + "".join(LINES) + "\u2003,合计,102,,\n\u2028合计,,9,,\n",
    "repeated events": HEADER + "".join([*LINES, *LINES]),
    "control characters": HEADER + "".join([*LINES, line(90, 3, "甲\x0b乙"), line(91, 3, "甲\x1a乙")]),
    "a very long cell": HEADER + "".join([*LINES, line(90, 3, "甲" * 600), LINES[1]]),
    "a header on each page": HEADER
    + (HEADER.replace("师傅", "师傅*")).join("".join(LINES[i::4]) for i in range(4)),
    "nothing but a header": HEADER,
    "nothing but totals": HEADER + "合计,,12,,\n",
    "wrong credit codes and a total": CODES
    + "".join(line(number, 3, f",{RIGHT if number % 3 else WRONG}") for number in range(40))
    + "合计,,121,,,\n",
    "personal numbers": HEADER + line(1, 3, "138-0013-8000") + line(2, 3, "13800138000"),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    """What is said of each while it is small; small tables are checked together."""
    folder = tmp_path_factory.mktemp("small")
    files = {kind: folder / f"{number}.csv" for number, kind in enumerate(IRREGULAR)}
    for kind, path in files.items():
        path.write_bytes(IRREGULAR[kind].encode())
    return said(files, folder, large=False)


@pytest.mark.parametrize("kind", IRREGULAR)
def test_a_table_means_the_same_however_large_it_is(
    kind: str, tmp_path: Path, small: Mapping[str, Said]
) -> None:
    large = assert_size_makes_no_difference(IRREGULAR[kind].encode(), tmp_path, small[kind])
    if "nothing" not in kind:
        assert large.rows or large.issues


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_in_every_encoding_a_table_means_the_same_however_large_it_is(encoding: str, tmp_path: Path) -> None:
    content = IRREGULAR["a line break in a quoted cell"].replace(",", "\t").encode(encoding)
    large = assert_size_makes_no_difference(content, tmp_path)
    assert large.row_count == 35


cells = st.text(st.sampled_from('甲乙12,"\n\r\t ;　合计-#'), max_size=5) | st.sampled_from(
    ["3", "2024-03-05"]
)


@st.composite
def broken_tables(draw: st.DrawFn) -> str:
    """Lines and ends of lines as nobody should write them, between lines that are right."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = HEADER.replace("\n", end)
    for number in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            text += line(number).replace("\n", end)
            continue
        row = draw(st.lists(cells, max_size=7))
        quoted = draw(st.booleans())
        text += ",".join('"' + cell.replace('"', '""') + '"' if quoted else cell for cell in row)
        text += draw(st.sampled_from([end, end, "\n", end + end, ""]))
    return text


@settings(settings.get_profile("many rows"))
@given(st.lists(broken_tables(), min_size=3, max_size=3))
@example([HEADER + line(1) + '甲,"乙\n' + line(2)])
def test_of_broken_tables_size_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("both")
    files = {f"{number}": folder / f"{number}.csv" for number in range(len(texts))}
    for path, text in zip(files.values(), texts, strict=True):
        path.write_bytes(text.encode())
    small = said(files, folder, large=False)
    for name, path in files.items():
        (folder / f"of {name}").mkdir()
        assert_size_makes_no_difference(path.read_bytes(), folder / f"of {name}", small[name])


@functools.cache
def nine_megabytes() -> str:
    return HEADER + "".join(line(number, "很多" if number % 1000 == 7 else 3) for number in range(190_000))


def test_a_file_of_nine_megabytes_says_what_it_would_say_if_it_were_small(tmp_path: Path) -> None:
    content = nine_megabytes().encode()
    assert len(content) > tables.LARGE
    large = assert_size_makes_no_difference(content, tmp_path)
    assert reader().read(tmp_path / NAME, NAME).is_large
    assert (large.row_count, len(large.issues)) == (189_810, 190)


def test_of_a_table_too_large_to_be_searched_for_others_it_is_said(tmp_path: Path) -> None:
    """Its rows are checked as if they were the first one's, and held out."""
    other = "荣誉类别,级别,获得者,授予日期\n劳动模范,市级,张建国,2024-03-01\n"
    path = tmp_path / NAME
    path.write_text(REGULAR + other + other, encoding="utf-8")
    (one,) = said({NAME: path}, tmp_path, large=True).values()
    found = [(issue["cell"], issue["message_zh"]) for issue in one.issues if issue["rule"] == "R104"]
    assert [cell for cell, _ in found] == ["A42"]
    assert "第 42 行又出现表头（共 2 处）" in found[0][1]
    assert one.row_count == 34


def test_rows_of_a_file_that_all_cores_read_at_once_keep_their_numbers(tmp_path: Path) -> None:
    """DuckDB reads a file of some 10 MB in one piece; a larger one in pieces at the same time."""
    count = 500_000
    path = tmp_path / NAME
    text = "".join(
        line(number, "很多" if number % 1000 == 7 else 3, f",{WRONG if number % 1000 == 507 else RIGHT}")
        for number in range(count)
    )
    path.write_text(CODES + text, encoding="utf-8")
    batch = check_returns(load_catalog(), [reader().read(path, NAME)], tmp_path)
    rows = pq.read_table(batch.ledgers[LEDGER], columns=["row", "studio"])
    numbers = pc.cast(pc.utf8_slice_codeunits(rows["studio"], len("李卫国工作室")), pa.int64())
    assert pc.all(pc.equal(pc.add(numbers, 2), rows["row"])).as_py()
    assert rows.num_rows == count - count // 500
    assert batch.issues["row"].to_pylist() == list(range(9, count, 500))
    assert batch.issues["rule"].to_pylist() == ["R202", "R206"] * (count // 1000)


def test_an_irregular_file_of_nine_megabytes_says_what_it_would_say_if_it_were_small(tmp_path: Path) -> None:
    text = nine_megabytes()
    middle = text.index("李卫国工作室95000")
    odd = line(200_001, 3, '"甲\n乙"') + "\n" + "李卫国工作室200002,李卫国,3\n" + line(200_003, 4, "甲,乙,丙")
    large = assert_size_makes_no_difference((text[:middle] + odd + text[middle:]).encode(), tmp_path)
    assert large.row_count == 189_812
