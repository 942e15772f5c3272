"""What is never stored is never stored: files handed in, and everything that is made of them.

What belongs here: whole homes searched for what should not be there. What does not: copies judged as their
originals (``test_copies``), which cells R211 refuses (``intake/test_register``).
"""

import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.intake.personal import (
    MARKER,
)
from tests.intake import corpus
from tests.intake.workbooks import (
    File,
    check,
    csv_file,
    ledger,
    sheet,
    workbook,
    write,
)
from tests.support.command import Outcome, caller
from tests.support.personal import (
    ACCEPTED,
    HEALTH,
    ID_18,
    NEEDLES,
    ROWS,
    SIGNED,
    SPACED,
    copied,
    texts,
    whole_workbook,
)
from tests.support.searching import files_with
from warehouse.landing import Landing, Reception
from warehouse.settings import Home


def files(folder: Path) -> list[File]:
    """The same in every format that can be made here."""
    unicode_text = "\r\n".join("\t".join(row) for row in texts(ROWS))
    found = [
        whole_workbook(),
        csv_file([*ROWS, SIGNED], "宁都县_2024-03_师带徒.csv"),
        csv_file(ROWS, "兴国县_2024-03_师带徒.csv", "gb18030"),
        File("会昌县_2024-03_师带徒.txt", unicode_text.encode("utf-16")),
        csv_file(HEALTH, "寻乌县_2024-03_健康体检.csv"),
        File("石城县_2024-03_人员.csv", f"姓名,号码\n张三,{ID_18}\n李四,{SPACED}\n".encode()),
    ]
    if corpus.SOFFICE is not None:
        source = folder / "source.xlsx"
        source.write_bytes(whole_workbook().content)
        for target, unit in (("xls", "上犹县"), ("ods", "崇义县")):
            (converted,) = corpus.convert([source], target, folder)
            book = converted.read_bytes()
            found.append(File(f"{unit}_2024-04.{target}", book))
    return found


# A whole home


@dataclass(frozen=True)
class Handled:
    """A home after everything was done with the files, and all that was said."""

    home: Home
    files: list[File]
    said: list[Outcome]
    temporary: Path

    @property
    def receipts(self) -> dict[str, Mapping[str, object]]:
        """By the beginning of the file's name."""
        read = [json.loads(path.read_bytes()) for path in sorted(self.home.receipts.glob("*.json"))]
        return {one["file"][:3]: one for one in read}


@pytest.fixture(scope="module")
def handled(tmp_path_factory: pytest.TempPathFactory) -> Handled:
    root = tmp_path_factory.mktemp("privacy")
    (root / "converted").mkdir()
    (root / "temporary").mkdir()
    made = files(root / "converted")
    paths = write(root / "files", *made)
    home = root / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(root / "temporary"))
        call = caller(home)
        said = [
            call("check", *paths, "--json"),
            call("check", paths[0]),
            call("submit", *paths, "--json"),
            call("submit", *paths),
            call("ingest"),
            call("receipt", "R000001", "-o", home / "receipts" / "again.xlsx"),
            call("verify"),
        ]
    return Handled(Home(home), made, said, root / "temporary")


@pytest.mark.parametrize(
    ("title", "labels", "refused"),
    [
        (
            "健康体检",
            "姓　名 *姓名 姓名（必填） 姓名2 受检人姓名 体检人员名单 体检人 联系人 职工（姓名） 身份证（原）",
            True,
        ),
        ("健康体检", "患者人数 体检人次 参检人员数 联系人数 体检人员构成 名单数", False),
        ("师带徒", "身份证号码 徒弟身份证号 联系人手机号", True),
        ("师带徒", "徒弟姓名 联系人 名单 手机品牌", False),
    ],
    ids=["names", "counts of people", "numbers", "names of masters"],
)
def test_columns_that_hold_what_is_never_stored_are_told_by_their_labels(
    title: str, labels: str, refused: bool
) -> None:
    files = [ledger(title, {label: "无"}) for label in labels.split(" ")]
    assert ["R211" in one.rules for one in check(*files)] == [refused] * len(files)


def test_the_search_finds_what_the_files_hold(tmp_path: Path) -> None:
    (tmp_path / "converted").mkdir()
    write(tmp_path / "files", *files(tmp_path / "converted")[:6])
    found = files_with(tmp_path / "files", NEEDLES)
    assert set(found) == set(NEEDLES) - {"13600136000", "13900139000"}  # typed with blanks, in full width
    assert len({name.partition("!")[0] for names in found.values() for name in names}) == 6


def test_no_file_of_the_home_tells_it(handled: Handled) -> None:
    assert len([path for path in handled.home.root.rglob("*") if path.is_file()]) > 30
    assert list(handled.home.publications.glob("*.duckdb"))
    assert len(list(handled.home.receipts.glob("*.xlsx"))) == len(handled.files) + 1
    assert files_with(handled.home.root, NEEDLES) == {}


def test_no_command_tells_it(handled: Handled) -> None:
    assert [one.code for one in handled.said[2:4]] == [0, 0]
    for one in handled.said:
        assert [needle for needle in NEEDLES if needle in one.stdout + one.stderr] == []


def test_no_temporary_file_stays(handled: Handled) -> None:
    assert [path.name for path in handled.temporary.iterdir()] == []


def test_the_other_rows_count(handled: Handled) -> None:
    told = {
        name: (one["status"], one["rows_accepted"], one["rows_held_out"])
        for name, one in handled.receipts.items()
    }
    expected = {
        **dict.fromkeys(("于都县", "宁都县", "兴国县", "会昌县"), ("ACCEPTED_WITH_ISSUES", 2, 5)),
        "于都县": ("ACCEPTED_WITH_ISSUES", 2, 6),
        "寻乌县": ("ACCEPTED_WITH_ISSUES", 0, 1),
        "石城县": ("REJECTED", 0, 0),
    }
    assert {name: told[name] for name in expected} == expected


def test_the_receipt_names_the_cells(handled: Handled) -> None:
    issues = handled.receipts["于都县"]["issues"]
    assert isinstance(issues, list)
    assert [(one["sheet"], one["cell"], one["found"]) for one in issues if one["rule"] == "R211"] == [
        *(("师带徒", cell, None) for cell in ("B2", "E3", "C5", "E6", "E8")),
        ("健康体检", "F1", None),
    ]
    book = openpyxl.load_workbook(handled.home.receipts / "R000001.xlsx")
    comment = book["师带徒"]["B2"].comment
    assert comment is not None
    assert "R211" in comment.text
    assert [book["师带徒"][cell].value for cell in ("B4", "B7")] == ACCEPTED


def test_the_manifest_says_what_was_landed(handled: Handled) -> None:
    landing = Landing(handled.home)
    first, *_ = landing.receptions()
    submitted = json.loads(handled.said[2].stdout)["returns"]
    assert (first.redacted, first.file_name) == (True, f"于都县_2024-03_ {MARKER}.xlsx")
    assert (submitted[0]["sha256"], submitted[0]["redacted"]) == (first.sha256, True)
    assert first.landed_sha256 not in (None, first.sha256)
    path = landing.landed(first)
    assert path is not None
    assert path.name == first.landed_sha256
    assert MARKER in str(openpyxl.load_workbook(io.BytesIO(path.read_bytes()))["师带徒"]["B2"].value)
    assert handled.said[6].code == 0, handled.said[6].stdout


def test_the_same_file_is_known_again(handled: Handled) -> None:
    assert f"{len(handled.files)} had been received before" in handled.said[3].stderr
    assert len(Landing(handled.home).receptions()) == len(handled.files)


def test_verify_compares_the_copy(handled: Handled, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(handled.home.root, home.root)
    landing = Landing(home)
    path = landing.landed(landing.receptions()[0])
    assert path is not None
    path.write_bytes(b"PK other bytes")
    said = caller(home.root)("verify")
    assert said.code != 0
    assert "R000001" in said.stdout + said.stderr


# Where there is no copy


def test_a_file_without_a_copy_is_not_landed(tmp_path: Path) -> None:
    # As a text the code would be right: a copy would say something else than the number.
    rows = {"荣誉类别": ["劳动模范"] * 2, "统一社会信用代码": [1, 2], "获得者": ["甲", ID_18]}
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer)
    file = File("于都县_2024-03_劳模先进.parquet", buffer.getvalue())
    (tmp_path / "place").mkdir()
    assert copied(file, tmp_path / "place") == (True, None)
    # Nobody reads the upper table, and what is personal in it is not kept for all that.
    two_tables = workbook({"技能培训": [*sheet("单身联谊", {"活动名称": SPACED}), [], *sheet("技能培训")]})
    assert copied(two_tables, tmp_path / "place") == (True, None)
    home = Home(tmp_path / "home")
    (path,) = write(tmp_path / "files", file)
    call = caller(home.root)
    said = call("submit", path)
    assert "not stored: it holds personal data" in said.stdout
    ingested = call("ingest")
    assert ingested.code == 1
    (reception,) = Landing(home).receptions()
    assert (reception.redacted, reception.landed_sha256) == (True, None)
    assert [one for one in Landing(home).files.rglob("*") if one.is_file()] == []
    receipt = json.loads((home.receipts / "R000001.json").read_bytes())
    assert (receipt["status"], receipt["unit"], receipt["period"]) == ("REJECTED", "360731", "2024-03")
    assert [one["rule"] for one in receipt["issues"]] == ["R211"]
    assert (home.receipts / "R000001.xlsx").is_file()
    assert call("verify").code == 0
    assert files_with(home.root, [ID_18]) == {}


# Check


def test_check_leaves_a_clerk_the_own_cells_and_tells_nothing(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "files", whole_workbook("于都县_2024-03.xlsx"))
    before = path.read_bytes()
    said = caller(tmp_path / "home")("check", path, "--receipt", tmp_path / "receipts")
    assert (said.code, path.read_bytes()) == (1, before)
    assert [needle for needle in NEEDLES if needle in said.stdout + said.stderr] == []
    assert files_with(tmp_path / "home", NEEDLES) == {}
    (receipt,) = (tmp_path / "receipts").iterdir()
    book = openpyxl.load_workbook(receipt)
    assert book["师带徒"]["B2"].value == f"王秀英{ID_18}"
    comment = book["师带徒"]["B2"].comment
    assert comment is not None
    words = comment.text + str([[cell.value for cell in row] for row in book["校验结果"]])
    assert [needle for needle in NEEDLES if needle in words] == []
    assert "已删去" not in comment.text


# Manifests


def test_a_manifest_of_a_clean_file_is_as_ever(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (path,) = write(tmp_path / "files", ledger("师带徒"))
    assert caller(home.root)("submit", path).code == 0
    (manifest,) = (json.loads(one.read_bytes()) for one in Landing(home).manifests.glob("*.json"))
    assert "redacted" not in manifest
    (reception,) = Landing(home).receptions()
    assert reception == Reception(**manifest)
    assert Landing(home).content(reception) == path.read_bytes()
