"""The outbox: the answer to each file of the inbox, where its sender finds it.

What belongs here: which answers are owed, and writing them under the name of the file. What does not: what an
answer says of cells (``etl.receipts``).

``outbox/`` has the subfolders of ``inbox/``. A promise is a file in ``.owed/``, written when a return lands
and removed when its last answer is there; killed at any moment, the next run gives what is still owed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from etl.intake.personal import without_numbers
from etl.receipts import Document, read_receipt, stored_workbook
from etl.receipts.grouping import Cells, Group, groups, ranges
from etl.receipts.wording import RECEIPT_SHEET, SEVERITIES, status_words, visible
from warehouse import storage
from warehouse.landing import Reception
from warehouse.settings import Home

#: Of a file's name, in bytes: file systems take 255, and the answer's name says more than the file's.
_LONGEST_STEM = 180
#: So many groups of issues are told, and so many places of each; the workbook and the document have all.
_MOST_GROUPS, _MOST_PLACES = 50, 8


@dataclass(frozen=True)
class Owed:
    """An answer that somebody waits for; ``folder`` is relative to the outbox."""

    return_id: str
    folder: str
    file_name: str

    @property
    def stem(self) -> str:
        stem = Path(self.file_name).stem.encode()[:_LONGEST_STEM].decode(errors="ignore")
        return f"{stem}_{self.return_id}"


class Outbox:
    """The outbox of a home; only the process that holds the writer's lock, or takes in, writes there."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.root = home.outbox
        self._owed = self.root / ".owed"

    def promise(self, reception: Reception, folder: Path) -> None:
        """Notes that a return is to be answered in ``folder``, and tells its sender that it has come."""
        # Folders are named by strangers, too.
        told = Path(*(without_numbers(part) for part in folder.parts))
        owed = Owed(reception.return_id, str(told), reception.file_name)
        content = json.dumps(asdict(owed), ensure_ascii=False).encode()
        name = hashlib.sha256(content).hexdigest()[:16]
        storage.write_file(self._owed / f"{owed.return_id}-{name}.json", content)
        self._write(owed, ".txt", _text(_received(owed)))

    def owed(self) -> list[tuple[Path, Owed]]:
        """Every promise, by its file, in order of reception."""
        return [(path, Owed(**json.loads(path.read_bytes()))) for path in sorted(self._owed.glob("*.json"))]

    def answer(self, *, last: bool) -> int:
        """Writes the answers of returns that are checked; returns how many.

        The ``last`` answer, that of a published return, ends the promise: it says what only all returns show.
        """
        answered = 0
        for path, owed in self.owed():
            try:
                document = read_receipt(self._home, owed.return_id)
            except FileNotFoundError:  # not checked yet
                continue
            workbook = stored_workbook(self._home, owed.return_id)
            name = None
            if workbook is not None:
                name = self._write(owed, f"_{RECEIPT_SHEET}{workbook.suffix}", workbook.read_bytes())
            self._write(owed, ".txt", _text(_answer(owed, document, name)))
            answered += 1
            if last:
                path.unlink()
        return answered

    def _write(self, owed: Owed, ending: str, content: bytes) -> str:
        path = self.root / owed.folder / f"{owed.stem}{ending}"
        storage.write_file(path, content)
        return path.name


def _text(lines: Iterator[str]) -> bytes:
    """As Windows' editors expect a text."""
    return "\r\n".join((*lines, "")).encode("utf-8-sig")


def _received(owed: Owed) -> Iterator[str]:
    yield f"已收到 received: {visible(owed.file_name)}"
    yield f"报表编号 return: {owed.return_id}"
    yield "正在校验；校验完成后，本文件会写上结果。"
    yield "It is being checked; this file will tell the result."


def _answer(owed: Owed, document: Document, workbook: str | None) -> Iterator[str]:
    yield f"{visible(owed.file_name)} · {status_words(document['status'])}"
    yield f"报表编号 return: {owed.return_id}"
    yield f"填报单位 unit: {document['unit'] or '不明 unknown'}"
    yield f"统计月份 month: {document['period'] or '不明 unknown'}"
    yield f"采纳 {document['rows_accepted']:,} 行 accepted；未采纳 {document['rows_held_out']:,} 行 held out"
    told = list(groups(document["issues"]))
    if workbook is not None:
        yield ""
        yield f"请在 {workbook} 中改正标色的单元格，再把改好的文件放进收件夹 inbox。"
        yield f"Mend the coloured cells in {workbook}, and drop the mended file into the inbox."
    elif document["status"] != "ACCEPTED":
        yield ""
        yield "请按下面的说明改正，再把改好的文件放进收件夹 inbox。"
        yield "Mend what is named below, and drop the mended file into the inbox."
    for group in told[:_MOST_GROUPS]:
        yield ""
        yield from _group(group)
    if len(told) > _MOST_GROUPS:
        yield ""
        yield f"还有 {len(told) - _MOST_GROUPS} 类问题 and {len(told) - _MOST_GROUPS} more kinds of issues"


def _group(group: Group) -> Iterator[str]:
    yield " · ".join(filter(None, (group.rule, SEVERITIES.get(group.severity), group.sheet, group.column)))
    for saying in group.sayings:
        yield f"  {saying.says.zh}"
        yield f"  {saying.says.en}"
        if saying.says.passes:
            yield f"  应为 passes: {saying.says.passes}"
        yield from (f"    {line}" for cells in saying.cells[:_MOST_PLACES] if (line := _place(cells)))


def _place(cells: Cells) -> str:
    names = [name for name, _ in ranges(cells.names)]
    told = "、".join(names[:_MOST_PLACES]) + (" …" if len(names) > _MOST_PLACES else "")
    return told + (f"  “{cells.found}”" if cells.found is not None else "")
