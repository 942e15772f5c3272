"""What analysts are promised: the published schema, its Chinese names, its documentation, documented answers.

What belongs here: the contract and the pages against what a build makes. What does not: other clients
(``test_contract_clients``), what the figures are (``test_build_progress``).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lake_world import Return, World, honour, rows, training, venue
from tests.support import documented_queries
from tests.support.documented_queries import answered, ask_command_line, ask_python, documented
from tests.support.sample_home import make_sample_home
from warehouse.building import ModelError, build_candidate, documentation
from warehouse.building.contract import Contract, differences, promised
from warehouse.building.descriptions import Meanings, Table, chinese_name, describe, load_meanings
from warehouse.building.documentation import CHECKOUT, Files, problems, published_tables, write
from warehouse.building.models import all_models
from warehouse.catalog import load_catalog
from warehouse.catalog.expressions import identifier
from warehouse.publications import PublicationStore

COUNTY, OTHER, CITY = "360731", "360730", "360799"


@pytest.fixture(scope="module")
def tables() -> Sequence[Table]:
    return published_tables()


def full(root: Path) -> World:
    """A home where something happens in every table that the keys are asked of."""
    world = World(root)
    shared = training("焊工", "2024-03-05")
    world.hand_in(
        Return(CITY, "2024-03", {"skills_trainings": [shared]}, nil=["honours"]),
        Return(COUNTY, "2024-03", {"skills_trainings": [shared, training("电工", "2024-03-05")]}),
        Return(
            OTHER, "2024-03", {"skills_trainings": [shared], "activity_venues": [venue("甲", "2024-03-06")]}
        ),
        Return(COUNTY, "2024-03", {"honours": [honour("丙", "2024-03-07", "rare_earths")]}),
        Return(COUNTY, "2024-04", empty=["honours"], refused=["activity_venues"]),
        Return(None, None, status="REJECTED"),
    )
    return world


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return full(tmp_path_factory.mktemp("full")).built()


# The contract


def test_contract_and_pages_are_what_the_models_make(tables: Sequence[Table]) -> None:
    assert problems(Files(), tables) == [], "the sentences above say what to do"


@pytest.fixture
def files(tmp_path: Path, tables: Sequence[Table]) -> Files:
    """Pages and a contract that are written and told, apart from those of the checkout."""
    files = Files(tmp_path / "tables", tmp_path / "contract.yaml", tmp_path / "CHANGELOG.md")
    tell(files, "- The published schema is contract 1.")
    assert write(files, tables) == []
    assert problems(files, tables) == []
    return files


def tell(files: Files, entry: str) -> None:
    """Adds an entry to the change log."""
    told = files.change_log.read_text(encoding="utf-8") if files.change_log.exists() else "# Changelog\n\n"
    files.change_log.write_text(f"{told}{entry}\n", encoding="utf-8")


def without(tables: Sequence[Table], table: str, column: str) -> list[Table]:
    """The tables but for one column."""
    return [
        replace(each, columns=tuple(one for one in each.columns if one.name != column))
        if each.name == table
        else each
        for each in tables
    ]


def test_a_changed_column_asks_for_a_new_contract_and_a_line_in_the_change_log(
    files: Files, tables: Sequence[Table]
) -> None:
    changed = without(tables, "core.returns", "late")
    [of_contract, of_pages] = problems(files, changed)
    for part in ("core.returns: without late", "make docs", "CHANGELOG.md", "“contract 2”"):
        assert part in of_contract
    assert "core.md" in of_pages
    # Regenerating alone is not enough, and naming another table is not, either.
    assert write(files, changed) == [
        "CHANGELOG.md has no entry that says “contract 2” and names core.returns"
    ]
    assert problems(files, changed) == write(files, changed)
    tell(files, "- Contract 2: `core.returns_of_old` has lost a column.")
    assert problems(files, changed) == [
        "the entries of CHANGELOG.md about contract 2 do not name core.returns"
    ]
    tell(files, "- Contract 2:\n  `core.returns` has no `late` any more.")
    assert problems(files, changed) == []
    # What is told is told: the next difference is the next contract.
    again = without(changed, "core.units", "host")
    assert "“contract 3” and names core.units" in problems(files, again)[0]
    assert "“contract 3” and names core.units" in write(files, again)[0]
    assert Contract.load(files.snapshot).changed == ("core.units",)


def test_changes_that_are_not_told_yet_make_one_contract(files: Files, tables: Sequence[Table]) -> None:
    once = without(tables, "core.returns", "late")
    write(files, once)
    write(files, without(once, "core.units", "host"))
    written = Contract.load(files.snapshot)
    assert (written.number, written.changed) == (2, ("core.returns", "core.units"))


def test_make_fails_until_it_is_written_and_told(
    files: Files,
    tables: Sequence[Table],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed = without(tables, "core.returns", "late")
    monkeypatch.setattr(documentation, "Files", lambda: files)
    monkeypatch.setattr(documentation, "published_tables", lambda: changed)
    assert documentation.main(["check"]) == 1
    assert "core.returns: without late" in capsys.readouterr().err
    assert documentation.main(["write"]) == 0
    assert "“contract 2” and names core.returns" in capsys.readouterr().err
    tell(files, "- Contract 2: core.returns has no `late` any more.")
    assert documentation.main(["check"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"columns": lambda table: table.columns[::-1]}, "its columns stand in another order"),
        ({"chinese": lambda table: f"{table.chinese}册"}, "zh.报表 is zh.报表册"),
        (
            {"columns": lambda table: (replace(table.columns[0], sql_type="BIGINT"), *table.columns[1:])},
            "return_id is BIGINT 报表编号, was VARCHAR 报表编号",
        ),
        (
            {"columns": lambda table: (*table.columns, replace(table.columns[0], name="id", chinese="编号"))},
            "with id VARCHAR",
        ),
    ],
)
def test_every_kind_of_change_is_told(
    tables: Sequence[Table], changes: Mapping[str, Callable[[Table], Any]], told: str
) -> None:
    promise = promised(tables)
    changed = [
        replace(each, **{name: change(each) for name, change in changes.items()})
        if each.name == "core.returns"
        else each
        for each in tables
    ]
    assert differences(promise, promised(changed)) == {"core.returns": told}
    others = [each for each in tables if each.name != "core.returns"]
    assert differences(promise, promised(others)) == {"core.returns": "gone"}
    assert differences(promised(others), promise) == {"core.returns": "new"}


def test_files_changed_by_hand_are_told(files: Files, tables: Sequence[Table]) -> None:
    files.snapshot.write_text(files.snapshot.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    (files.pages / "core.md").write_text("mine\n", encoding="utf-8")
    (files.pages / "old.md").write_text("mine\n", encoding="utf-8")
    [of_contract, of_pages] = problems(files, tables)
    assert "contract.yaml was changed by hand" in of_contract
    assert "(core.md, old.md): run 'make docs'" in of_pages
    assert write(files, tables) == []
    assert problems(files, tables) == []


def test_a_publication_carries_the_number_of_its_contract(built: duckdb.DuckDBPyConnection) -> None:
    assert rows(built, "SELECT contract FROM meta.publication") == [(Contract.load().number,)]


# Descriptions


def described(built: duckdb.DuckDBPyConnection, meanings: Meanings) -> list[Table]:
    catalog = load_catalog()
    published = [model for model in all_models(catalog) if model.is_published]
    [(database,)] = rows(built, "SELECT current_database()")
    return describe(built, database, published, catalog, meanings)


def test_what_is_not_explained_is_told_with_an_example(built: duckdb.DuckDBPyConnection) -> None:
    told = load_meanings()
    columns = {name: meaning for name, meaning in told.columns.items() if name != "sha256"}
    of_tables = {name: meaning for name, meaning in told.tables.items() if name != "core.units"}
    with pytest.raises(ModelError) as error:
        described(built, Meanings(columns=columns, tables=of_tables))
    message = str(error.value)
    assert "core.units is not in the tables of models/columns.yaml" in message
    assert "core.returns.sha256 is not in the columns of models/columns.yaml" in message
    assert "key: [return_id]}" in message


@pytest.mark.parametrize(
    ("column", "changes", "told"),
    [
        ("late", {"name": "文件名"}, "core.returns.file_name and core.returns.late are both called 文件名"),
        ("late", {"name": "迟报（是/否）"}, "core.returns.late is called '迟报（是/否）'"),
        (
            "unit",
            {"refers": "core.towns"},
            "core.returns.unit refers to core.towns, which is no published table",
        ),
    ],
)
def test_names_and_links_that_cannot_be_are_told(
    built: duckdb.DuckDBPyConnection, column: str, changes: dict[str, str], told: str
) -> None:
    meanings = load_meanings()
    changed = meanings.columns[column].model_copy(update=changes)
    with pytest.raises(ModelError, match=re.escape(told)):
        described(built, meanings.model_copy(update={"columns": {**meanings.columns, column: changed}}))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("补助金额（元）", "补助金额_元"),
        ("面积（㎡）", "面积_m2"),
        ("获奖单位/个人", "获奖单位_个人"),
        ("7510企业", "_7510企业"),
        ("师带徒", "师带徒"),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert chinese_name(title) == name


# The schema zh


def test_the_chinese_views_have_the_rows_and_types_of_their_tables(
    built: duckdb.DuckDBPyConnection, tables: Sequence[Table]
) -> None:
    views = {name for (name,) in rows(built, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'zh'")}
    assert views == {table.chinese for table in tables}
    for table in tables:
        source = built.sql(f"FROM {table.model.schema}.{identifier(table.model.name)}")
        view = built.sql(f"FROM zh.{identifier(table.chinese)}")
        assert view.columns == [column.chinese for column in table.columns]
        assert view.types == source.types
        assert view.fetchall() == source.fetchall()
    compared = {table.name for table in tables if rows(built, f"FROM zh.{table.chinese} LIMIT 1")}
    assert compared > {"core.duplicates", "core.issues", "mart.indicator_contributions", "meta.sources"}


def test_every_comment_says_it_in_both_languages(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        "SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        " UNION ALL SELECT schema_name, table_name, '', comment FROM duckdb_tables()"
        " UNION ALL SELECT schema_name, view_name, '', comment FROM duckdb_views() WHERE NOT internal",
    )
    assert {schema for schema, *_ in found} == {"core", "mart", "meta", "zh"}
    for *place, comment in found:
        chinese, separator, english = comment.partition(" · ")
        assert separator, place
        assert any(unicodedata.category(letter) == "Lo" for letter in chinese), place
        assert re.search("[A-Za-z]{2}", english), place


def test_the_views_of_an_attached_publication_read_their_own_file(tmp_path: Path) -> None:
    """Also when the other file has the same tables under the same names."""
    world = full(tmp_path)
    for name in ("earlier", "later"):
        build_candidate(world.home, world.catalog, tmp_path / f"{name}.duckdb", code_version="test")
        world.hand_in(Return(OTHER, "2024-05", {"activity_venues": [venue("乙", "2024-05-06")]}))
    with duckdb.connect(tmp_path / "later.duckdb", read_only=True) as connection:
        connection.execute(f"ATTACH '{tmp_path / 'earlier.duckdb'}' AS as_of (READ_ONLY)")
        count = "SELECT count(*) FROM {}mart.indicator_contributions WHERE indicator = 'activity_venues'"
        counts = [rows(connection, count.format(prefix)) for prefix in ("", "as_of.")]
        assert counts == [[(2,)], [(1,)]]
        chinese = [
            rows(connection, f"SELECT count(*) FROM {prefix}zh.职工活动场所") for prefix in ("", "as_of.")
        ]
        assert chinese == counts


def test_the_key_of_every_table_tells_its_rows_apart(
    built: duckdb.DuckDBPyConnection, tables: Sequence[Table]
) -> None:
    for table in tables:
        key = ", ".join(map(identifier, table.key))
        repeated = f"SELECT {key} FROM {table.model.schema}.{identifier(table.model.name)} GROUP BY ALL"
        assert rows(built, f"{repeated} HAVING count(*) > 1") == [], table.name


# Pages


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as its viewers make them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in found}


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    pages = [*(CHECKOUT / "docs").rglob("*.md"), CHECKOUT / "README.md"]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            path, _, anchor = target.partition("#")
            linked = (page.parent / path).resolve() if path else page
            if "://" not in target and not (linked.exists() and (not anchor or anchor in headings(linked))):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_the_pages_tell_every_column(tables: Sequence[Table]) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in (CHECKOUT / "docs" / "tables").glob("*.md"))
    assert [
        (table.name, column.name)
        for table in tables
        for column in table.columns
        if f"| `{column.name}` | `{column.chinese}` | {column.sql_type} |" not in text
    ] == []
    assert [each.code for each in load_catalog().indicators if f"### {each.code}\n" not in text] == []


# Documented queries


def test_the_documented_answers_are_those_of_both_clients(tmp_path: Path) -> None:
    page = documented_queries.PAGE.read_text(encoding="utf-8")
    queries = documented(page)
    assert len(queries) == page.count("```sql\n") > 10
    home = make_sample_home(tmp_path)
    assert PublicationStore(home).current_id() == "000002"
    with_python = answered(page, ask_python(home))
    assert page == with_python, "run 'make docs'"
    command_line = Path(sys.executable).with_name("duckdb")
    assert answered(page, ask_command_line(home, [command_line])) == with_python
    # An answer without rows shows nothing.
    assert all(answer.count("\n") > 2 for _, answer in documented(page))
