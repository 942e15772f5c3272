"""What a file is that is not read, and what its sender can do about it.

What belongs here: recognising such files by their content, and the words for each. What does not: the formats
that are read (``recognition``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from etl.intake.formats.content import Unreadable

_SAVE_AS = (
    "请在 Excel 或 WPS 中打开，“另存为”“Excel 工作簿（*.xlsx）”后再报",
    "open it in Excel or WPS, use “Save as” “Excel Workbook (*.xlsx)”, and send that",
)
_FILL_IN = (
    "请把内容填入台账模板，以 .xlsx 报送",
    "fill its content into the ledgers' template, and send that as .xlsx",
)
_UNPACK = (
    "请解压后把里面的工作簿逐个报送",
    "unpack it and send the workbooks in it one by one",
)
_AGAIN = (
    "请在 Excel 或 WPS 中打开原文件核对，重新保存后再报",
    "open the original in Excel or WPS, see whether it is complete, save it and send it again",
)


@dataclass(frozen=True)
class Refusal:
    """What a file is and what to do, in Chinese and English."""

    zh: str
    en: str
    remedy: tuple[str, str] = _SAVE_AS

    def error(self, *, cause: str = "") -> Unreadable:
        """To be raised; ``cause`` is what a library said, for whoever has to look closer."""
        zh, en = (f"（{cause}）", f" ({cause})") if cause else ("", "")
        return Unreadable(f"{self.zh}{zh}；{self.remedy[0]}", f"{self.en}{en}; {self.remedy[1]}")


EMPTY = Refusal("文件是空的（0 字节）", "the file is empty: 0 bytes", _AGAIN)
BLANK = Refusal("文件里没有内容，只有空白", "the file holds nothing but blanks", _AGAIN)
ENCRYPTED = Refusal(
    "文件有打开密码（已加密）",
    "the file is encrypted: it asks for a password when it is opened",
    (
        "请在 Excel 或 WPS 中用密码打开，在“文件—信息—保护工作簿”中清除密码，保存后再报",
        "open it with its password in Excel or WPS, clear the password, save it and send it again",
    ),
)
DAMAGED = Refusal("工作簿已损坏", "the workbook is damaged", _AGAIN)
TRUNCATED = Refusal(
    "文件不完整，后半部分缺失",
    "the file is incomplete: its end is missing",
    (
        "多半是传输或复制中断，请从原电脑重新发送",
        "most likely a transfer was cut off, so send it again from where it was made",
    ),
)
BINARY_WORKBOOK = Refusal(
    "二进制工作簿 .xlsb，不能可靠读取", "a binary workbook (.xlsb), which cannot be read reliably"
)
WPS_WORKBOOK = Refusal("WPS 表格专用格式 .et", "a workbook in WPS's own format (.et)")
ANCIENT_WORKBOOK = Refusal("1995 年以前版本的 Excel 文件", "a workbook of an Excel version from before 1995")
WORD = Refusal("Word 文档，不是表格", "a Word document, no spreadsheet", _FILL_IN)
PRESENTATION = Refusal("演示文稿（PPT），不是表格", "a presentation, no spreadsheet", _FILL_IN)
OTHER_DOCUMENT = Refusal("文字或绘图文档，不是表格", "a text document or drawing, no spreadsheet", _FILL_IN)
NUMBERS = Refusal(
    "苹果 Numbers 表格",
    "a workbook of Apple Numbers",
    ("请在 Numbers 中“导出为”Excel 后再报", "use “Export to” Excel in Numbers, and send that"),
)
MAIL = Refusal(
    "邮件，不是表格",
    "an e-mail, no spreadsheet",
    ("请把邮件里的附件另存后报送", "save the workbook attached to it, and send that"),
)
OTHER_OLE = Refusal("不是工作簿的 Office 文件", "an Office file that holds no workbook")
ARCHIVE = Refusal("压缩包，不是工作簿", "an archive, no workbook", _UNPACK)
ENCRYPTED_ARCHIVE = Refusal("有密码的压缩包", "an archive with a password", _UNPACK)
NO_WORKBOOK = Refusal("压缩文件里没有工作簿", "a zip container that holds no workbook", _AGAIN)
NOT_TEXT = Refusal("既不是工作簿，也不是文本表格", "neither a workbook nor a table saved as text", _FILL_IN)
NO_TABLE = Refusal("内容不是表格", "its content is no table", _FILL_IN)
WEB_PAGE = Refusal(
    "网页表格（HTML），不是工作簿，只是文件名像工作簿",
    "a web page with a table (HTML): only its name is a workbook's",
)
WEB_ARCHIVE = Refusal("单个文件网页（MHTML），不是工作簿", "a single-file web page (MHTML), no workbook")
SPREADSHEET_XML = Refusal("XML 表格 2003（SpreadsheetML）", "an XML Spreadsheet 2003 (SpreadsheetML)")
FLAT_ODS = Refusal("单个 XML 文件的 OpenDocument 表格（.fods）", "a flat OpenDocument spreadsheet (.fods)")
UNIFORM_OFFICE = Refusal("标文通（UOF）格式的文件", "a file in the Uniform Office Format (UOF)")
OTHER_XML = Refusal("XML 文件，不是工作簿", "an XML file, no workbook", _FILL_IN)
JSON = Refusal("JSON 文件，不是表格", "a JSON file, no table", _FILL_IN)
RICH_TEXT = Refusal("RTF 文档，不是表格", "a rich text document (RTF), no spreadsheet", _FILL_IN)
SYLK = Refusal("SYLK 格式（.slk）的表格", "a spreadsheet in SYLK format (.slk)")
PDF = Refusal("PDF 文件，不是表格", "a PDF file, no spreadsheet", _FILL_IN)
PICTURE = Refusal("图片或扫描件，不是表格", "a picture or scan, no spreadsheet", _FILL_IN)
NO_PARQUET = Refusal(
    "Parquet 文件已损坏或不完整",
    "the Parquet file is damaged or incomplete",
    ("请重新导出，或导出为 .csv", "export it again, or export .csv"),
)

_SIGNATURES: tuple[tuple[bytes, Refusal], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF8", PICTURE),
    (b"II*\x00", PICTURE),
    (b"MM\x00*", PICTURE),
    (b"Rar!\x1a\x07", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"\x1f\x8b\x08", ARCHIVE),
    (b"{\\rtf", RICH_TEXT),
    (b"ID;P", SYLK),
    (b"\x09\x00\x04\x00", ANCIENT_WORKBOOK),
    (b"\x09\x02\x06\x00", ANCIENT_WORKBOOK),
    (b"\x09\x04\x06\x00", ANCIENT_WORKBOOK),
    (b"\x09\x08\x08\x00", ANCIENT_WORKBOOK),
)

#: Markup by words of its beginning, in small letters; the first that fits.
_MARKUP: tuple[tuple[Callable[[str], object], Refusal], ...] = (
    (re.compile(r"mime-version:|content-type: *multipart/related").match, WEB_ARCHIVE),
    (re.compile(r"(?:received|return-path|message-id|from|delivered-to): ").match, MAIL),
    (re.compile(r"<.*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL).match, SPREADSHEET_XML),
    (re.compile(r"<.*opendocument\.spreadsheet", re.DOTALL).match, FLAT_ODS),
    (re.compile(r"<.*<uof:uof|<uof:uof", re.DOTALL).match, UNIFORM_OFFICE),
    (re.compile(r"<(?:.*<)?(?:!doctype html|html|head|meta|body|table|style)\b", re.DOTALL).match, WEB_PAGE),
    (re.compile(r"<\?xml\b.*excel\.sheet", re.DOTALL).match, SPREADSHEET_XML),
    (re.compile(r"<\?xml\b").match, OTHER_XML),
    (re.compile(r'[\[{]\s*["\[{]').match, JSON),
)


def refused_bytes(beginning: bytes) -> Refusal | None:
    """What a file is by the signature at its beginning, where that is a format that is not read."""
    for signature, refusal in _SIGNATURES:
        if beginning.startswith(signature):
            return refusal
    if beginning[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"}:
        return PICTURE
    if beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP":
        return PICTURE
    if beginning.startswith(b"BM") and b"\0\0\0\0" in beginning[:14]:
        return PICTURE
    return None


def refused_text(beginning: str) -> Refusal | None:
    """What a text is by its first words, where that is markup or a message and no table."""
    words = beginning.lstrip("\ufeff \t\r\n").lower()
    if not words:
        return BLANK
    return next((refusal for fits, refusal in _MARKUP if fits(words)), None)
