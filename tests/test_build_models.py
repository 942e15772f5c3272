"""The models as a whole: their order, what they read, and that everything says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lake_world import World, rows
from warehouse.building import ModelError, model_specs
from warehouse.building.audits import audit_names
from warehouse.building.descriptions import load_meanings
from warehouse.building.models import all_models
from warehouse.catalog import Catalog, load_catalog


@pytest.fixture
def catalog() -> Catalog:
    return load_catalog()


def models_of(catalog: Catalog, folder: Path, **files: str) -> list[str]:
    """Names of the hand-written models of a folder with these files, in the order of building."""
    for name, sql in files.items():
        path = folder / "stage" / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"-- One row a test.\n{sql}", encoding="utf-8")
    ledgers = folder / "core" / "each_ledger.sql"
    ledgers.parent.mkdir(exist_ok=True)
    ledgers.write_text("-- One row an event.\nFROM lake.each_ledger", encoding="utf-8")
    return [model.name for model in all_models(catalog, folder) if model.name in files]


def test_a_model_is_built_after_what_it_reads(catalog: Catalog, tmp_path: Path) -> None:
    order = models_of(
        catalog, tmp_path, a="FROM stage.c", b="SELECT 1", c="WITH x AS (FROM stage.b) FROM x JOIN lake.rows"
    )
    assert order == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"a": "FROM stage.b", "b": "FROM stage.a"}, "read each other in a circle: stage"),
        ({"a": "FROM lake.no_such"}, "stage.a reads tables that do not exist: lake.no_such"),
        ({"a": "FROM no_schema"}, "stage.a reads tables that do not exist: .no_schema"),
        ({"a": "SELEC ( 1"}, "stage.a is no SQL"),
    ],
)
def test_what_is_wrong_with_the_models_is_told(
    catalog: Catalog, tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    with pytest.raises(ModelError, match=problem):
        models_of(catalog, tmp_path, **files)


def test_a_model_without_a_description_is_an_error(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "bare.sql").write_text("SELECT 1", encoding="utf-8")
    with pytest.raises(ModelError, match=r"core\.bare does not begin with a comment"):
        all_models(catalog, tmp_path)


def test_specs_name_published_tables_alone(catalog: Catalog) -> None:
    specs = {spec.qualified_name: spec for spec in model_specs(catalog)}
    assert {name.split(".")[0] for name in specs} == {"core", "mart", "meta"}
    assert all(dependency in specs for spec in specs.values() for dependency in spec.dependencies)
    assert {f"core.{ledger.name}" for ledger in catalog.ledgers} <= specs.keys()
    assert [name for name, spec in specs.items() if spec.is_view] == ["mart.indicator_contributions"]
    # Through helper models: a return is replaced by what other returns' sheets say.
    assert "lake.sheets" in specs["core.returns"].inputs
    assert "mart.indicator_monthly" in specs["mart.indicator_progress"].dependencies


def test_every_audit_says_what_holds() -> None:
    assert all(audit_names().values())


def test_no_meaning_is_kept_of_a_table_or_column_that_is_gone(catalog: Catalog, tmp_path: Path) -> None:
    found = rows(
        World(tmp_path).built(),
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns()"
        " WHERE NOT internal AND schema_name <> 'zh'",
    )
    ledgers = {f"core.{ledger.name}": ledger for ledger in catalog.ledgers}
    of_ledgers = {
        ("core.each_ledger", column)
        for table, column in found
        if table in ledgers and not ledgers[table].has_field(column)
    }
    others = {(table, column) for table, column in found if table not in ledgers}
    meanings = load_meanings()
    assert meanings.columns.keys() - {column for _, column in others | of_ledgers} == set()
    assert meanings.tables.keys() == {table for table, _ in others | of_ledgers}
    stale = {(table, column) for table, told in meanings.tables.items() for column in told.columns}
    assert stale - others - of_ledgers == set()
