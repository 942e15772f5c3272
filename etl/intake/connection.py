"""The DuckDB connection in which returns are checked.

What belongs here: what a connection needs before the first statement: limits, types, functions, macros.
What does not: the statements (``statements``, ``sql``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import PythonUDFType
from duckdb.sqltypes import BOOLEAN, VARCHAR

from etl.intake.credit_codes import are_credit_codes
from etl.intake.own_folders import OwnFolder
from etl.intake.personal import JOINED, JOINED_AS, PERSONAL_NUMBER, SHORTEST
from warehouse.catalog import Catalog
from warehouse.catalog.expressions import literal

_SQL = Path(__file__).parent / "sql"

_Configuration = dict[str, str | bool | int | float | list[str]]

#: What DuckDB may hold in memory; more goes to a temporary folder.
MEMORY = "1GB"

#: DuckDB would turn a list of words after IN into a join, and a join does not keep the order of rows;
#: those of a large text file are numbered by their order.
_DISABLED_OPTIMIZERS = "in_clause"

#: What a row below a header may be; ``nothing`` says only that there is nothing to report.
ROLES = ("data", "total", "note", "nothing", "blank")


def sql_text(name: str) -> str:
    """The statements of a file of ``sql/``."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def checking_connection(catalog: Catalog) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty database in memory, with the intake's types, functions and tables."""
    with closing(OwnFolder("checking")) as folder:
        configuration: _Configuration = {"memory_limit": MEMORY, "temp_directory": str(folder.path)}
        with duckdb.connect(config=configuration) as connection:
            # Whoever calls may print a document, and DuckDB's bar would go to the same place.
            connection.execute("SET enable_progress_bar = false")
            connection.execute(f"SET disabled_optimizers = {literal(_DISABLED_OPTIMIZERS)}")
            rules = ", ".join(literal(rule.rule) for rule in catalog.rules)
            roles = ", ".join(map(literal, ROLES))
            connection.execute(
                f"CREATE TYPE rule_code AS ENUM ({rules}); CREATE TYPE row_role AS ENUM ({roles})"
            )
            connection.create_function("nfkc", _nfkc, [VARCHAR], VARCHAR, type=PythonUDFType.ARROW)
            connection.create_function(
                "is_credit_code", are_credit_codes, [VARCHAR], BOOLEAN, type=PythonUDFType.ARROW
            )
            connection.execute(sql_text("macros"))
            connection.execute(_is_personal())
            connection.execute(sql_text("tables"))
            yield connection


def _nfkc(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_normalize(texts, form="NFKC")


def _is_personal() -> str:
    joined = "nfkc(t)"
    for _ in range(2):
        joined = f"regexp_replace({joined}, {literal(JOINED)}, {literal(JOINED_AS)}, 'g')"
    found = (f"regexp_matches({text}, {literal(PERSONAL_NUMBER)})" for text in ("nfkc(t)", joined))
    return f"CREATE TEMP MACRO is_personal(t) AS strlen(t) >= {SHORTEST} AND ({' OR '.join(found)})"
