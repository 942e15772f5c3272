"""What a personal number looks like: wherever it stands, however it is typed.

What belongs here: telling numbers and taking them out. What does not: files that hold them
(``test_privacy``, ``test_copies``).
"""

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.intake.connection import checking_connection
from etl.intake.personal import (
    _OTHER_DIGITS,
    MARKER,
    holds_number,
    masked,
    masked_names,
    suspicion,
    without_numbers,
)
from tests.support.personal import ID_15, ID_18, IN_COVER, IN_NAME, NEEDLES, SPACED
from warehouse.catalog import load_catalog

SAMPLES = [
    *NEEDLES[:6],
    *(
        "1 3 8 0 0 1 3 8 0 0 0",
        "2 13800138000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "2024-03-13800138000",
    ),
    *(
        "①③⑧00138000",
        "1.110105491231002",
        "甲,110105491231002.",
        "x13800138000",
        "138001380001",
        "0797-8138000",
    ),
    *(
        "12.345678011225123",
        "2024-03-05 2024-03-06",
        "91350100M000100Y43",
        MARKER,
        f"甲{MARKER}",
        "12345678901",
    ),
    *("138—0013—8000", "138\u20110013\u20118000", "138\u22120013\u22128000", "138\u200b00138000"),
    *("138.0013.8000", "138·0013·8000", "138/0013/8000", "138_0013_8000", "TEL13800138000", "No.13800138000"),
    *("11010519491231002×", "110105.19491231.002X", "ID11010519491231002x", "110105—19491231—002X"),
    *("13.800138000", "138001380.00", "A13800138000", "2024.03.05/2024.03.06", "13.8001.38000"),
]


def test_python_and_sql_agree() -> None:
    with checking_connection(load_catalog()) as connection:
        values = ", ".join(f"('{one}')" for one in SAMPLES)
        rows = connection.sql(f"SELECT t, is_personal(t) FROM (VALUES {values}) AS v(t)").fetchall()
    assert dict(rows) == {one: masked(one) != one for one in SAMPLES}
    assert sum(found for _, found in rows) == 29


def test_only_the_number_goes_out_of_a_name() -> None:
    assert (
        without_numbers("于都县_2024-03_王秀英 136-0013-6000.xlsx") == f"于都县_2024-03_王秀英 {MARKER}.xlsx"
    )
    assert without_numbers(f"{SPACED}、{ID_18}") == f"{MARKER}、 {MARKER}"
    assert masked_names([f"甲{IN_NAME}", None, f"甲{IN_COVER}", "乙"]) == [
        f"甲 {MARKER}",
        None,
        f"甲 {MARKER}2",
        "乙",
    ]


def test_the_digits_beside_ascii_are_all_known() -> None:
    characters = map(chr, (*range(0x80, 0xD800), *range(0xE000, 0x110000)))
    digits = [one for one in characters if re.fullmatch("[0-9]+", unicodedata.normalize("NFKC", one))]
    assert len(digits) > 100
    assert [one for one in digits if not re.match(f"[{_OTHER_DIGITS}]", one)] == []


DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "₀₁₂₃₄₅₆₇₈₉"])
GAPS = st.sampled_from(["", "", "", " ", "-", " - ", "\u3000", "\n", "—", "\u200b", "."])


@st.composite
def typed(draw: st.DrawFn) -> str:
    """A number as somebody may type it, among other words."""
    number = draw(st.sampled_from([ID_18, ID_15, "13800138000", "8613800138000"]))
    result = draw(st.sampled_from(["", "电话", "甲 ", "(", "1. "]))
    for character in number:
        digits = draw(DIGITS)
        result += (digits[int(character)] if character.isdigit() else character) + draw(GAPS)
    return result + draw(st.sampled_from(["", "。", " 转 2", ")"]))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(typed() | st.text("0123 -x,甲０", max_size=30), min_size=1, max_size=3))
def test_the_quick_look_misses_no_number(cells: list[str]) -> None:
    pattern = suspicion(across_lines=True)
    found = pc.match_substring_regex(pa.array([",".join(cells)]), pattern)[0].as_py()
    assert found or not any(map(holds_number, cells))
    for cell in cells:
        assert not holds_number(without_numbers(cell))
