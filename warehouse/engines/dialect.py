"""The models' SQL, which is DuckDB's, in the dialect of Spark.

What belongs here: what sqlglot does not translate by itself. What does not: special cases of one model; a
model is written so that these rules suffice.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from warehouse.building.models import MODELS_DIRECTORY

#: What DuckDB calls HUGEINT: whole numbers of up to 38 digits.
_WHOLE = "DECIMAL(38, 0)"


def relation(qualified_name: str) -> str:
    """The name of a table's view on the engine, where views have no schema: core.units is core__units."""
    return qualified_name.replace(".", "__")


def spark_sql(sql: str, columns: Mapping[str, Iterable[str]]) -> str:
    """A SELECT in DuckDB's dialect as one in Spark's; its tables are views named by ``relation``.

    ``columns`` are those of the tables that it reads, by schema.name: every column is spelled out with its
    table, so that stars with exceptions, names of the same SELECT and the sides of USING are no matter of
    dialect.
    """
    statement = _inline_windows(_inline_macros(sqlglot.parse_one(sql, dialect="duckdb")))
    statement = qualify(statement, dialect="duckdb", schema=_schema(columns))
    for rewrite in (_whole_numbers, _division):
        statement = statement.transform(rewrite)
    _name_relations(statement)
    return statement.sql(dialect="spark", comments=False)


def _schema(columns: Mapping[str, Iterable[str]]) -> dict[str, object]:
    """The columns as sqlglot wants them; it asks for types as well, which do not matter here."""
    found: dict[str, dict[str, object]] = {}
    for table, names in columns.items():
        schema, name = table.split(".")
        found.setdefault(schema, {})[name] = dict.fromkeys(names, "VARCHAR")
    return {**found}


# Macros


@dataclass(frozen=True)
class _Macro:
    parameters: Sequence[str]
    body: exp.Expr

    def applied(self, arguments: Sequence[exp.Expr]) -> exp.Expr:
        given = dict(zip(self.parameters, arguments, strict=True))

        def substitute(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column) and not node.table and node.name in given:
                return exp.paren(given[node.name].copy())
            return node

        return exp.paren(self.body.copy().transform(substitute))


@functools.cache
def _macros() -> Mapping[tuple[str, str], _Macro]:
    """The macros of the models by schema and name."""
    found = {}
    for statement in sqlglot.parse((MODELS_DIRECTORY / "macros.sql").read_text(encoding="utf-8"), "duckdb"):
        if isinstance(statement, exp.Create) and isinstance(statement.this, exp.UserDefinedFunction):
            function = statement.this
            parameters = [parameter.name for parameter in function.expressions]
            found[(function.this.db, function.this.name)] = _Macro(parameters, statement.expression)
    return found


def _inline_macros(statement: exp.Expr) -> exp.Expr:
    def inline(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
            macro = _macros()[(node.this.name, node.expression.name)]
            return _inline_macros(macro.applied([_inline_macros(one) for one in node.expression.expressions]))
        return node

    return statement.transform(inline)


# Windows


def _inline_windows(statement: exp.Expr) -> exp.Expr:
    """Named windows where they are used: Spark cannot add an order to one."""
    for select in statement.find_all(exp.Select):
        named = {window.name: window for window in select.args.get("windows") or ()}
        if not named:
            continue
        select.set("windows", None)
        for window in select.find_all(exp.Window):
            base = named.get(window.alias)
            if base is not None:
                window.set("alias", None)
                for part in ("partition_by", "order", "spec"):
                    if base.args.get(part) and not window.args.get(part):
                        window.set(part, _copied(base.args[part]))
    return statement


def _copied(part: exp.Expr | list[exp.Expr]) -> exp.Expr | list[exp.Expr]:
    return [one.copy() for one in part] if isinstance(part, list) else part.copy()


# Names


def _name_relations(statement: exp.Expr) -> None:
    """Tables as the engine's views; columns speak of them by their aliases."""
    for table in statement.find_all(exp.Table):
        if table.db:
            table.set("this", exp.to_identifier(relation(f"{table.db}.{table.name}"), quoted=True))
            table.set("db", None)
    for cte in statement.find_all(exp.CTE):
        cte.set("materialized", None)


# Types and operators


def _whole_numbers(node: exp.Expr) -> exp.Expr:
    is_huge = isinstance(node, exp.DataType) and node.this == exp.DType.INT128
    return exp.DataType.build(_WHOLE) if is_huge else node


def _division(node: exp.Expr) -> exp.Expr:
    return _whole_quotient(node.this, node.expression) if isinstance(node, exp.IntDiv) else node


def _whole_quotient(dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """Division of whole numbers without remainder: Spark's ``div`` has 18 digits, its ``/`` rounds."""
    remainder = exp.paren(exp.Mod(this=exp.paren(dividend.copy()), expression=exp.paren(divisor.copy())))
    whole = exp.paren(exp.Sub(this=exp.paren(dividend.copy()), expression=remainder))
    return exp.cast(
        exp.Div(this=whole, expression=exp.paren(divisor.copy()), typed=False, safe=False), _WHOLE
    )
