"""What is never stored, as it is typed and where it may stand; and the copy of a file that holds some.

What belongs here: numbers, names and workbooks made with them. What does not: what is asked of them.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl

from tests.intake.workbooks import (
    Cells,
    File,
    cover,
    reader,
    saved,
    sheet,
    workbook,
)

ID_18, ID_15 = "11010519491231002X", "110105491231002"
SPACED, FULL_WIDTH, AS_NUMBER = "136 0013 6000", "１３９００１３９０００", 13700137000
IN_NAME, IN_COVER, IN_SIGNATURE = "13500135000", "13400134000", "13300133000"
PERSON = "欧阳钟离"
#: As they are typed and in digits.
NEEDLES = (
    *(ID_18, ID_15, SPACED, "13600136000", FULL_WIDTH, "13900139000", str(AS_NUMBER)),
    *(IN_NAME, IN_COVER, IN_SIGNATURE, PERSON),
)

ROWS = sheet(
    "师带徒",
    {"师傅": f"王秀英{ID_18}"},
    {"备注": SPACED},
    {"师傅": "李红"},
    {"带徒人次": AS_NUMBER},
    {"备注": f"电话{FULL_WIDTH}"},
    {"师傅": "赵敏", "备注": "已签"},
    {"备注": ID_15},
)
ACCEPTED = ["李红", "赵敏"]
SIGNED = ["填表人：张三 联系电话：" + IN_SIGNATURE]
HEALTH = sheet("健康体检", {"姓名": PERSON})


def texts(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def whole_workbook(name: str = f"于都县_2024-03_{IN_NAME}.xlsx") -> File:
    """Everything at once: cover, ledgers, a sheet of telephone numbers, a hidden one, numbers in names."""
    front: list[Sequence[object]] = [*cover(师带徒="有数据"), ["联系电话", IN_COVER]]
    sheets: dict[str, Cells] = {"封面": front, "师带徒": [*ROWS, SIGNED], "健康体检": HEALTH}
    book = openpyxl.load_workbook(io.BytesIO(workbook(sheets).content))
    book.create_sheet(f"通讯录{IN_NAME}").append(["张三", AS_NUMBER])
    hidden = book.create_sheet("旧表")
    hidden.append([ID_18])
    hidden.sheet_state = "hidden"
    return File(name, saved(book))


def copied(file: File, folder: Path) -> tuple[bool, bytes | None]:
    """Whether a file holds what is never stored, and its copy."""
    target = folder / "copy"
    target.unlink(missing_ok=True)
    read = reader().read(file.content, file.name, stated=file.stated, look_for_personal=True, copy_to=target)
    assert {path.name for path in folder.iterdir()} <= {"copy"}
    return read.is_personal, target.read_bytes() if target.exists() else None
