"""Tables saved as text: encodings to the last byte, separators, and large tables without objects."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from etl.intake.formats import Content, Unreadable, read_content
from etl.limits import Limits
from tests.intake.workbooks import csv_file, sheet

LINE = "李卫国工作室,李卫国,3,2024-03-05\r\n"
HEADER = "工作室名称,师傅,带徒人次,签订日期\r\n"
#: More bytes than are ever made objects of, in UTF-8 and in GB18030.
MANY = 300_000


def rows(content: bytes | Path, name: str = "a.csv") -> list[list[object]]:
    (page,) = read_content(content, name).sheets
    return [list(row) for row in page.rows]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_the_separator_is_the_one_that_makes_the_most_cells(separator: str) -> None:
    text = f"名称{separator}备注\n甲{separator}说；明：a.b\n乙{separator}无\n"
    assert rows(text.encode(), "a.csv")[1] == ["甲", "说；明：a.b"]


def test_separators_inside_quotation_marks_do_not_count() -> None:
    text = '"一;二;三;四;五",甲\n"六;七;八;九;十",乙\n'
    assert rows(text.encode()) == [["一;二;三;四;五", "甲"], ["六;七;八;九;十", "乙"]]


def test_the_line_that_names_the_separator_is_no_row() -> None:
    assert rows("sep=;\r\n甲;1,5\r\n".encode()) == [["甲", "1,5"]]


def test_line_breaks_and_quotation_marks_inside_cells_are_kept() -> None:
    assert rows('甲,"第一行\n第二行，""引号"""\n乙,2\n'.encode()) == [
        ["甲", '第一行\n第二行，"引号"'],
        ["乙", "2"],
    ]


def test_blank_rows_and_columns_at_the_end_are_cut_away() -> None:
    assert rows(b"a,b,,\r\n1,2,,\r\n,,,\r\n\r\n") == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("content", "line", "encoding"),
    [
        ((HEADER + LINE).encode() + b"\xff\xfe,1\r\n" + LINE.encode(), 3, "UTF-8"),
        ((HEADER + LINE * 5).encode() + "国".encode()[:2], 7, "UTF-8"),
        (codecs.BOM_UTF8 + (HEADER + LINE).encode("gb18030"), 1, "UTF-8"),
        ((HEADER + LINE).encode("gb18030") + b"\xff,1\r\n", 3, "GB18030"),
        ((HEADER + LINE).encode("utf-16") + b"\x00", 3, "UTF-16"),
        ((HEADER + LINE).encode("utf-16") + b"\x00\xd8a\x00", 3, "UTF-16"),
        ((HEADER + LINE * 50_000).encode() + b"\xff\r\n", 50_002, "UTF-8"),
        ((HEADER + LINE * MANY).encode() + b"\xff\r\n", MANY + 2, "UTF-8"),
        ((HEADER + LINE * MANY).encode("gb18030") + b"\xff\r\n", MANY + 2, "GB18030"),
    ],
)
def test_a_byte_that_is_no_text_is_found_anywhere_and_its_line_told(
    content: bytes, line: int, encoding: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        read_content(content, "a.csv")
    assert f"第 {line} 行有不属于 {encoding} 编码的字节" in caught.value.zh
    assert f"line {line} has bytes that are not {encoding}" in caught.value.en
    assert "另存为" in caught.value.zh


@pytest.mark.parametrize("rows_behind", [3, MANY])
def test_a_quotation_mark_without_its_pair_never_swallows_rows(rows_behind: int) -> None:
    text = HEADER + LINE + '甲,"乙\r\n' + LINE * rows_behind
    with pytest.raises(Unreadable) as caught:
        read_content(text.encode(), "a.csv")
    assert "第 3 行的双引号没有配对" in caught.value.zh
    assert "row 3 of the text table has a quotation mark without its pair" in caught.value.en


def test_a_quotation_mark_inside_a_cell_is_a_character(tmp_path: Path) -> None:
    assert rows('甲,5" 管\n乙,无\n'.encode()) == [["甲", '5" 管'], ["乙", "无"]]
    path = tmp_path / "a.csv"
    path.write_text(HEADER + '甲,5" 管,3,x\r\n' + LINE * MANY, encoding="utf-8", newline="")
    content = read_content(path, path.name)
    assert content.text_file is not None
    assert content.text_file.head[1][1] == '5" 管'


def test_a_cell_without_end_is_told() -> None:
    with pytest.raises(Unreadable, match="quotation mark"):
        read_content(b'a,b\n1,"' + b"x" * 200_000, "a.csv")


# Large tables.


def large(folder: Path, encoding: str, mark: bytes = b"", separator: str = ",") -> tuple[Path, str]:
    """A table of more than 8 MiB in its encoding, and its text in UTF-8 without a mark."""
    text = (HEADER + LINE * MANY).replace(",", separator)
    path = folder / "于都县_2024-03_师带徒.csv"
    path.write_bytes(mark + text.encode(encoding))
    return path, text


def assert_large(content: Content, text: str, separator: str) -> Path:
    """Only the first records became objects; the file has the text that was meant."""
    assert content.text_file is not None
    given = content.text_file
    assert (given.delimiter, len(given.head), list(content.sheets[0].rows)) == (
        separator,
        200,
        list(given.head),
    )
    assert list(given.head[0]) == HEADER.strip().split(",")
    assert given.path.read_bytes()[given.skip_bytes :].decode() == text
    return given.path


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["plain", "marked"])
def test_a_large_table_in_utf8_is_used_where_it_lies(tmp_path: Path, mark: bytes) -> None:
    path, text = large(tmp_path, "utf-8", mark)
    content = read_content(path, path.name)
    assert assert_large(content, text, ",") == path
    assert content.text_file is not None
    assert (content.text_file.skip_bytes, content.text_file.temporary) == (len(mark), False)


@pytest.mark.parametrize(
    ("encoding", "mark", "separator"),
    [("gb18030", b"", ","), ("utf-16-le", codecs.BOM_UTF16_LE, "\t"), ("utf-16-be", b"", ";")],
)
def test_a_large_table_in_another_encoding_is_written_anew(
    tmp_path: Path, encoding: str, mark: bytes, separator: str
) -> None:
    path, text = large(tmp_path, encoding, mark, separator)
    folder = tmp_path / "temporary"
    folder.mkdir()
    content = read_content(path, path.name, folder=folder)
    written = assert_large(content, text, separator)
    assert content.text_file is not None
    assert (written.parent, content.text_file.temporary) == (folder, True)


def test_a_large_table_of_bytes_is_written_to_the_folder(tmp_path: Path) -> None:
    path, text = large(tmp_path, "utf-8")
    folder = tmp_path / "temporary"
    folder.mkdir()
    content = read_content(path.read_bytes(), "a.csv", folder=folder)
    assert assert_large(content, text, ",").parent == folder


def test_a_line_that_names_the_separator_is_left_out_of_a_large_table(tmp_path: Path) -> None:
    path, text = large(tmp_path, "utf-8", b"sep=,\r\n")
    assert_large(read_content(path, path.name, folder=tmp_path), text, ",")


def test_nothing_is_left_behind_when_writing_anew_fails(tmp_path: Path) -> None:
    path, _ = large(tmp_path, "gb18030")
    folder = tmp_path / "temporary"
    folder.mkdir()
    with pytest.raises(Unreadable, match="the limit is 1,000"):
        read_content(path, path.name, Limits(rows=1000), folder)
    assert list(folder.iterdir()) == []


def test_a_small_table_makes_no_file(tmp_path: Path) -> None:
    content = read_content(csv_file(sheet("师带徒")).content, "a.csv", folder=tmp_path)
    assert (content.text_file, list(tmp_path.iterdir())) == (None, [])
