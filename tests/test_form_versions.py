"""Labels of former versions of the form: an old template keeps working when a label changes.

What belongs here: a changed catalog, and what returns under old and new labels mean. What does not: labels
and aliases of today (``intake/test_headers``).
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from etl.intake import ReturnReader, check_returns
from etl.template import template_workbook
from tests.intake.workbooks import (
    EXAMPLES,
    MARCH_5,
    Cells,
    File,
    cover,
    csv_file,
    saved,
    sheet,
    workbook,
)
from tests.support.deciding import Office
from warehouse.catalog import Catalog, CatalogError, load_catalog
from warehouse.catalog.loader import CATALOG_DIRECTORY
from warehouse.settings import Home

OLD, NEW = "2024-1", "2025-1"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The catalog's files, to be changed; the form has a second version."""
    target = tmp_path / "catalog"
    shutil.copytree(CATALOG_DIRECTORY, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    change(target, "form.yaml", f'versions: ["{OLD}"]', f'versions: ["{OLD}", "{NEW}"]')
    return target


def change(directory: Path, file: str, old: str, new: str) -> None:
    path = directory / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def rename(directory: Path, file: str, old: str, new: str, until: str = OLD) -> None:
    """What a maintainer does: another title, and the old one among the former."""
    former = f'    former_titles: [{{title: {old}, until: "{until}"}}]'
    change(directory, file, f"    title: {old}\n", f"    title: {new}\n{former}\n")


Rows = Mapping[str, list[dict[str, Any]]]


def check(catalog: Catalog, *files: File) -> list[tuple[list[str], Rows]]:
    """For each file the rules that it breaks, and its accepted rows of each ledger."""
    reader = ReturnReader(catalog)
    read = [reader.read(file.content, file.name, return_id=str(number)) for number, file in enumerate(files)]
    with tempfile.TemporaryDirectory() as folder:
        batch = check_returns(catalog, read, Path(folder))
        kept = {name: pq.read_table(path).to_pylist() for name, path in batch.ledgers.items()}
    issues = batch.issues.to_pylist()
    return [
        (
            sorted(issue["rule"] for issue in issues if issue["return_id"] == one.return_id),
            {
                name: mine
                for name, rows in kept.items()
                if (mine := [row for row in rows if row["return_id"] == one.return_id])
            },
        )
        for one in read
    ]


def rows(catalog: Catalog, *files: File) -> list[Rows]:
    """The accepted rows of each file; nothing may be held out or unknown."""
    checked = check(catalog, *files)
    assert [rules for rules, _ in checked] == [[]] * len(files)
    return [kept for _, kept in checked]


def relabelled(title: str, labels: Mapping[str, str]) -> Cells:
    header, row = sheet(title)
    return [[labels.get(str(label), label) for label in header], row]


def stating(version: str | None) -> Cells:
    lines: Cells = [["模板版本", version]] if version is not None else []
    return [*cover(), *lines]


#: The version that a return may state: the old one, today's, none, and one that nobody knows.
STATED = [OLD, NEW, None, "1999-9"]


def test_old_and_new_labels_and_aliases_are_read_whatever_the_version(copy: Path) -> None:
    rename(copy, "ledgers/apprenticeships.yaml", "师傅", "带徒师傅")
    labels = ["师傅", "带徒师傅", "导师", "master"]
    files = [
        workbook({"封面": stating(version), "师带徒": relabelled("师带徒", {"师傅": label})})
        for version in STATED
        for label in labels
    ]
    for found in rows(load_catalog(copy), *files):
        (row,) = found["apprenticeships"]
        assert (row["master"], row["apprentices"]) == ("李卫国", 3)


@pytest.fixture
def moved(copy: Path) -> Catalog:
    """A label that meant one column, and means another one now."""
    trainings = "ledgers/skills_trainings.yaml"
    rename(copy, trainings, "培训人数", "参训学员数")
    rename(copy, trainings, "取证人数", "培训人数")
    return load_catalog(copy)


MOVED = {"培训人数": "参训学员数", "取证人数": "培训人数"}


def test_a_label_that_moved_is_read_as_its_version_meant_it(moved: Catalog) -> None:
    files = [
        workbook(
            {
                "封面": stating(version),
                "技能培训": relabelled("技能培训", {} if version == OLD else MOVED),
            }
        )
        for version in STATED
    ]
    for found in rows(moved, *files):
        (row,) = found["skills_trainings"]
        assert (row["participants"], row["certificates"]) == (50, 45)


def test_old_labels_that_would_be_misread_are_refused_where_no_version_is_stated(moved: Catalog) -> None:
    assert check(moved, workbook({"技能培训": sheet("技能培训")})) == [(["R101", "R102"], {})]


def test_the_line_above_a_table_states_the_version_too(moved: Catalog) -> None:
    """So does a CSV file, or a sheet that was moved into another workbook."""
    line: Sequence[object] = [f"填报单位：于都县　统计月份：2024-03　模板版本：{OLD}"]
    old_labels: Cells = [line, *sheet("技能培训")]
    for found in rows(
        moved,
        csv_file(old_labels, "报表.csv"),
        workbook({"封面": stating(NEW), "技能培训": old_labels}),
        workbook({"Sheet1": old_labels}, "报表.xlsx"),
    ):
        (row,) = found["skills_trainings"]
        assert (row["participants"], row["certificates"]) == (50, 45)


def test_a_label_of_several_versions_ago(copy: Path) -> None:
    change(copy, "form.yaml", f'"{OLD}", "{NEW}"', f'"{OLD}", "{NEW}", "2026-1"')
    file = "ledgers/apprenticeships.yaml"
    former = f'[{{title: 师傅, until: "{OLD}"}}, {{title: 带教师傅, until: "{NEW}"}}]'
    change(copy, file, "    title: 师傅\n", f"    title: 带徒师傅\n    former_titles: {former}\n")
    catalog = load_catalog(copy)
    master = catalog.ledger_by_name["apprenticeships"].field("master")
    versions = catalog.form.versions
    assert [master.former_title(one, versions) for one in versions] == ["师傅", "带教师傅", None]
    files = [
        workbook({"封面": stating(version), "师带徒": relabelled("师带徒", {"师傅": label})})
        for label in ("师傅", "带教师傅", "带徒师傅")
        for version in (*versions, None)
    ]
    assert {row["master"] for found in rows(catalog, *files) for row in found["apprenticeships"]} == {
        "李卫国"
    }


def test_a_shared_column_is_renamed_in_every_ledger(copy: Path) -> None:
    rename(copy, "shared_fields.yaml", "单位名称", "用人单位")
    titles = [title for title, example in EXAMPLES.items() if "单位名称" in example]
    labels = {"单位名称": "用人单位"}
    old, new = rows(
        load_catalog(copy),
        workbook({"封面": stating(OLD), **{title: sheet(title) for title in titles}}),
        workbook({title: relabelled(title, labels) for title in titles}),
    )
    for found in (old, new):
        assert [{row["enterprise"] for row in kept} for kept in found.values()] == [{"永磁材料有限公司"}] * 6


def test_the_label_of_the_stated_version_counts_before_an_alias_beside_it(copy: Path) -> None:
    """As a label of today does: 徒弟人数 is then a column of the county's own."""
    rename(copy, "ledgers/apprenticeships.yaml", "带徒人次", "带徒数")
    header, row = sheet("师带徒")
    cells: Cells = [[*header, "徒弟人数"], [*row, 99]]
    ((rules, kept),) = check(load_catalog(copy), workbook({"封面": stating(OLD), "师带徒": cells}))
    assert rules == ["R102"]
    assert [one["apprentices"] for one in kept["apprenticeships"]] == [3]


def test_forms_handed_out_before_and_after_a_change_pass(moved: Catalog) -> None:
    for made_with, version, labels in ((load_catalog(), OLD, {}), (moved, NEW, MOVED)):
        (found,) = rows(moved, filled_form(made_with, "360731", version, labels))
        (row,) = found["skills_trainings"]
        assert (row["participants"], row["certificates"]) == (50, 45)


def filled_form(made_with: Catalog, unit: str, version: str, labels: Mapping[str, str]) -> File:
    """The form of a catalog with a row of 技能培训."""
    month = MARCH_5.replace(day=1)
    book = openpyxl.load_workbook(
        io.BytesIO(template_workbook(made_with, made_with.unit_by_code[unit], month))
    )
    assert ("模板版本", version) in [(row[0].value, row[1].value) for row in book["封面"].iter_rows()]
    page = book["技能培训"]
    header = [str(cell.value).removeprefix("*") for cell in page[4]]
    for label, value in zip(*relabelled("技能培训", labels), strict=True):
        page.cell(5, header.index(str(label)) + 1).value = value
    # Another event than that of the same row from another unit.
    page.cell(5, header.index("培训名称") + 1).value = f"{unit} 焊工培训"
    return File(f"{unit}.xlsx", saved(book))


def test_a_form_of_a_former_version_reaches_the_published_rows(
    moved: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Handed in by the command while a label means another column than it did in that form."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    monkeypatch.setattr("etl.cli.intake.load_catalog", lambda: moved)
    office = Office(home)
    forms = [
        filled_form(load_catalog(), "360731", OLD, {}),
        filled_form(moved, "360730", NEW, MOVED),
    ]
    paths = []
    for form in forms:
        paths.append(tmp_path / form.name)
        paths[-1].write_bytes(form.content)
    assert office.call("submit", *paths).code == 0
    ingested = office.call("ingest", "--json")
    assert (ingested.code, [one["status"] for one in ingested.document["returns"]]) == (0, ["ACCEPTED"] * 2)
    published = "SELECT unit, participants, certificates, row FROM core.skills_trainings ORDER BY unit"
    assert office.rows(published) == [("360730", 50, 45, 5), ("360731", 50, 45, 5)]


# A catalog that contradicts itself


def test_two_columns_of_one_former_label_are_refused_with_file_and_line(copy: Path) -> None:
    trainings = "ledgers/skills_trainings.yaml"
    rename(copy, trainings, "培训人数", "参训学员数")
    former = f'    former_titles: [{{title: 培训人数, until: "{OLD}"}}]'
    change(copy, trainings, "    title: 取证人数\n", f"    title: 取证人数\n{former}\n")
    with pytest.raises(CatalogError) as caught:
        load_catalog(copy)
    line = (copy / trainings).read_text(encoding="utf-8").split("\n").index(former, 40) + 1
    (problem,) = caught.value.problems
    assert problem.startswith(f"{trainings}:{line}: ")
    assert all(word in problem for word in (OLD, "培训人数", "participants"))


def test_a_slip_in_a_shared_column_is_told_once_where_it_stands(copy: Path) -> None:
    rename(copy, "shared_fields.yaml", "备注", "附注", until="2023-9")
    with pytest.raises(CatalogError) as caught:
        load_catalog(copy)
    (problem,) = caught.value.problems
    lines = (copy / "shared_fields.yaml").read_text(encoding="utf-8").split("\n")
    line = next(number for number, text in enumerate(lines, 1) if "2023-9" in text)
    assert problem.startswith(f"shared_fields.yaml:{line}: ")
    assert "no former version" in problem


def test_the_present_version_is_no_former_one(copy: Path) -> None:
    rename(copy, "ledgers/apprenticeships.yaml", "师傅", "带徒师傅", until=NEW)
    with pytest.raises(CatalogError, match=f"'{NEW}' is no former version of the form"):
        load_catalog(copy)


def test_two_labels_until_one_version_are_refused(copy: Path) -> None:
    former = f'[{{title: 师父, until: "{OLD}"}}, {{title: 带教, until: "{OLD}"}}]'
    change(
        copy,
        "ledgers/apprenticeships.yaml",
        "    title: 师傅\n",
        f"    title: 师傅\n    former_titles: {former}\n",
    )
    with pytest.raises(CatalogError, match=f"two labels until '{OLD}'"):
        load_catalog(copy)
