"""Writes and checks what follows from the models: docs/tables, the contract, the lineage of columns.

    python -m warehouse.building.documentation write|check

What belongs here: an empty build, the files, and the words about what differs. What does not: the pages' text
(``pages``), what a contract is (``contract``), where columns come from (``lineage``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.building import contract, lineage
from warehouse.building.build import build_candidate
from warehouse.building.contract import Contract
from warehouse.building.descriptions import Table, describe
from warehouse.building.models import ModelError, all_models
from warehouse.building.pages import pages
from warehouse.catalog import CatalogError, load_catalog
from warehouse.settings import Home

CHECKOUT = Path(__file__).parents[2]
_TO_DO = "run 'make docs'"


@dataclass(frozen=True)
class Files:
    """Where the written files stand."""

    pages: Path = CHECKOUT / "docs" / "tables"
    snapshot: Path = contract.PATH
    change_log: Path = CHECKOUT / contract.CHANGELOG
    lineage: Path = lineage.PATH


def published_tables() -> list[Table]:
    """Every published table as a build without any return leaves it."""
    catalog = load_catalog()
    with tempfile.TemporaryDirectory() as folder:
        candidate = Path(folder) / "empty.duckdb"
        build_candidate(Home(Path(folder)), catalog, candidate, code_version="")
        with duckdb.connect(candidate, read_only=True) as connection:
            published = [model for model in all_models(catalog) if model.is_published]
            return describe(connection, candidate.stem, published, catalog)


def write(files: Files, tables: Sequence[Table]) -> list[str]:
    """Writes pages and contract; tells what is left to do by hand."""
    change_log = files.change_log.read_text(encoding="utf-8")
    renewed = contract.renewed(Contract.load(files.snapshot), contract.promised(tables), change_log)
    files.snapshot.write_text(renewed.text(), encoding="utf-8")
    lineage.renew(load_catalog(), files.lineage)
    files.pages.mkdir(parents=True, exist_ok=True)
    texts = pages(tables, load_catalog(), renewed.number)
    for path in files.pages.glob("*.md"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (files.pages / name).write_text(_ended(text), encoding="utf-8")
    return contract.change_log_problems(renewed, change_log)


def problems(files: Files, tables: Sequence[Table]) -> list[str]:
    """What differs from the code, each with what to do; empty when all is as it should be."""
    change_log = files.change_log.read_text(encoding="utf-8")
    promise, promised = Contract.load(files.snapshot), contract.promised(tables)
    different = contract.differences(promise.tables, promised)
    found = []
    if different:
        coming = contract.renewed(promise, promised, change_log)
        told = "; ".join(f"{table}: {words}" for table, words in different.items())
        found.append(
            f"the published schema is not contract {promise.number} any more ({told}). If it is meant:"
            f" {_TO_DO}, which writes {contract.PATH.name} anew, and say in {contract.CHANGELOG} what changes"
            f" for analysts, in an entry that says “contract {coming.number}” and names"
            f" {', '.join(different)}"
        )
    elif promise.text() != files.snapshot.read_text(encoding="utf-8"):
        found.append(f"{contract.PATH.name} was changed by hand: {_TO_DO}")
    found += contract.change_log_problems(promise, change_log)
    if not lineage.is_current(load_catalog(), files.lineage):
        found.append(f"{files.lineage.name} is not what the models read: {_TO_DO}")
    texts = pages(tables, load_catalog(), promise.number)
    there = {path.name: path.read_text(encoding="utf-8") for path in files.pages.glob("*.md")}
    stale = sorted(
        name for name in texts.keys() | there.keys() if there.get(name) != _ended(texts.get(name, ""))
    )
    if stale:
        found.append(
            f"docs/tables/ is not what the models and the catalog say ({', '.join(stale)}): {_TO_DO}"
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 when something differs or is left to do."""
    parser = argparse.ArgumentParser(prog="python -m warehouse.building.documentation")
    parser.add_argument("task", choices=["write", "check"])
    task = {"write": write, "check": problems}[parser.parse_args(arguments).task]
    try:
        found = task(Files(), published_tables())
    except (CatalogError, ModelError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found and task is problems else 0


def _ended(text: str) -> str:
    return text.rstrip("\n") + "\n" if text else ""


if __name__ == "__main__":
    sys.exit(main())
