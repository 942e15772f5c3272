"""What the cells of the form refuse and say, and that Excel takes it.

What belongs here: data validations, and the texts and lists that have to fit into them. What does not: what
the intake refuses (``intake``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from etl.template import template_workbook
from etl.template.layout import shortened
from tests.support.templates import FIRST_ROW, LAST_ROW, MONTH, UNIT, made, opened, page
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField, load_catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(made())


def validations(sheet: Worksheet) -> dict[str, DataValidation]:
    """The one validation of each column that has one, by its letter."""
    found: dict[str, DataValidation] = {}
    for one in sheet.data_validations.dataValidation:
        (area,) = one.sqref.ranges
        left, top, right, bottom = range_boundaries(str(area))
        assert (left, top, bottom) == (right, FIRST_ROW, LAST_ROW)
        assert found.setdefault(get_column_letter(left or 0), one) is one
    return found


def each_validation(book: Workbook, catalog: Catalog) -> list[tuple[Ledger, LedgerField, DataValidation]]:
    found = []
    for ledger in catalog.ledgers:
        by_letter = validations(page(book, ledger.title))
        stored = {
            get_column_letter(number): field for number, field in enumerate(ledger.fields, 1) if field.stored
        }
        assert by_letter.keys() == stored.keys()
        found += [(ledger, stored[letter], one) for letter, one in by_letter.items()]
    return found


def offered(book: Workbook, one: DataValidation) -> list[str]:
    """What a drop-down offers, wherever its list stands."""
    source = str(one.formula1)
    if source.startswith('"'):
        return source.strip('"').split(",")
    sheet_name, area = next(iter(book.defined_names[source].destinations))
    return [str(cell.value) for (cell,) in page(book, sheet_name)[area]]


def test_list_columns_offer_what_the_catalog_lists(book: Workbook, catalog: Catalog) -> None:
    lists: Mapping[FieldKind, Callable[[LedgerField], Sequence[str]]] = {
        FieldKind.ENUM: lambda field: field.constraints.enum,
        FieldKind.BOOLEAN: lambda _: ("是", "否"),
        FieldKind.CHAIN: lambda _: [one.name_zh for one in catalog.chains],
        FieldKind.CLUSTER: lambda _: [one.name_zh for one in catalog.clusters],
    }
    counted = 0
    for ledger, field, one in each_validation(book, catalog):
        assert (one.type == "list") == (field.kind in lists), (ledger.name, field.name)
        if field.kind in lists:
            counted += 1
            assert offered(book, one) == [*lists[field.kind](field)]
            # An unknown chain does not hold a row out, so the cell takes one after a warning.
            soft = field.kind in (FieldKind.CHAIN, FieldKind.CLUSTER)
            assert one.errorStyle == ("warning" if soft else None)
            assert str(one.formula1).startswith('"') != soft
    assert counted > 2 * 19


def test_numbers_dates_and_texts_have_the_limits_of_their_columns(book: Workbook, catalog: Catalog) -> None:
    for ledger, field, one in each_validation(book, catalog):
        where, limits = (ledger.name, field.name), field.constraints
        if field.kind in (FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.YUAN, FieldKind.PERCENT):
            assert one.type == ("whole" if field.kind is FieldKind.INTEGER else "decimal"), where
            if limits.exclusive_minimum is not None:
                assert (one.operator, one.formula1) == ("greaterThan", str(limits.exclusive_minimum))
            elif limits.maximum is not None:
                assert one.operator in (None, "between")
                assert (one.formula1, one.formula2) == (str(limits.minimum), str(limits.maximum)), where
            else:
                assert (one.operator, one.formula1) == ("greaterThanOrEqual", str(limits.minimum)), where
        elif field.kind is FieldKind.DATE:
            assert one.type == "date"
            if field.name == ledger.event_date:
                assert [day(one.formula1), day(one.formula2)] == [dt.date(2024, 1, 1), dt.date(2024, 3, 31)]
            else:
                # Any other date may lie behind the month: a contest that ends in April.
                assert (one.operator, one.formula1) == ("greaterThanOrEqual", "1")
        elif field.kind is FieldKind.TEXT:
            assert (one.type, one.operator, one.formula1) == ("textLength", "lessThanOrEqual", "500")
        elif field.kind is FieldKind.CREDIT_CODE:
            assert (one.type, one.operator, one.formula1) == ("textLength", "equal", "18")


def day(serial: object) -> dt.date:
    return dt.date(1899, 12, 30) + dt.timedelta(days=int(str(serial)))


def all_validations(book: Workbook) -> list[DataValidation]:
    return [one for name in book.sheetnames for one in page(book, name).data_validations.dataValidation]


def utf16(text: str | None) -> int:
    return len((text or "").encode("utf-16-le")) // 2


def assert_within_limits(book: Workbook) -> None:
    """What Excel takes without repairing the file."""
    for one in all_validations(book):
        assert utf16(one.promptTitle) <= 32
        assert utf16(one.errorTitle) <= 32
        assert utf16(one.prompt) <= 255
        assert utf16(one.error) <= 255
        if one.type == "list" and str(one.formula1).startswith('"'):
            assert utf16(str(one.formula1)) <= 257


def test_every_cell_says_in_chinese_what_passes(book: Workbook, catalog: Catalog) -> None:
    assert_within_limits(book)
    for _, field, one in each_validation(book, catalog):
        assert one.promptTitle == one.errorTitle == field.title
        assert (one.prompt or "").startswith("应填：")
        assert (one.error or "").startswith(f"“{field.title}”应填：")
        assert (one.showInputMessage, one.showErrorMessage, one.allowBlank) == (True, True, True)
        assert all(value in (one.error or "") for value in field.constraints.enum)


def changed(catalog: Catalog, **change: Any) -> Catalog:
    """The catalog with another first column of its own in the first ledger."""
    first, *others = catalog.ledgers
    index = next(i for i, field in enumerate(first.fields) if field.name == "honour_type")
    fields = list(first.fields)
    data = {**fields[index].model_dump(by_alias=True), **change}
    fields[index] = LedgerField.model_validate(data)
    ledger = Ledger.model_construct(
        **{**{name: getattr(first, name) for name in Ledger.model_fields}, "fields": tuple(fields)}
    )
    facts = {name: getattr(catalog, name) for name in Catalog.model_fields}
    return Catalog.model_construct(**{**facts, "ledgers": (ledger, *others)})


LONG = [f"第{number}类荣誉称号" for number in range(60)]


@pytest.mark.parametrize(
    ("values", "inline"),
    [
        (LONG[:20], True),
        (LONG, False),
        (["甲,乙", "丙"], False),
        (["𠮷" * 126, "乙"], True),
        (["𠮷" * 128], False),
    ],
    ids=["short", "long", "with a comma", "within the limit", "over the limit in UTF-16"],
)
def test_a_list_too_long_for_a_cell_stands_on_the_hidden_sheet(
    catalog: Catalog, values: list[str], inline: bool
) -> None:
    grown = changed(catalog, constraints={"enum": values}, title="荣" * 40)
    book = opened(template_workbook(grown, grown.unit_by_code[UNIT], MONTH))
    assert_within_limits(book)
    one = validations(page(book, "劳模先进"))["G"]
    assert str(one.formula1).startswith('"') == inline
    assert offered(book, one) == values
    assert one.promptTitle == "荣" * 31 + "…"


def test_above_one_limit_and_up_to_another(catalog: Catalog) -> None:
    limits = {"exclusiveMinimum": "0.5", "maximum": 200}
    for kind, whole in (("number", ""), ("integer", ",INT(G5)=G5")):
        grown = changed(catalog, type=kind, constraints=limits)
        book = opened(template_workbook(grown, grown.unit_by_code[UNIT], MONTH))
        one = validations(page(book, "劳模先进"))["G"]
        assert (one.type, one.formula1) == ("custom", f"AND(ISNUMBER(G5),G5>0.5,G5<=200{whole})")


def test_texts_are_cut_behind_a_word() -> None:
    assert shortened("一二三四", 4) == "一二三四"
    assert shortened("one of: alpha, beta, gamma", 22) == "one of: alpha, beta…"
    assert (
        shortened("下列之一：劳动模范、五一劳动奖章、工人先锋号", 20) == "下列之一：劳动模范、五一劳动奖章…"
    )
    assert shortened("劳" * 300, 255) == "劳" * 254 + "…"
    for limit in range(2, 40):
        cut = shortened("𠮷野家，" * 20, limit)
        assert utf16(cut) <= limit
        assert cut.endswith("…")
