"""What the published tables and columns are called and mean, from the one place where each fact stands.

What belongs here: joining the heads of the models, ``models/columns.yaml`` and the catalog's ledgers with the
columns that a built file has. What does not: what is made of it (``comments``, ``chinese``, ``contract``,
``documentation``).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict

from warehouse.building.models import LEDGER_TEMPLATE, MODELS_DIRECTORY, Model, ModelError
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField

#: The safe loader, in C where PyYAML has it: every build and every start of Dagster read these files.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Names that DuckDB takes with and without quotes, and every client's tools as well.
_NAME = re.compile(r"[^\W\d]\w*")
_MEASURED_IN = {FieldKind.YUAN: "yuan", FieldKind.PERCENT: "per cent"}
_REFERS = {FieldKind.CHAIN: "core.chains", FieldKind.CLUSTER: "core.clusters"}


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnMeaning(_Declared):
    """A column of ``columns.yaml``, whose head explains the keys."""

    name: str
    en: str
    zh: str = ""
    refers: str | None = None
    measured_in: str | None = None


class _Otherwise(_Declared):
    """What one table means otherwise by a column; what is left out stays."""

    name: str | None = None
    en: str | None = None
    zh: str | None = None
    refers: str | None = None
    measured_in: str | None = None


class TableMeaning(_Declared):
    """A table of ``columns.yaml``."""

    name: str
    zh: str
    key: tuple[str, ...]
    rules: tuple[str, ...] = ()
    columns: Mapping[str, _Otherwise] = {}


class Meanings(_Declared):
    """The file ``columns.yaml``."""

    columns: Mapping[str, ColumnMeaning]
    tables: Mapping[str, TableMeaning]

    def column(self, table: str, column: str) -> ColumnMeaning | None:
        """What the table means by the column; None where nothing is said of it."""
        meaning = self.columns.get(column)
        otherwise = self.tables[table].columns.get(column) if table in self.tables else None
        if otherwise is None:
            return meaning
        said = {**(meaning.model_dump() if meaning else {}), **otherwise.model_dump(exclude_none=True)}
        return ColumnMeaning(**said) if {"name", "en"} <= said.keys() else None


@functools.cache
def load_meanings(path: Path = MODELS_DIRECTORY / "columns.yaml") -> Meanings:
    """What ``columns.yaml`` says."""
    told = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)  # noqa: S506
    return Meanings.model_validate(told)


@dataclass(frozen=True)
class Column:
    """A published column; ``chinese`` is its name in ``zh``, ``refers`` the table whose key it is."""

    name: str
    sql_type: str
    chinese: str
    zh: str
    en: str
    refers: str | None = None
    measured_in: str | None = None
    field: LedgerField | None = None

    @property
    def comment(self) -> str:
        title = self.chinese if self.field is None else self.field.title
        return f"{title}：{self.zh} · {self.en}" if self.zh else f"{title} · {self.en}"


@dataclass(frozen=True)
class Table:
    """A published table or view; ``chinese`` is the name of its view in ``zh``."""

    model: Model
    chinese: str
    zh: str
    en: str
    key: tuple[str, ...]
    rules: tuple[str, ...]
    columns: tuple[Column, ...]
    ledger: Ledger | None = None

    @property
    def name(self) -> str:
        """The name with its schema."""
        return self.model.qualified_name

    @property
    def comment(self) -> str:
        return f"{self.chinese}：{self.zh} · {self.en}"


def describe(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    models: Iterable[Model],
    catalog: Catalog,
    meanings: Meanings | None = None,
) -> list[Table]:
    """Every model as it stands in ``database``, in the given order; ``meanings`` are those of the file.

    Raises:
        ModelError: what is not named or not explained, a key that is no column, or names that are not unique.
    """
    return described(_columns(connection, database), models, catalog, meanings)


def described(
    columns: Mapping[str, Mapping[str, str]],
    models: Iterable[Model],
    catalog: Catalog,
    meanings: Meanings | None = None,
) -> list[Table]:
    """Every model, in the given order, with the ``columns`` that it has: their types by table and name.

    Raises:
        ModelError: what is not named or not explained, a key that is no column, or names that are not unique.
    """
    meanings = meanings or load_meanings()
    problems: list[str] = []
    tables = [
        table
        for model in models
        if (table := _table(model, columns[model.qualified_name], meanings, catalog, problems)) is not None
    ]
    problems += [*_name_problems(tables), *_reference_problems(tables)]
    if problems:
        raise ModelError("the published tables are not all explained:\n  " + "\n  ".join(problems))
    return tables


def chinese_name(title: str) -> str:
    """A title of the catalog as a name: ``补助金额（元）`` is ``补助金额_元``."""
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", title)).strip("_")
    return f"_{plain}" if plain[:1].isdecimal() else plain


def _table(
    model: Model,
    columns: Mapping[str, str],
    meanings: Meanings,
    catalog: Catalog,
    problems: list[str],
) -> Table | None:
    ledger = catalog.ledger_by_name.get(model.name) if model.schema == "core" else None
    table = model.qualified_name if ledger is None else LEDGER_TEMPLATE
    meaning = meanings.tables.get(table)
    if meaning is None:
        problems.append(
            f"{table} is not in the tables of models/columns.yaml; it needs name and zh (what a row is, in"
            " Chinese) and key, such as: {name: 报表, zh: 每行一份报表, key: [return_id]}"
        )
        return None
    described = [
        column
        for name, sql_type in columns.items()
        if (column := _column(model, ledger, name, sql_type, meanings, problems)) is not None
    ]
    problems += [
        f"{table} has no column {name!r}, of which models/columns.yaml speaks"
        for name in sorted({*meaning.key, *meaning.columns} - columns.keys())
    ]
    return Table(
        model=model,
        chinese=meaning.name if ledger is None else chinese_name(ledger.title),
        zh=meaning.zh,
        en=model.description if ledger is None else model.description.removeprefix(f"{ledger.title} · "),
        key=meaning.key,
        rules=meaning.rules,
        columns=tuple(described),
        ledger=ledger,
    )


def _column(
    model: Model, ledger: Ledger | None, name: str, sql_type: str, meanings: Meanings, problems: list[str]
) -> Column | None:
    if ledger is not None and ledger.has_field(name):
        field = ledger.field(name)
        return Column(
            name=name,
            sql_type=sql_type,
            chinese=chinese_name(field.title),
            zh="",
            en=field.description,
            refers=_REFERS.get(field.kind),
            measured_in=_MEASURED_IN.get(field.kind),
            field=field,
        )
    meaning = meanings.column(model.qualified_name if ledger is None else LEDGER_TEMPLATE, name)
    if meaning is None:
        problems.append(
            f"{model.qualified_name}.{name} is not in the columns of models/columns.yaml; it needs name"
            " (in Chinese) and en (its meaning in English), such as: {name: 已付金额, en: Sum paid}"
        )
        return None
    refers = meaning.refers if meaning.refers != model.qualified_name else None
    return Column(name, sql_type, meaning.name, meaning.zh, meaning.en, refers, meaning.measured_in)


def _name_problems(tables: Iterable[Table]) -> list[str]:
    """Chinese names that are no plain names, or that two things share."""
    tables = list(tables)
    problems = _of_names([(table.name, table.chinese) for table in tables])
    for table in tables:
        problems += _of_names([(f"{table.name}.{column.name}", column.chinese) for column in table.columns])
    return problems


def _reference_problems(tables: Iterable[Table]) -> list[str]:
    """Columns that refer to what is no published table."""
    tables = list(tables)
    known = {table.name for table in tables}
    return [
        f"{table.name}.{column.name} refers to {column.refers}, which is no published table"
        for table in tables
        for column in table.columns
        if column.refers and column.refers not in known
    ]


def _of_names(named: list[tuple[str, str]]) -> list[str]:
    counts = Counter(chinese for _, chinese in named)
    problems = [
        f"{what} is called {chinese!r}; a name is letters, Chinese ones too, digits and underscores, "
        "and begins with no digit"
        for what, chinese in named
        if not _NAME.fullmatch(chinese)
    ]
    return problems + [
        f"{' and '.join(what for what, name in named if name == chinese)} are both called {chinese}"
        for chinese, count in counts.items()
        if count > 1
    ]


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> Mapping[str, Mapping[str, str]]:
    """Type of each column in order, by table."""
    found = connection.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = ? ORDER BY schema_name, table_name, column_index",
        [database],
    )
    columns: dict[str, dict[str, str]] = {}
    for table, column, sql_type in found.fetchall():
        columns.setdefault(table, {})[column] = sql_type
    return columns
