"""The SQL that checks one ledger, generated from the catalog.

What belongs here: statements over a whole ledger at once. What does not: running them (``checking``), the
macros that understand a cell (``sql/macros.sql``).

``raw`` (texts) becomes ``checked``: for each row its values, ``FIELD__text`` as typed, ``FIELD__rule`` broken
by the cell or NULL, ``row_rule_N`` true where the N-th row rule is broken, ``natural_key`` and ``held_out``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from etl.intake.extraction import key_column, storage_column, typed_column
from etl.intake.text import folded
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField, RowRule
from warehouse.catalog.expressions import condition_columns, identifier, literal, row_condition

#: Longest text that is kept.
TEXT_LENGTH = 500

#: All control characters but tab and line breaks, as an SQL literal.
_CONTROL_CHARACTERS = r"'[\x00-\x08\x0b\x0c\x0e-\x1f]'"

_NOT_UNDERSTOOD = {
    FieldKind.INTEGER: "R202",
    FieldKind.DECIMAL: "R202",
    FieldKind.YUAN: "R202",
    FieldKind.PERCENT: "R202",
    FieldKind.DATE: "R203",
    FieldKind.BOOLEAN: "R204",
    FieldKind.ENUM: "R204",
    FieldKind.CHAIN: "R210",
    FieldKind.CLUSTER: "R210",
    FieldKind.CREDIT_CODE: "R206",
}


def factor_column(field: LedgerField) -> str:
    """Name of the raw column that says by how much the header multiplies a field."""
    return f"{field.name}__factor"


@dataclass(frozen=True)
class EventRule:
    """A rule over the event's date that every ledger has."""

    rule: str
    condition: str


class LedgerStatements:
    """The statements of one ledger."""

    def __init__(self, catalog: Catalog, ledger: Ledger) -> None:
        self._catalog = catalog
        self.ledger = ledger
        self._errors = {rule.rule for rule in catalog.rules if rule.severity in ("fatal", "error")}
        units = sorted(map(folded, catalog.programme.number_units), key=len, reverse=True)
        self._units = "|".join(map(re.escape, units))

    # Values

    def values(self) -> str:
        """``valued``: every field understood, its text kept beside it."""
        columns = ["sheet_id", "row"]
        for field in self.ledger.stored_fields:
            name = identifier(field.name)
            columns.append(f"raw.{name} AS {identifier(f'{field.name}__text')}")
            columns.append(f"raw.{identifier(typed_column(field))} AS {identifier(f'{field.name}__found')}")
            columns.append(f"{self._value(field)} AS {name}")
            if (stored_as := storage_column(field)) is not None:
                columns.append(f"raw.{identifier(stored_as)}")
        columns.append(f"{self._natural_key()} AS natural_key")
        return f"""
            CREATE OR REPLACE TEMP TABLE valued AS
            WITH parted AS (SELECT {", ".join(["*", *self._parts()])} FROM raw)
            SELECT {", ".join(columns)} FROM parted AS raw
        """

    def _parts(self) -> Iterable[str]:
        """What the value of a field is made from, where its text has to be taken apart first."""
        for field in self.ledger.stored_fields:
            text, parts = identifier(field.name), identifier(f"{field.name}__parts")
            if field.kind in (FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.YUAN):
                yield f"number_parts({text}, {literal(self._units)}) AS {parts}"
            elif field.kind is FieldKind.PERCENT:
                yield f"number_parts({text}, '%') AS {parts}"
            elif field.kind is FieldKind.DATE:
                yield f"date_parts({text}) AS {parts}"
            elif field.kind is FieldKind.CREDIT_CODE:
                yield f"upper(without_blanks({text})) AS {parts}"

    def _value(self, field: LedgerField) -> str:
        text, parts = f"raw.{identifier(field.name)}", f"raw.{identifier(f'{field.name}__parts')}"
        stored_as = f"raw.{identifier(storage_column(field) or '')}"
        programme = self._catalog.programme
        match field.kind:
            case FieldKind.TEXT:
                return text
            case FieldKind.INTEGER:
                return f"integer_value({parts})"
            case FieldKind.DECIMAL:
                return f"TRY_CAST(number_value({parts}) AS {field.sql_type})"
            case FieldKind.YUAN:
                return f"yuan_value({parts}, raw.{identifier(factor_column(field))})"
            case FieldKind.PERCENT:
                return f"percent_value({parts})"
            case FieldKind.DATE:
                return f"date_value({text}, {parts}, {stored_as})"
            case FieldKind.BOOLEAN:
                return (
                    f"boolean_value({text}, {_list(programme.true_values)}, {_list(programme.false_values)})"
                )
            case FieldKind.CREDIT_CODE:
                return f"credit_code_value({parts}, {stored_as})"
            case FieldKind.ENUM:
                return _lookup(text, ((value, value) for value in field.constraints.enum))
            case FieldKind.CHAIN:
                chains = ((one.chain, one.name_zh, one.name_en, one.aliases) for one in self._catalog.chains)
                return _lookup(text, _names(chains))
            case FieldKind.CLUSTER:
                clusters = (
                    (one.cluster, one.name_zh, one.name_en, one.aliases) for one in self._catalog.clusters
                )
                return _lookup(text, _names(clusters))

    def _natural_key(self) -> str:
        """One text for an event, the same however it was typed."""
        parts = []
        for name in self.ledger.primary_key:
            field = self.ledger.field(name)
            value = (
                f"raw.{identifier(key_column(name))}" if field.kind is FieldKind.TEXT else self._value(field)
            )
            parts.append(f"coalesce(CAST({value} AS VARCHAR), '')")
        return f"md5(concat_ws(chr(31), {', '.join(parts)}))"

    # Rules

    @property
    def event_rules(self) -> tuple[EventRule, ...]:
        """R307 and R308 over the date on which a row's event counts."""
        date = identifier(self.ledger.event_date)
        months = self._catalog.programme.months
        first, last = f"DATE '{months[0]}'", f"last_day(DATE '{months[-1]}')"
        end = f"least({last}, coalesce(last_day(period), {last}))"
        return (
            EventRule("R307", f"{date} NOT BETWEEN {first} AND {end}"),
            EventRule("R308", f"{date} >= {first} AND {date} < period"),
        )

    def rules(self) -> str:
        """``checked``: every broken rule of cells and rows, and whether the row is held out."""
        cell_rules = [
            f"{self._cell_rule(field)} AS {identifier(f'{field.name}__rule')}"
            for field in self.ledger.stored_fields
        ]
        row_rules = [
            f"coalesce({condition}, false) AS row_rule_{index}"
            for index, (_, condition) in enumerate(self._row_conditions())
        ]
        held_out = " OR ".join(self._held_out()) or "false"
        earlier = "PARTITION BY return_id, natural_key, held_out ORDER BY sheet_id, row"
        return f"""
            CREATE OR REPLACE TEMP TABLE checked AS
            WITH cell_ruled AS (
                SELECT valued.*, sheets.return_id, sheets.sheet, sheets.period, {", ".join(cell_rules)}
                FROM valued JOIN sheets USING (sheet_id)
            ),
            ruled AS (SELECT *, {", ".join(row_rules)} FROM cell_ruled),
            held AS (SELECT *, ({held_out}) AS held_out FROM ruled),
            numbered AS (
                SELECT *,
                    row_number() OVER ({earlier}) > 1 AND NOT held_out AS repeated,
                    first_value(sheet || '!' || row) OVER ({earlier}) AS first_place
                FROM held
            )
            SELECT * REPLACE (held_out OR repeated AS held_out) FROM numbered
        """

    def _row_conditions(self) -> list[tuple[str, str]]:
        """Each row rule with the condition under which it is broken."""
        conditions = [(rule.rule, self._broken(rule)) for rule in self.ledger.rules]
        return conditions + [(rule.rule, rule.condition) for rule in self.event_rules]

    def _broken(self, rule: RowRule) -> str:
        rates = self._catalog.rate_amounts
        conditions = [f"NOT ({row_condition(rule.holds, rates)})"]
        read = condition_columns(rule.holds)
        if rule.when is not None:
            conditions.append(f"({row_condition(rule.when, rates)})")
            read |= condition_columns(rule.when)
        # What follows from a wrong cell is not told again.
        conditions += [self._cell_is_right(self.ledger.field(name)) for name in sorted(read)]
        return " AND ".join(conditions)

    def _cell_is_right(self, field: LedgerField) -> str:
        codes = {code for _, code in self._cell_conditions(field)} & self._errors
        rule = identifier(f"{field.name}__rule")
        return f"coalesce({rule} NOT IN ({_literals(codes)}), true)" if codes else "true"

    def _held_out(self) -> Iterable[str]:
        for field in self.ledger.stored_fields:
            yield f"NOT {self._cell_is_right(field)}"
        for index, (rule, _) in enumerate(self._row_conditions()):
            if rule in self._errors:
                yield f"row_rule_{index}"

    def _cell_rule(self, field: LedgerField) -> str:
        """The first rule that a cell breaks: one cause gives one issue."""
        cases = " ".join(
            f"WHEN {condition} THEN '{code}'" for condition, code in self._cell_conditions(field)
        )
        return f"CASE {cases} ELSE CAST(NULL AS VARCHAR) END" if cases else "CAST(NULL AS VARCHAR)"

    def _cell_conditions(self, field: LedgerField) -> Iterable[tuple[str, str]]:
        """Each condition under which a cell is wrong, with the rule broken, in the order of telling."""
        value, text = identifier(field.name), identifier(f"{field.name}__text")
        if field.constraints.required:
            yield f"{text} IS NULL", "R201"
        elif field.required_when is not None:
            condition = row_condition(field.required_when, self._catalog.rate_amounts)
            yield f"{text} IS NULL AND ({condition})", "R201"
        if field.kind is FieldKind.CREDIT_CODE:
            yield f"{identifier(storage_column(field) or '')} = 'number' AND {text} IS NOT NULL", "R207"
        if (rule := _NOT_UNDERSTOOD.get(field.kind)) is not None:
            yield f"{text} IS NOT NULL AND {value} IS NULL", rule
        if field.kind is FieldKind.TEXT:
            yield f"length({text}) > {TEXT_LENGTH} OR regexp_matches({text}, {_CONTROL_CHARACTERS})", "R208"
        if out_of_range := list(_out_of_range(field)):
            yield " OR ".join(out_of_range), "R205"

    # Results

    def issues(self) -> str:
        """One row an issue: sheet_id, row, position, text_key, column_name, found, detail."""
        columns = (
            "sheet_id, row, {} AS position, {} AS text_key, {} AS column_name, {} AS found, {} AS detail"
        )
        parts = []
        for position, field in enumerate(self.ledger.stored_fields):
            rule, name = identifier(f"{field.name}__rule"), literal(field.name)
            chosen = columns.format(
                position, f"{rule} || ' ' || {name}", name, self._found((field.name,)), "NULL"
            )
            parts.append(f"SELECT {chosen} FROM checked WHERE {rule} IS NOT NULL")
        for index, (_, fields, key) in enumerate(self.row_rules()):
            name = literal(fields[0])
            chosen = columns.format(100 + index, literal(key), name, self._found(fields), "NULL")
            parts.append(f"SELECT {chosen} FROM checked WHERE row_rule_{index}")
        keys = self.ledger.primary_key
        chosen = columns.format(200, "'R310'", literal(keys[0]), self._found(keys), "first_place")
        parts.append(f"SELECT {chosen} FROM checked WHERE repeated")
        return " UNION ALL ".join(parts)

    def row_rules(self) -> list[tuple[str, tuple[str, ...], str]]:
        """Rule, fields and text key of each row rule, in the order of the ``row_rule_N`` columns."""
        declared = [
            (rule.rule, rule.fields, f"{rule.rule} row {index}")
            for index, rule in enumerate(self.ledger.rules)
        ]
        event = [(rule.rule, (self.ledger.event_date,), f"{rule.rule} event") for rule in self.event_rules]
        return declared + event

    def _found(self, fields: tuple[str, ...]) -> str:
        if len(fields) == 1:
            return identifier(f"{fields[0]}__found")
        named = (
            f"{literal(self.ledger.field(name).title + ' ')} || coalesce({identifier(f'{name}__found')}, '')"
            for name in fields
        )
        return f"concat_ws('，', {', '.join(named)})"

    def accepted(self) -> str:
        """The rows that count, as the lake keeps them."""
        fields = ", ".join(identifier(field.name) for field in self.ledger.stored_fields)
        return (
            f"SELECT return_id, sheet, row, natural_key, {fields} "
            "FROM checked JOIN sheets USING (sheet_id, return_id, sheet) "
            "WHERE NOT held_out AND NOT rejected ORDER BY sheet_id, row"
        )

    def counts(self) -> str:
        """Rows accepted and held out on each sheet, as if its return were not rejected."""
        return (
            "SELECT sheet_id, count(*) FILTER (NOT held_out) AS rows_accepted, "
            "count(*) FILTER (held_out) AS rows_held_out FROM checked GROUP BY sheet_id"
        )


def _literals(values: Iterable[str]) -> str:
    return ", ".join(map(literal, sorted(values)))


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(literal(folded(value)) for value in values)}]"


def _lookup(text: str, names: Iterable[tuple[str, str]]) -> str:
    cases = " ".join(f"WHEN {literal(folded(name))} THEN {literal(value)}" for name, value in names)
    return f"CASE lower(without_blanks({text})) {cases} END"


def _names(entries: Iterable[tuple[str, str, str, tuple[str, ...]]]) -> Iterable[tuple[str, str]]:
    """Every name of a code list's entries with the code it means."""
    for code, name_zh, name_en, aliases in entries:
        for name in (code, name_zh, name_en, *aliases):
            yield name, code


def _out_of_range(field: LedgerField) -> Iterable[str]:
    value, limits = identifier(field.name), field.constraints
    if limits.minimum is not None:
        yield f"{value} < {limits.minimum}"
    if limits.exclusive_minimum is not None:
        yield f"{value} <= {limits.exclusive_minimum}"
    if limits.maximum is not None:
        yield f"{value} > {limits.maximum}"
