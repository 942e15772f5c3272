"""The form to fill in: that it passes when it comes back, and what it holds and says.

What belongs here: the workbook as clerks and the intake see it. What does not: what its cells refuse
(``test_template_cells``), the command (``test_template_command``), labels of former versions
(``test_form_versions``).
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.template import TemplateError, template_workbook
from tests.intake.workbooks import EXAMPLES, Checked, File, check, saved
from tests.support.templates import (
    FIRST_ROW,
    HEADER_ROW,
    MONTH,
    NAME,
    UNIT,
    declare,
    fill,
    instructions,
    labels,
    made,
    opened,
    own_examples,
    page,
)
from warehouse.catalog import Catalog, FieldKind, load_catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(made())


# Sent back


@pytest.fixture(scope="module")
def sent_back() -> Mapping[str, Checked]:
    """What becomes of the form, untouched and filled in in several ways: one check of all."""
    contents = {"untouched": made()}
    for name, state, rows in (
        ("nil", "零报告", {}),
        ("filled in", "有数据", EXAMPLES),
        ("filled in, nothing chosen", "未填报", EXAMPLES),
        ("the instructions' examples", "有数据", own_examples(opened(made()))),
    ):
        book = opened(made())
        fill(book, rows)
        declare(book, state)
        contents[name] = saved(book)
    checked = check(*(File("报表.xlsx", content) for content in contents.values()))
    return dict(zip(contents, checked, strict=True))


def test_an_untouched_form_reports_nothing(sent_back: Mapping[str, Checked]) -> None:
    checked = sent_back["untouched"]
    assert (checked.status, checked.issues) == ("ACCEPTED", [])
    assert checked.identity == (UNIT, "2024-03")
    assert [*checked.states.values()] == ["empty"] * 19


def test_a_form_declared_nil_reports_nothing_but_that(sent_back: Mapping[str, Checked]) -> None:
    checked = sent_back["nil"]
    assert (checked.status, checked.issues) == ("ACCEPTED", [])
    assert [*checked.states.values()] == ["nil"] * 19


def assert_whole(checked: Checked, catalog: Catalog) -> None:
    assert (checked.status, checked.issues) == ("ACCEPTED", [])
    assert checked.identity == (UNIT, "2024-03")
    assert checked.receipt["rows_accepted"] == 19
    assert set(checked.rows) == {ledger.name for ledger in catalog.ledgers}
    for one in checked.sheets:
        # Every column is known, the marked ones too.
        fields = catalog.ledger_by_name[one["ledger"]].fields
        assert dict(one["column_letters"]) == {
            field.name: get_column_letter(number) for number, field in enumerate(fields, 1)
        }


@pytest.mark.parametrize("name", ["filled in", "filled in, nothing chosen"])
def test_a_form_filled_in_passes_whole(name: str, sent_back: Mapping[str, Checked], catalog: Catalog) -> None:
    assert_whole(sent_back[name], catalog)


def test_the_examples_of_the_instructions_pass(sent_back: Mapping[str, Checked]) -> None:
    """Each by itself; together they may break a rule over several cells (R3xx)."""
    checked = sent_back["the instructions' examples"]
    assert {rule for rule in checked.rules if not rule.startswith("R3")} == set()
    assert set(checked.states.values()) == {"rows"}
    assert checked.receipt["rows_accepted"] + checked.receipt["rows_held_out"] == 19


soffice = shutil.which("soffice")


@pytest.mark.skipif(soffice is None, reason="LibreOffice is not installed")
def test_a_form_that_libreoffice_saved_passes_whole(catalog: Catalog, tmp_path: Path) -> None:
    assert soffice is not None
    book = opened(made())
    fill(book, EXAMPLES)
    declare(book, "有数据")
    filled = tmp_path / NAME
    filled.write_bytes(saved(book))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    files = []
    for target in ("xlsx:Calc MS Excel 2007 XML", "xls", "ods"):
        folder = tmp_path / target[:4]
        arguments = ["--headless", "--convert-to", target, "--outdir", str(folder), str(filled)]
        subprocess.run([soffice, profile, *arguments], check=True, capture_output=True, timeout=300)
        (converted,) = folder.iterdir()
        files.append(File(converted.name, converted.read_bytes()))
    assert len({file.content[:4] for file in files}) == 2  # one is no ZIP archive
    for checked in check(*files):
        assert_whole(checked, catalog)


# Sheets


def test_the_line_above_a_table_says_what_the_cover_says(book: Workbook, catalog: Catalog) -> None:
    """A formula: a cover that is altered contradicts no sheet."""
    cover = page(book, "封面")
    facts = [(cover.cell(row, 1).value, f"B{row}") for row in range(3, 7)]
    assert [label for label, _ in facts] == ["填报单位", "单位代码", "统计月份", "模板版本"]
    parts = [
        f'"{"　" * (number > 0)}{label}："&封面!$B${place[1:]}' for number, (label, place) in enumerate(facts)
    ]
    for ledger in catalog.ledgers:
        assert page(book, ledger.title)["A2"].value == "=" + "&".join(parts)


def test_the_sheets_in_order(book: Workbook, catalog: Catalog) -> None:
    titles = [ledger.title for ledger in catalog.ledgers]
    assert book.sheetnames == ["封面", "填报说明", *titles, "下拉选项"]
    assert [name for name in book.sheetnames if page(book, name).sheet_state != "visible"] == ["下拉选项"]
    assert not any(page(book, name).protection.sheet for name in book.sheetnames)


def test_the_cover_is_filled_in_but_for_what_is_to_be_chosen(book: Workbook, catalog: Catalog) -> None:
    cover = page(book, "封面")
    labelled = {row[0]: row[1] for row in cover.iter_rows(min_row=3, max_col=2, values_only=True) if row[1]}
    assert labelled == {
        "填报单位": "于都县",
        "单位代码": UNIT,
        "统计月份": "2024-03",
        "模板版本": catalog.form.version,
        "报送期限": "2024年4月5日前（含当日）",
        "台账": "填报情况",
        **{ledger.title: "未填报" for ledger in catalog.ledgers},
    }
    said = "".join(str(row[0]) for row in cover.iter_rows(max_col=1, values_only=True) if row[0])
    assert "“未填报”的空表不算零报告" in said


def test_each_ledger_on_the_cover_leads_to_its_sheet(book: Workbook, catalog: Catalog) -> None:
    cover = page(book, "封面")
    links = {cell.value: cell.hyperlink.location for row in cover for cell in row if cell.hyperlink}
    assert links.keys() == {ledger.title for ledger in catalog.ledgers}
    assert all(place == f"{title}!A1" for title, place in links.items())


def test_the_cover_counts_the_rows_by_their_dates(book: Workbook, catalog: Catalog) -> None:
    cover = page(book, "封面")
    counts = {row[0].value: row[2].value for row in cover.iter_rows(min_row=11, max_row=29)}
    for ledger in catalog.ledgers:
        letter = get_column_letter(1 + ledger.fields.index(ledger.field(ledger.event_date)))
        assert counts[ledger.title] == f"=COUNTA({ledger.title}!${letter}$5:${letter}$65536)"


def test_required_columns_are_marked(book: Workbook, catalog: Catalog) -> None:
    for ledger in catalog.ledgers:
        sheet = page(book, ledger.title)
        assert labels(sheet) == [
            f"{'*' * field.constraints.required}{field.title}" for field in ledger.fields
        ]
        legend = {sheet.cell(3, column).value: colour(sheet, 3, column) for column in range(2, 5)}
        for number, field in enumerate(ledger.fields, 1):
            need = "必填列" if field.constraints.required else "选填列"
            if field.required_when is not None:
                need = "条件必填列"
            assert colour(sheet, HEADER_ROW, number) == legend[need], field.name
        assert len(set(legend.values())) == 3
        has_sums = any(field.kind is FieldKind.YUAN for field in ledger.fields)
        above = [cell.value for row in sheet.iter_rows(max_row=3) for cell in row]
        assert ("金额单位：元" in above) == has_sums


def colour(sheet: Worksheet, row: int, column: int) -> str:
    return str(sheet.cell(row, column).fill.start_color.rgb)


def test_each_label_has_a_note_in_both_languages(book: Workbook, catalog: Catalog) -> None:
    for ledger in catalog.ledgers:
        sheet = page(book, ledger.title)
        for number, field in enumerate(ledger.fields, 1):
            comment = sheet.cell(HEADER_ROW, number).comment
            assert comment is not None
            chinese, english = comment.text.split(field.description)
            assert chinese.startswith(field.title)
            assert ("（必填）" in chinese, "(required)" in english) == (field.constraints.required,) * 2
            assert all(value in chinese and value in english for value in field.constraints.enum)
            for rule in ledger.rules:
                plain = rule.expected_zh.split("{", maxsplit=1)[0]
                assert field.name not in rule.fields or plain in chinese


def test_the_notes_name_the_rates(book: Workbook) -> None:
    sheet = page(book, "职工活动场所")
    (place,) = (cell for cell in sheet[HEADER_ROW] if cell.value == "*补助金额（元）")
    assert place.comment is not None
    assert "每个场所补助不超过 100000 元" in place.comment.text
    assert "at most 100000 yuan a venue" in place.comment.text


def test_formats_keep_what_is_typed(book: Workbook, catalog: Catalog) -> None:
    formats = {FieldKind.DATE: "yyyy-mm-dd", FieldKind.INTEGER: "0", FieldKind.YUAN: "#,##0.00"}
    numbers = {*formats, FieldKind.DECIMAL, FieldKind.PERCENT}
    for ledger in catalog.ledgers:
        cells = page(book, ledger.title)[FIRST_ROW + 100]
        styles = dict(page(book, ledger.title).column_dimensions)
        for number, field in enumerate(ledger.fields, 1):
            letter = get_column_letter(number)
            spanning = next(
                one
                for one in styles.values()
                if (one.min or 0) <= number <= (one.max or 0) or one.index == letter
            )
            expected = formats.get(field.kind, "@")
            if field.kind not in numbers or field.kind in formats:
                assert spanning.number_format == expected, (ledger.name, field.name)
        assert all(cell.value is None for cell in cells)


def test_sheets_are_set_up_for_the_screen_and_the_printer(book: Workbook, catalog: Catalog) -> None:
    for ledger in catalog.ledgers:
        sheet = page(book, ledger.title)
        assert sheet.freeze_panes == f"A{FIRST_ROW}"
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {(1, 0), (None, 0)}
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == f"$1:${HEADER_ROW}"


def test_the_same_form_has_the_same_bytes(catalog: Catalog) -> None:
    assert template_workbook(catalog, catalog.unit_by_code[UNIT], MONTH) == made()


# What the form says


def test_the_instructions_explain_every_column_and_rule(book: Workbook, catalog: Catalog) -> None:
    lines = instructions(book)
    shared = {"序号", "单位名称", "统一社会信用代码", "产业链", "产业集群", "备注"}
    starts = [next(i for i, line in enumerate(lines) if line and ledger.title in line[0] and
                   ledger.description in line[0]) for ledger in catalog.ledgers]  # fmt: skip
    assert starts == sorted(starts)
    for ledger, (start, end) in zip(catalog.ledgers, itertools.pairwise([*starts, len(lines)]), strict=True):
        part = {line[0]: line for line in lines[start + 2 : end] if line}
        own = [field for field in ledger.fields if field.title not in shared or field.constraints.required]
        for field in own:
            assert part[field.title][-1].startswith(field.description)
            assert ("必填" in part[field.title]) == field.constraints.required
            assert field.example is None or field.example in part[field.title]
        (rules,) = (text for text in part if text.startswith("本表校验"))
        for rule in ledger.rules:
            assert rule.expected_zh.split("{", maxsplit=1)[0] in rules
        assert "同一事项只填一行" in rules
    before = {line[0] for line in lines[: starts[0]] if line}
    assert shared <= before


def test_the_instructions_say_what_nil_means_and_when_the_form_is_due(book: Workbook) -> None:
    said = "\n".join(line[0] for line in instructions(book) if line)
    assert "“零报告”表示本单位已核实" in said
    assert "忘记选择不会变成“零报告”" in said
    assert "2024年3月的报表请在2024年4月5日前（含当日）报送" in said
    assert "四、常见错误" in said
    assert "{" not in said


def test_links_lead_to_the_part_about_the_ledger(book: Workbook, catalog: Catalog) -> None:
    explained = page(book, "填报说明")
    for ledger in catalog.ledgers:
        row = page(book, ledger.title)[1]
        links = {cell.value: str(cell.hyperlink.location) for cell in row if cell.hyperlink}
        place = links["本表填报说明 →"].rsplit("!", 1)[1]
        assert ledger.title in str(explained[place].value)
        assert links["← 返回封面"].endswith("!A1")


# Wrong months and units


def test_forms_that_nobody_would_take_are_refused_in_words(catalog: Catalog) -> None:
    with pytest.raises(TemplateError, match=r"2023-12 is no month of the programme.*2024-01 to 2026-12"):
        template_workbook(catalog, catalog.unit_by_code[UNIT], dt.date(2023, 12, 1))
    with pytest.raises(
        TemplateError,
        match=r"蓉江新区（360792）不单独报送，它在章贡区境内 / .*sends no returns of its own; it lies in ",
    ):
        template_workbook(catalog, catalog.unit_by_code["360792"], MONTH)
    ended = catalog.unit_by_code[UNIT].model_copy(update={"valid_to": dt.date(2024, 2, 29)})
    with pytest.raises(
        TemplateError,
        match=r"于都县（360731）无须报送 2024-03 的报表 / .* \(360731\) owes no return for 2024-03",
    ):
        template_workbook(catalog, ended, MONTH)
    assert template_workbook(catalog, ended, dt.date(2024, 2, 1))
    begun = ended.model_copy(update={"valid_from": dt.date(2024, 4, 1), "valid_to": None})
    with pytest.raises(TemplateError, match="owes no return for 2024-03"):
        template_workbook(catalog, begun, MONTH)
    assert template_workbook(catalog, begun, dt.date(2024, 4, 1))
