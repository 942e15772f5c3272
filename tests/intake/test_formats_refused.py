"""What is not read is told for what it is, with what to do, in Chinese and English."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import NamedTuple

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.intake.formats import Unreadable, read_content
from tests.intake import corpus
from tests.intake.corpus import compound_file, record, xls, zipped
from tests.intake.workbooks import File, check_one, csv_file, ledger, reader, saved, sheet

GOOD = ledger("师带徒").content
HTML = "<html><body><table><tr><td>师傅</td><td>带徒人次</td></tr></table></body></html>"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
SAVE_AS = ("另存为", "Save as")
FILL_IN = ("填入台账模板", "ledgers' template")
AGAIN = ("重新保存", "send it again")
UNPACK = ("解压", "unpack")


class Case(NamedTuple):
    """A file, a word of what it is and one of what to do, each in Chinese and English."""

    name: str
    content: bytes
    what: tuple[str, str]
    remedy: tuple[str, str]


def encrypted_zip() -> bytes:
    """An archive whose directory says that its member has a password."""
    content = bytearray(zipped({"于都县.xlsx": GOOD}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    return bytes(content)


def encrypted_ods() -> bytes:
    manifest = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/>'
    return zipped({"mimetype": ODS_TYPE, "content.xml": b"\x93\x12", "META-INF/manifest.xml": manifest})


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def office(part: str) -> bytes:
    return zipped({"[Content_Types].xml": "<Types/>", part: "<x/>"})


CASES = {
    "empty": Case("a.xlsx", b"", ("0 字节", "0 bytes"), AGAIN),
    "blank": Case("a.csv", b"\xef\xbb\xbf \r\n\r\n", ("只有空白", "nothing but blanks"), AGAIN),
    "truncated xlsx": Case(
        "a.xlsx", GOOD[: len(GOOD) // 2], ("不完整", "incomplete"), ("重新发送", "send it again")
    ),
    "truncated xls": Case("a.xls", xls()[:700], ("不完整", "incomplete"), ("重新发送", "send it again")),
    "truncated parquet": Case(
        "a.parquet",
        parquet(pa.table({"a": [1]}))[:-9],
        ("Parquet 文件已损坏", "Parquet file is damaged"),
        (".csv", ".csv"),
    ),
    "nested parquet": Case(
        "a.parquet",
        parquet(pa.table({"名单": [[1, 2]]})),
        ("“名单”是列表", "“名单” of the Parquet"),
        ("展开", "flatten"),
    ),
    "damaged sheet": Case(
        "a.xlsx",
        corpus.changed(GOOD, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2]),
        ("已损坏", "damaged"),
        AGAIN,
    ),
    "damaged workbook": Case(
        "a.xlsx", corpus.changed(GOOD, "xl/workbook.xml", lambda xml: xml[:200]), ("已损坏", "damaged"), AGAIN
    ),
    "ods without an end": Case(
        "a.ods",
        corpus.changed(corpus.ods(""), "content.xml", lambda xml: xml.replace("</table:table>", "")),
        ("已损坏", "damaged"),
        AGAIN,
    ),
    "missing sheet": Case(
        "a.xlsx",
        zipped({name: part for name, part in corpus.members(GOOD).items() if "sheet1" not in name}),
        ("已损坏", "damaged"),
        AGAIN,
    ),
    "entity bomb": Case(
        "a.xlsx",
        corpus.changed(GOOD, "xl/workbook.xml", lambda xml: '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + xml),
        ("DOCTYPE", "DOCTYPE"),
        AGAIN,
    ),
    "encrypted xlsx": Case(
        "a.xlsx",
        compound_file({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}),
        ("密码", "password"),
        ("清除密码", "clear"),
    ),
    "encrypted xls": Case(
        "a.xls", xls(record(0x002F, bytes(6))), ("密码", "password"), ("清除密码", "clear")
    ),
    "encrypted ods": Case("a.ods", encrypted_ods(), ("密码", "password"), ("清除密码", "clear")),
    "encrypted zip": Case("a.zip", encrypted_zip(), ("有密码的压缩包", "archive with a password"), UNPACK),
    "xlsb": Case("a.xlsb", office("xl/workbook.bin"), (".xlsb", ".xlsb"), SAVE_AS),
    "et": Case("a.et", compound_file({"ETExtData": b"x"}), ("WPS", "WPS"), SAVE_AS),
    "unknown ole": Case(
        "a.xls", compound_file({"Contents": b"x"}), ("不是工作簿的 Office", "no workbook"), SAVE_AS
    ),
    "excel 4": Case("a.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00" + b"\0" * 50, ("1995", "1995"), SAVE_AS),
    "html named xls": Case("a.xls", HTML.encode(), ("HTML", "HTML"), SAVE_AS),
    "html of gb2312": Case(
        "a.xls", ("\r\n<META charset=gb2312>" + HTML).encode("gbk"), ("HTML", "HTML"), SAVE_AS
    ),
    "html of utf-16": Case("a.xls", HTML.encode("utf-16"), ("HTML", "HTML"), SAVE_AS),
    "html named csv": Case("a.csv", b"<!DOCTYPE html>" + HTML.encode(), ("HTML", "HTML"), SAVE_AS),
    "excel html": Case(
        "a.xls",
        b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta name=ProgId content=Excel.Sheet>',
        ("HTML", "HTML"),
        SAVE_AS,
    ),
    "mhtml": Case(
        "a.xls", b"MIME-Version: 1.0\r\nContent-Type: multipart/related", ("MHTML", "MHTML"), SAVE_AS
    ),
    "xml 2003": Case(
        "a.xls",
        b'<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?>\r\n'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>',
        ("2003", "2003"),
        SAVE_AS,
    ),
    "fods": Case(
        "a.fods",
        f'<?xml version="1.0"?><office:document office:mimetype="{ODS_TYPE}">'.encode(),
        (".fods", ".fods"),
        SAVE_AS,
    ),
    "uof": Case("a.uos", b'<?xml version="1.0"?><uof:UOF>', ("UOF", "UOF"), SAVE_AS),
    "other xml": Case("a.xml", b'<?xml version="1.0"?><report/>', ("XML 文件", "XML file"), FILL_IN),
    "json": Case("a.txt", b'[{"a": 1}]', ("JSON", "JSON"), FILL_IN),
    "rtf": Case("a.xls", b"{\\rtf1\\ansi", ("RTF", "RTF"), FILL_IN),
    "sylk": Case("a.xls", b"ID;PCALCOOO32\r\nB;Y3;X4\r\n", ("SYLK", "SYLK"), SAVE_AS),
    "pdf": Case("a.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", ("PDF", "PDF"), FILL_IN),
    "png": Case("a.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ("图片", "picture"), FILL_IN),
    "jpeg": Case("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", ("图片", "picture"), FILL_IN),
    "heic": Case("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0", ("图片", "picture"), FILL_IN),
    "word": Case("a.xlsx", office("word/document.xml"), ("Word", "Word"), FILL_IN),
    "old word": Case("a.xls", compound_file({"WordDocument": b"x"}), ("Word", "Word"), FILL_IN),
    "slides": Case("a.pptx", office("ppt/presentation.xml"), ("PPT", "presentation"), FILL_IN),
    "odt": Case(
        "a.ods",
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        ("文字或绘图", "text document"),
        FILL_IN,
    ),
    "numbers": Case(
        "a.numbers", office("Index/Document.iwa"), ("Numbers", "Numbers"), ("导出为", "Export to")
    ),
    "mail": Case(
        "a.msg", compound_file({"__properties_version1.0": b"x"}), ("邮件", "e-mail"), ("附件", "attached")
    ),
    "mail as text": Case(
        "a.txt", b"From: x@example.org\r\nSubject: y\r\n\r\n", ("邮件", "e-mail"), ("附件", "attached")
    ),
    "zip of workbooks": Case(
        "三月.zip",
        zipped({"于都县/3月.xlsx": GOOD, "会昌县/3月.xls": b"x"}),
        ("2 个表格文件", "2 table files"),
        UNPACK,
    ),
    "zip of something": Case("a.xlsx", zipped({"readme.md": "x"}), ("没有工作簿", "no workbook"), AGAIN),
    "rar": Case("a.rar", b"Rar!\x1a\x07\x01\x00", ("压缩包", "archive"), UNPACK),
    "7z": Case("a.7z", b"7z\xbc\xaf\x27\x1c", ("压缩包", "archive"), UNPACK),
    "binary": Case("a.csv", bytes(range(256)) * 4, ("不是文本表格", "nor a table"), FILL_IN),
    "prose": Case("a.xlsx", "我县三月份工作总结".encode(), ("不是表格", "no table"), FILL_IN),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_file_that_is_not_read_is_told_for_what_it_is_and_what_to_do(case: Case) -> None:
    with pytest.raises(Unreadable) as caught:
        read_content(case.content, case.name)
    assert case.what[0] in caught.value.zh
    assert case.what[1] in caught.value.en
    assert case.remedy[0] in caught.value.zh
    assert case.remedy[1] in caught.value.en


def test_its_return_has_unit_and_month_of_the_file_name_and_rule_r001() -> None:
    read = reader().read(CASES["html named xls"].content, "于都县_2024-03.xls")
    assert (read.unit, read.period, read.rejected) == ("360731", dt.date(2024, 3, 1), True)
    checked = check_one(File("于都县_2024-03.xls", CASES["html named xls"].content))
    (issue,) = checked.issues
    assert (checked.status, issue["rule"]) == ("REJECTED", "R001")
    for message in (issue["message_zh"], issue["message_en"]):
        assert "HTML" in message
        assert all(ending in message for ending in (".xlsx", ".xls", ".ods", ".csv", ".parquet"))


@pytest.mark.parametrize(
    "name", ["a.xlsx", "a.xls", "a.ods", "a.csv", "a.pdf", "a.zip", "a", "a.parquet", "a.docx"]
)
def test_the_name_never_decides(name: str) -> None:
    (page,) = read_content(GOOD, name).sheets
    assert page.rows[0][0] == "工作室名称"
    (table,) = read_content(csv_file(sheet("师带徒")).content, name).sheets
    assert table.rows[0][0] == "工作室名称"


def test_a_member_that_lies_about_its_size_is_damage() -> None:
    content = bytearray(zipped({"xl/workbook.xml": b"<x/>" + b" " * 100_000}))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = (200).to_bytes(4, "little")
    with pytest.raises(Unreadable, match="damaged"):
        read_content(bytes(content), "a.xlsx")


def test_names_of_members_may_be_written_as_careless_programs_do() -> None:
    parts = corpus.members(GOOD)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("xl/workbook.xml", "xl/Workbook.xml"), part)
    (page,) = read_content(buffer.getvalue(), "a.xlsx").sheets
    assert len(page.rows) == 2


def test_a_workbook_without_any_cell_is_read_as_empty() -> None:
    (page,) = read_content(saved(openpyxl.Workbook()), "a.xlsx").sheets
    assert list(page.rows) == []
