"""Declared conditions turned into DuckDB SQL.

What belongs here: parsing the catalog's row rules and filters, and writing them as SQL text.
What does not: the statements they become part of (``etl.intake``, ``warehouse.building``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from warehouse.catalog.model import Filter, Indicator, Ledger

if TYPE_CHECKING:
    from sqlglot import exp

# sqlglot is imported where a condition is parsed: a process that only reads files starts without it.

#: True where a row belongs to one of the programme's chains or clusters.
IN_7510 = "in_7510"
IN_7510_SQL = "(chain IS NOT NULL OR cluster IS NOT NULL)"

#: Wide enough for the product of any two values.
_WIDE = "DECIMAL(38, 4)"


def literal(value: str) -> str:
    """``value`` as an SQL string literal; a build writes thousands, so without a syntax tree for each."""
    return "'" + value.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """``name`` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def row_condition(sql: str, rates: Mapping[str, Decimal]) -> str:
    """A rule's condition as SQL over a ledger's typed columns; ``$rate`` becomes its amount.

    Raises:
        ValueError: the text is no SQL expression, or names an unknown rate.
    """
    import sqlglot
    from sqlglot import exp

    tree = _parse(sql)

    def substitute(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Parameter | exp.Placeholder):
            name = node.name
            if name not in rates:
                raise ValueError(f"unknown rate ${name}; known: {', '.join(sorted(rates))}")
            return exp.Literal.number(str(rates[name]))
        if isinstance(node, exp.Column):
            if node.name == IN_7510:
                return sqlglot.parse_one(IN_7510_SQL, dialect="duckdb")
            column = exp.column(exp.to_identifier(node.name, quoted=True))
            # DuckDB fails where a product outgrows the type of its factors, and anything may stand in a cell.
            return exp.cast(column, _WIDE, dialect="duckdb") if isinstance(node.parent, exp.Mul) else column
        return node

    return tree.transform(substitute).sql(dialect="duckdb")


def condition_columns(sql: str) -> set[str]:
    """Names of the columns that a condition reads (``in_7510`` counts as none)."""
    from sqlglot import exp

    return {column.name for column in _parse(sql).find_all(exp.Column)} - {IN_7510}


def _parse(sql: str) -> exp.Expr:
    import sqlglot

    try:
        return sqlglot.parse_one(sql, dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        raise ValueError(f"not an SQL condition: {sql!r} ({error.errors[0]['description']})") from None


def filter_sql(where: Filter) -> str:
    """A declared filter as SQL: a list means one of, a boolean equals, ``given`` is not null."""
    return " AND ".join(_filter_parts(where)) or "TRUE"


def _filter_parts(where: Filter) -> Iterable[str]:
    for column, wanted in where.items():
        name = IN_7510_SQL if column == IN_7510 else identifier(column)
        if wanted == "given":
            yield f"{name} IS NOT NULL"
        elif isinstance(wanted, bool):
            yield name if wanted else f"NOT {name}"
        else:
            yield f"{name} IN ({', '.join(map(literal, wanted))})"


def indicator_terms(indicator: Indicator) -> tuple[str, str, str]:
    """SQL of (row filter, numerator term, denominator term) over a ledger's counted rows.

    The denominator term is NULL but for a ratio.
    """
    value = indicator.value
    if value.ratio is not None:
        numerator = f"CASE WHEN {filter_sql(value.ratio.numerator)} THEN 1 ELSE 0 END"
        return filter_sql(value.ratio.denominator), numerator, "1"
    term = "1" if value.count else f"coalesce({identifier(value.sum or '')}, 0)"
    return filter_sql(indicator.where), term, "NULL"


def filters_of(indicator: Indicator) -> tuple[Filter, ...]:
    """Every filter that an indicator declares."""
    ratio = indicator.value.ratio
    return (indicator.where,) if ratio is None else (ratio.numerator, ratio.denominator)


def filter_problems(where: Filter, ledger: Ledger) -> Iterable[str]:
    """What is wrong with a filter over a ledger, in words."""
    for column, wanted in where.items():
        if column == IN_7510:
            if not isinstance(wanted, bool):
                yield f"{IN_7510} takes true or false, not {wanted!r}"
            continue
        if not ledger.has_field(column):
            yield f"unknown column {column!r} of ledger {ledger.name!r}"
            continue
        allowed = ledger.field(column).constraints.enum
        if isinstance(wanted, list) and allowed and (unknown := set(wanted) - set(allowed)):
            yield f"{column} has no value {sorted(unknown)}; it takes {list(allowed)}"
