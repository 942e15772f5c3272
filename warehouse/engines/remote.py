"""Runs models on a distributed engine, and brings their tables back as Parquet.

What belongs here: what the engine is given to read, running a model there, loading what it wrote. What does
not: which models (``placing``), their SQL (``dialect``), the connection (``session``).

Where the files lie that both read and write is a matter of the ``exchange``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse.building import generated, inputs
from warehouse.building.build import Create
from warehouse.building.models import Model
from warehouse.catalog import Catalog, Ledger
from warehouse.catalog.expressions import identifier, literal
from warehouse.engines.dialect import relation, spark_sql
from warehouse.engines.exchange import Exchange, exchange
from warehouse.engines.failures import EngineError, first_line
from warehouse.engines.placing import OF_EACH_ENGINE, placed_remotely
from warehouse.engines.session import connected
from warehouse.lake import ledger_schema
from warehouse.lake_sql import path_list
from warehouse.settings import Home
from warehouse.spans import spans

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession

#: The schema of the engine's views of the lake's files as they are, with checks that no longer count.
FILES = "files"
#: What tells events apart there, where DuckDB has numbers.
EVENT_DIGEST = "md5(concat(ledger, ' ', events.natural_key))"


@dataclass(frozen=True)
class RemoteEngine:
    """An engine at a Spark Connect address, and the bucket in which it reads and writes; else the home."""

    remote: str
    bucket: str | None = None

    @contextmanager
    def at_work(
        self,
        home: Home,
        catalog: Catalog,
        models: Sequence[Model],
        lake_files: Sequence[Path],
        here: Create,
    ) -> Iterator[Create]:
        """What creates the models one by one, here or on the engine, in the candidate either way.

        Raises:
            EngineError: the engine cannot be reached, or fails.
        """
        with connected(self.remote) as session, exchange(home, self.bucket) as handing:
            placed = placed_remotely(models, catalog)
            yield _Work(session, handing, catalog, placed, lake_files, here).create


class _Work:
    """One build on an engine."""

    def __init__(
        self,
        session: SparkSession,
        handing: Exchange,
        catalog: Catalog,
        placed: frozenset[str],
        lake_files: Sequence[Path],
        here: Create,
    ) -> None:
        self._here = here
        self._session = session
        self._exchange = handing
        self._catalog = catalog
        self._placed = placed
        self._lake_files = lake_files
        #: The columns of every table that the engine knows.
        self._columns: dict[str, Sequence[str]] = {}

    def create(self, connection: duckdb.DuckDBPyConnection, model: Model) -> None:
        """Creates the model's table or view; the models that it reads must be there."""
        if model.qualified_name not in self._placed:
            self._here(connection, model)
            return
        try:
            for name in (*model.inputs, *model.dependencies):
                self._hand_over(connection, name)
            found = self._sql(model.sql, (*model.inputs, *model.dependencies))
            if model.is_view:
                self._here(connection, model)
            else:
                found = self._bring_back(connection, model, found)
            self._make_known(connection, model.qualified_name, found)
        except duckdb.Error:
            raise
        except Exception as error:
            raise EngineError(
                f"the engine could not build {model.qualified_name}: {first_line(error)}"
            ) from error

    # Handing over

    def _hand_over(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Makes a table known to the engine: the lake's rows where they lie, others as a file."""
        if name in self._columns:
            return
        schema, table = name.split(".")
        ledger = self._ledgers.get(table) if schema == "lake" else None
        if ledger is not None:
            files = f"{FILES}.{table}"
            self._hand_over(connection, "lake.returns")
            self._files_of(ledger).createOrReplaceTempView(relation(files))
            self._columns[files] = [*ledger_schema(ledger).names, "batch_number"]
            found = self._sql(generated.lake_ledger(ledger, files), ("lake.returns", files))
        elif name == "lake.rows":
            reads = ("lake.sheets", *(f"lake.{one}" for one in self._ledgers))
            for other in reads:
                self._hand_over(connection, other)
            found = self._sql(generated.lake_rows(self._catalog, EVENT_DIGEST), reads)
        else:
            source = f"FROM {schema}.{identifier(table)}"

            def write(path: Path) -> None:
                connection.execute(f"COPY ({source}) TO {literal(str(path))} (FORMAT parquet)")

            found = self._session.read.parquet(self._exchange.hand_over(relation(name), write))
        self._make_known(connection, name, found)

    def _files_of(self, ledger: Ledger) -> DataFrame:
        """Every row of a ledger's files with its ``batch_number``; what an older file lacks is NULL."""
        from pyspark.sql.connect.functions import lit
        from pyspark.sql.pandas.types import from_arrow_type

        columns = ", ".join(
            f"`{field.name}` {from_arrow_type(field.type).simpleString()}" for field in ledger_schema(ledger)
        )
        found = spans(path.parent for path in self._lake_files if path.stem == ledger.name)
        path = f"{ledger.name}.parquet"
        parts = [
            self._session.read.schema(columns)
            .parquet(self._exchange.lake_file(span.path / path))
            .withColumn("batch_number", lit(span.first))
            for span in found
            if not span.is_compacted
        ]
        compacted = [self._exchange.lake_file(span.path / path) for span in found if span.is_compacted]
        if compacted or not parts:
            with_batch = f"{columns}, batch_number int"
            reader = self._session.read.schema(with_batch)
            parts.append(
                reader.parquet(*compacted) if compacted else self._session.createDataFrame([], with_batch)
            )
        return functools.reduce(lambda some, more: some.unionByName(more), parts)

    # Bringing back

    def _bring_back(self, connection: duckdb.DuckDBPyConnection, model: Model, found: DataFrame) -> DataFrame:
        """Writes the table on the engine and loads it; its types are those that DuckDB gives the model."""
        name = relation(model.qualified_name)
        found.write.mode("overwrite").parquet(self._exchange.address(name))
        files = self._exchange.bring_back(name)
        if model.qualified_name in OF_EACH_ENGINE:
            self._here(connection, model)
        else:
            planned = connection.sql(model.sql)
            columns = zip(planned.columns, map(str, planned.types), strict=True)
            body = f"UNION ALL BY NAME FROM read_parquet({path_list(files)})" if files else ""
            self._here(connection, replace(model, sql=inputs.typed(columns, body)))
        return self._session.read.parquet(self._exchange.address(name)) if files else found.limit(0)

    def _make_known(self, connection: duckdb.DuckDBPyConnection, name: str, found: DataFrame) -> None:
        """Gives the table its name on the engine; DuckDB has one of the same name and columns."""
        schema, table = name.split(".")
        self._columns[name] = connection.sql(f"FROM {schema}.{identifier(table)} LIMIT 0").columns
        found.createOrReplaceTempView(relation(name))

    def _sql(self, sql: str, reads: Sequence[str]) -> DataFrame:
        return self._session.sql(spark_sql(sql, {name: self._columns[name] for name in reads}))

    @functools.cached_property
    def _ledgers(self) -> dict[str, Ledger]:
        return {ledger.name: ledger for ledger in self._catalog.ledgers}
