"""Plain cells are understood at once, all others in full: both ways say the same of any cell.

What belongs here: the same file checked twice, once with every row forced to be understood in full. What does
not: whether what they say is right (the other modules).
"""

from __future__ import annotations

import datetime as dt
import io
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.intake import check_returns
from etl.intake.conditions import Conditions
from etl.intake.text import folded
from tests.intake.workbooks import EXAMPLES, File, csv_file, reader
from warehouse.catalog import FieldKind, Ledger, load_catalog

CATALOG = load_catalog()

#: The first column of every table here is one that no ledger has, so that a row may begin with anything.
OTHER = "其他"

#: Texts without a blank in them, in groups: numbers, dates, words, rows that are no data, codes.
_GROUPS = [
    "0 -0 00 012 +5 -5 5. .5 ..5 1.005 2.675 0.004 0.005 1.23456 1_000 1,000 1,00 1e3 1E3 1e-2 1e30 0x10",
    "999999999999999999999999999999999999 inf nan -infinity 9999999999 10000000000 99999999999999999",
    "１２ 1.5万 3千 2亿 12人 约12 50% 0.5 1 1.0 100 101 99999 100000 12345.67",
    "2024-03-05 2024-3-5 2024-02-30 2024-02-29 0001-01-01 9999-12-31 10000-01-01 2024-03-05T10:00:00",
    "2024.3.5—3.6 2024年3月5日 2024.1 20240305 45356 45356.5 epoch today",
    "- -- — —— – / 无 是 √ true TRUE t Y × 否 稀土 市级 NULL None \\ ' \" % # #REF! #ref! Err:502",
    "甲（乙） 甲(乙) ① ㎡ Ａ ﬁ é e\u0301 豈 ⼀ \u200b",
    "合计 小计 其中： 注 注： ㊟ 注册会计师 说明1 备注栏 填表人：李四",
    "91350100M000100Y43 91350100m000100y43 91350100M000100Y44 91350100M000100Y4 13800138000 138-0013-8000",
    "+86-138-0013-8000 电话：138-0013-8000 1-3-8-0-0-1-3-8-0-0-0 36073119900101123X 360731-19900101-1234",
    "360731900101123 甲1234567890 甲12345678901 1234567890-1 0797-8123456",
]
_BLANKS = "|\u00a0| |12 人|2024-03-05 00:00|无 |稀 土|甲 乙|甲\n乙|甲\t乙|\ufeff甲|\x01|a\x0bb|138 0013 8000"
_BLANKS += "|合 计|\u2003合计|\u3000合计"
_LONG = [character * length for character in "甲a" for length in (166, 167, 500, 501)]
ODD = [*" ".join(_GROUPS).split(), *_BLANKS.split("|"), *_LONG]

_NASTY = "0123456789" * 3 + "-./:,+%eExX_ \u3000（）()#年月日万人元无是否合计注甲乙１２Ａ①—–~\u00a0\ufeff"
texts = st.sampled_from(ODD) | st.text(st.sampled_from(_NASTY), max_size=14)
#: What a workbook stores besides texts; the reader makes dates of serial days where the format says so.
typed = (
    st.integers(-5, 99999)
    | st.sampled_from([0.5, 0.05, 1.005, 1e15, 1e16, 9.13501e17, 45356.5, 2024.1, 1e-7, True, False])
    | st.dates(dt.date(2023, 12, 1), dt.date(2027, 2, 1))
    | st.datetimes(dt.datetime(2024, 3, 1), dt.datetime(2024, 3, 9))  # noqa: DTZ001 - a spreadsheet's clock
)
Cells = list[list[Any]]


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[Any]) -> tuple[Ledger, Cells]:
    """A ledger's example row many times, one or two cells of each replaced."""
    ledger = draw(st.sampled_from(CATALOG.ledgers))
    labels = [OTHER, *(field.title for field in ledger.stored_fields)]
    name = next(index for index, label in enumerate(labels) if label == _key_title(ledger))
    example_row = [EXAMPLES[ledger.title].get(label, "") for label in labels]
    places = st.integers(0, len(labels) - 1)
    changes = draw(st.lists(st.tuples(places, cells, st.none() | places, cells), min_size=30, max_size=60))
    rows: Cells = []
    for number, (place, cell, second, other) in enumerate(changes):
        row = list(example_row)
        # Mostly an event of its own, so that an odd cell is not hidden behind a repeated event.
        row[name] = f"{row[name]}{number // 2}"
        row[place] = cell
        if second is not None:
            row[second] = other
        rows.append(row)
    return ledger, [labels, *rows]


def _key_title(ledger: Ledger) -> str:
    keys = (ledger.field(name) for name in ledger.primary_key)
    return next(field.title for field in keys if field.kind is FieldKind.TEXT)


def every_text(ledger: Ledger, odd: Sequence[str]) -> Cells:
    """Each text in each column."""
    labels = [OTHER, *(field.title for field in ledger.stored_fields)]
    rows: Cells = [labels]
    for label in labels:
        for text in odd:
            row = {**EXAMPLES[ledger.title], _key_title(ledger): f"甲{len(rows)}", label: text}
            rows.append([row.get(one, "") for one in labels])
    return rows


def as_csv(ledger: Ledger, rows: Cells) -> File:
    return csv_file(rows, f"于都县_2024-03_{ledger.title}.csv")


def as_workbook(ledger: Ledger, rows: Cells) -> File:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
    ) as book:
        page = book.add_worksheet(ledger.title)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return File("于都县_2024-03.xlsx", buffer.getvalue())


def checked(file: File, folder: Path) -> dict[str, Any]:
    """All that the check says of a file; of the accepted rows the types too."""
    folder.mkdir()
    read = reader().read(file.content, file.name, return_id="1")
    batch = check_returns(CATALOG, [read], folder)
    tables = {name: pq.read_table(path) for name, path in batch.ledgers.items()}
    return {
        "returns": batch.returns.to_pylist(),
        "sheets": batch.sheets.to_pylist(),
        "issues": batch.issues.to_pylist(),
        "types": {name: table.schema.types for name, table in tables.items()},
        "rows": {name: table.to_pylist() for name, table in tables.items()},
    }


def assert_both_lanes_agree(file: File, folder: Path) -> dict[str, Any]:
    plain = checked(file, folder / "plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Conditions, "nothing_wrong", lambda _: iter(["false"]))
        full = checked(file, folder / "full")
    for part in ("rows", "issues", "sheets", "returns", "types"):
        assert plain[part] == full[part], part
    return plain


#: Between them they have every kind of column and of row rule.
ALL_KINDS = ["activity_venues", "competitions", "mutual_insurance", "recuperation"]


def test_the_ledgers_of_these_tests_have_every_kind_of_column() -> None:
    kinds = {field.kind for name in ALL_KINDS for field in CATALOG.ledger_by_name[name].stored_fields}
    assert kinds == set(FieldKind)


@pytest.mark.parametrize("name", ALL_KINDS)
def test_of_every_odd_text_in_every_column_both_lanes_say_the_same(name: str, tmp_path: Path) -> None:
    ledger = CATALOG.ledger_by_name[name]
    said = assert_both_lanes_agree(as_csv(ledger, every_text(ledger, ODD)), tmp_path)
    assert len(said["rows"][ledger.name]) > len(ODD)
    assert len(said["issues"]) > len(ODD)


def test_rows_that_are_no_data_are_known_by_whatever_character_they_begin_with(tmp_path: Path) -> None:
    words = {folded(word) for word in (*CATALOG.form.total_words, *CATALOG.form.note_words)}
    firsts = {word[0] for word in words}
    alike = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if (plain := unicodedata.normalize("NFKC", character))[0] in firsts or plain[0].isspace()
    ]
    assert len(alike) > len(firsts)
    odd = [first + rest for first in alike for rest in ("", "：", "合计", "计")]
    ledger = CATALOG.ledgers[0]
    labels = [OTHER, *EXAMPLES[ledger.title]]
    row = EXAMPLES[ledger.title]
    rows = [[text, *{**row, _key_title(ledger): f"甲{number}"}.values()] for number, text in enumerate(odd)]
    said = assert_both_lanes_agree(as_csv(ledger, [labels, *rows]), tmp_path)
    assert 0 < len(said["rows"][ledger.name]) < len(rows)


@settings(settings.get_profile("many rows"))
@given(tables(texts))
def test_of_random_texts_both_lanes_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[Ledger, Cells]
) -> None:
    assert_both_lanes_agree(as_csv(*table), tmp_path_factory.mktemp("lanes"))


@settings(settings.get_profile("many rows"))
@given(tables(texts | typed))
def test_of_cells_stored_as_numbers_dates_and_truths_both_lanes_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[Ledger, Cells]
) -> None:
    assert_both_lanes_agree(as_workbook(*table), tmp_path_factory.mktemp("lanes"))
