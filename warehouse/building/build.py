"""Builds a candidate: runs the models in order, comments and audits the result, closes the file.

What belongs here: the sequence of the work and what is told about it. What does not: what is computed (the
models), whether the candidate goes live (the caller, through ``warehouse.publications``).
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from warehouse import decisions
from warehouse.building import before, chinese, comments, decided, files, inputs
from warehouse.building.audits import WARNINGS_DIRECTORY, AuditResult, run_audits
from warehouse.building.contract import contract_number
from warehouse.building.descriptions import describe
from warehouse.building.layout import copy_layout, keep_layout, layout_file
from warehouse.building.models import MODELS_DIRECTORY, PUBLISHED_SCHEMAS, Model, all_models
from warehouse.building.outcome import load_outcome, tells_outcome
from warehouse.catalog import Catalog
from warehouse.catalog.expressions import identifier, literal
from warehouse.publications import PublicationStore
from warehouse.scratch import scratch_database
from warehouse.settings import Home

#: The oldest format that serves: clients from DuckDB 1.3 on (May 2025) open it. To write texts in an older
#: one takes a third longer.
STORAGE_VERSION = "v1.3.0"
#: Name under which the candidate is attached while it is built.
DATABASE = "candidate"


#: Runs a model: makes its table or view where ``attach`` has laid out the schemas.
Create = Callable[[duckdb.DuckDBPyConnection, Model], None]


class Engine(Protocol):
    """What builds models elsewhere than in this process."""

    def at_work(
        self,
        home: Home,
        catalog: Catalog,
        models: Sequence[Model],
        lake_files: Sequence[Path],
        here: Create,
    ) -> AbstractContextManager[Create]:
        """What runs the models of one build, one after the other; ``here`` runs one in this process."""


@dataclass(frozen=True)
class BuildResult:
    """What was built: rows by published table (schema.name), audits, warnings, and seconds by step."""

    candidate: Path
    inputs: str
    row_counts: Mapping[str, int]
    audits: tuple[AuditResult, ...]
    warnings: tuple[AuditResult, ...]
    seconds: Mapping[str, float]

    @property
    def passed(self) -> bool:
        return all(audit.passed for audit in self.audits)


def inputs_fingerprint(home: Home, catalog: Catalog, code_version: str) -> str:
    """Equal fingerprints mean equal figures: of catalog, code, decisions, and each return's bytes and check.

    Reads the manifests, the decisions and the batches' lists of returns, no rows.
    """
    with workbench(home) as connection:
        inputs.load_receptions(connection, home)
        decided.load_decisions(connection, home, decisions.today(catalog.programme.time_zone))
        return _fingerprint(connection, catalog, code_version)


def build_candidate(
    home: Home, catalog: Catalog, candidate: Path, *, code_version: str, engine: Engine | None = None
) -> BuildResult:
    """Builds the database file ``candidate``, replacing one of that name; it is closed when this returns.

    Failed audits are part of the result. On any exception there is no file. ``engine`` builds what it takes
    upon itself; the file is the same.

    Raises:
        ModelError: the models or their comments are not complete.
    """
    candidate.parent.mkdir(parents=True, exist_ok=True)
    _remove(candidate)
    try:
        with workbench(home) as connection:
            return _build(connection, home, catalog, candidate, code_version, engine)
    except BaseException:
        _remove(candidate)
        raise


def _build(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    catalog: Catalog,
    candidate: Path,
    code_version: str,
    engine: Engine | None,
) -> BuildResult:
    clock = _Clock()
    models = all_models(catalog)
    published = [model for model in models if model.is_published]
    clock.lap("plan")
    inputs.load_receptions(connection, home)
    decided.load_decisions(connection, home, decisions.today(catalog.programme.time_zone))
    fingerprint = _fingerprint(connection, catalog, code_version)
    inputs.load_catalog_tables(connection, catalog)
    lake_files = inputs.load_lake(connection, home, catalog)
    files.load_files(connection, home, lake_files)
    inputs.load_run(
        connection,
        {
            "built_at": dt.datetime.now(dt.UTC),
            "catalog_version": catalog.version,
            "code_version": code_version,
            "contract": contract_number(),
            "inputs": fingerprint,
        },
    )
    clock.lap("inputs")
    # One checkpoint at the end writes what several in between would write again.
    connection.execute("SET checkpoint_threshold = '1TB'")
    layout = layout_file(catalog, published)
    is_laid_out = attach(connection, candidate, models, layout)
    clock.lap("layout")
    last = [model for model in models if tells_outcome(model)]
    here = functools.partial(create, is_laid_out=is_laid_out)
    with engine.at_work(home, catalog, models, lake_files, here) if engine else nullcontext(here) as run:
        for model in models:
            if model not in last:
                run(connection, model)
                clock.lap(model.qualified_name)
    before.load_before(connection, DATABASE, PublicationStore(home).current_path())
    audits = run_audits(connection)
    warnings = run_audits(connection, WARNINGS_DIRECTORY)
    before.detach_before(connection)
    clock.lap("audits")
    row_counts = _row_counts(connection, [model for model in published if model not in last])
    load_outcome(connection, published, row_counts, audits)
    for model in last:
        create(connection, model, is_laid_out=is_laid_out)
        clock.lap(model.qualified_name)
    row_counts |= _row_counts(connection, last)
    if not is_laid_out:
        tables = describe(connection, DATABASE, published, catalog)
        comments.comment(connection, tables)
        chinese.create_views(connection, DATABASE, tables)
        keep_layout(connection, DATABASE, layout)
        clock.lap("comments")
    connection.execute(f"CHECKPOINT {DATABASE}")
    connection.execute("USE memory")
    connection.execute(f"DETACH {DATABASE}")
    clock.lap("close")
    return BuildResult(candidate, fingerprint, row_counts, audits, warnings, clock.seconds)


def attach(
    connection: duckdb.DuckDBPyConnection, candidate: Path, models: list[Model], layout: Path | None = None
) -> bool:
    """Makes the candidate and the schemas of the models; schema names alone then say where a table lies.

    With a ``layout`` that is kept, the candidate has its tables then, without rows; returns whether it has.
    Without a write-ahead log, which costs a sync a statement: a build that dies is thrown away.
    """
    connection.execute(
        f"ATTACH {literal(str(candidate))} AS {DATABASE}"
        f" (STORAGE_VERSION {literal(STORAGE_VERSION)}, RECOVERY_MODE no_wal_writes)"
    )
    is_laid_out = layout is not None and copy_layout(connection, layout, DATABASE)
    if not is_laid_out:
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"CREATE SCHEMA {DATABASE}.{schema}")
    lay_out(connection, models)
    return is_laid_out


def lay_out(connection: duckdb.DuckDBPyConnection, models: list[Model]) -> None:
    """Makes the schemas of the helper models beside the attached file, and says where each schema lies."""
    helpers = sorted({model.schema for model in models} - {*PUBLISHED_SCHEMAS})
    for schema in helpers:
        connection.execute(f"CREATE SCHEMA memory.{schema}")
    path = [f"{DATABASE}.{schema}" for schema in PUBLISHED_SCHEMAS]
    path += [f"memory.{schema}" for schema in (*inputs.SCHEMAS, before.SCHEMA, *helpers)]
    connection.execute(f"SET search_path = {literal(','.join(path))}")
    connection.execute((MODELS_DIRECTORY / "macros.sql").read_text(encoding="utf-8"))


def create(connection: duckdb.DuckDBPyConnection, model: Model, *, is_laid_out: bool = False) -> None:
    """Runs a model where ``attach`` has laid out the schemas; the models that it reads must be there."""
    name = f"{model.schema}.{identifier(model.name)}"
    if not (is_laid_out and model.is_published):
        connection.execute(f"CREATE {'VIEW' if model.is_view else 'TABLE'} {name} AS\n{model.sql}")
    elif not model.is_view:
        connection.execute(f"INSERT INTO {name}\n{model.sql}")


def _row_counts(connection: duckdb.DuckDBPyConnection, models: list[Model]) -> dict[str, int]:
    counts = " UNION ALL ".join(
        f"SELECT {literal(model.qualified_name)}, count(*) FROM {model.schema}.{identifier(model.name)}"
        for model in models
    )
    return dict(connection.execute(counts).fetchall())


def _fingerprint(connection: duckdb.DuckDBPyConnection, catalog: Catalog, code_version: str) -> str:
    [(returns,)] = connection.execute(
        "SELECT string_agg(concat_ws(' ', return_id, sha256, batch_number), chr(10) ORDER BY return_id)"
        " FROM lake.returns JOIN landing.returns USING (return_id)"
    ).fetchall()
    [(standing,)] = connection.execute(
        "SELECT string_agg(concat_ws(' ', decision, in_force), chr(10) ORDER BY decision) FROM decisions.log"
    ).fetchall()
    parts = [catalog.version, code_version, returns or "", *([standing] if standing else [])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextmanager
def workbench(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with the schemas of the inputs."""
    with scratch_database(home) as connection:
        inputs.create_schemas(connection)
        connection.execute(f"CREATE SCHEMA {before.SCHEMA}")
        yield connection


def _remove(candidate: Path) -> None:
    for path in (candidate, candidate.with_name(f"{candidate.name}.wal")):
        path.unlink(missing_ok=True)


class _Clock:
    """Seconds between laps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now
