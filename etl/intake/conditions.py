"""When a cell or row of one ledger breaks a rule, as SQL generated from the catalog.

What belongs here: conditions over one row's columns (``values``). What does not: the statements around them
(``statements``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from etl.intake.extraction import storage_column, text_column
from etl.intake.values import column
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField, RowRule
from warehouse.catalog.expressions import condition_columns, identifier, literal, row_condition

#: Longest text that is kept.
TEXT_LENGTH = 500

#: All control characters but tab and line breaks, as an SQL literal.
_CONTROL_CHARACTERS = r"'[\x00-\x08\x0b\x0c\x0e-\x1f]'"

#: How a spreadsheet shows a long number, and writes it into a text file: 9.13507E+17.
_SCIENTIFIC = r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}"

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


@dataclass(frozen=True)
class WaivedRows:
    """Where a rule does not hold a row out; ``row`` None means all rows of the sheet."""

    sheet_id: int
    rule: str
    row: int | None


@dataclass(frozen=True)
class RowCheck:
    """A rule over a row: the columns it is about, the key of its texts, and when it is broken."""

    rule: str
    fields: tuple[str, ...]
    text_key: str
    broken: str


class Conditions:
    """The conditions of one ledger; ``waived`` are rows that count in spite of a rule."""

    def __init__(self, catalog: Catalog, ledger: Ledger, waived: Sequence[WaivedRows] = ()) -> None:
        self._catalog = catalog
        self._ledger = ledger
        self._waived = waived
        self._errors = {rule.rule for rule in catalog.rules if rule.severity in ("fatal", "error")}

    # Plain cells

    def nothing_wrong(self) -> Iterator[str]:
        """What holds of a row of plain and blank cells that breaks no rule at all."""
        for field in self._ledger.stored_fields:
            text, value = identifier(text_column(field)), column(field)
            right = " AND ".join(
                [f"{value} IS NOT NULL", *(f"NOT {limit}" for limit in _out_of_range(field))]
            )
            absent = f"({text} IS NULL OR {text} = '')"
            if field.required_when is not None:
                absent += f" AND NOT coalesce({self._condition(field.required_when)}, false)"
            yield f"({right})" if field.constraints.required else f"({right} OR {absent})"
        for rule in self._ledger.rules:
            # Of plain cells every one is right, so nothing follows from another error.
            broken = f"NOT ({self._condition(rule.holds)})"
            if rule.when is not None:
                broken += f" AND ({self._condition(rule.when)})"
            yield f"NOT coalesce({broken}, false)"
        yield from (f"NOT coalesce({check.broken}, false)" for check in self._event_checks())

    # Any cells

    def cell_rules(self) -> Iterator[str]:
        """The first rule that a cell breaks: one cause gives one issue."""
        for field in self._ledger.stored_fields:
            cases = " ".join(f"WHEN {condition} THEN '{code}'" for condition, code in self._of_cell(field))
            limits = " OR ".join(_out_of_range(field))
            of_plain = f"CASE WHEN {limits} THEN 'R205' END" if limits else "NULL"
            is_plain = f"{column(field, 'plain')} IS NOT NULL"
            yield (
                f"CAST(CASE WHEN {is_plain} THEN {of_plain} {cases} END AS rule_code)"
                f" AS {column(field, 'rule')}"
            )

    def row_checks(self) -> list[RowCheck]:
        """The rules over whole rows, in the order of the columns ``row_rule_N``."""
        declared = [
            RowCheck(rule.rule, rule.fields, f"{rule.rule} row {index}", self._broken(rule))
            for index, rule in enumerate(self._ledger.rules)
        ]
        return [*declared, *self._event_checks()]

    def held_out(self) -> str:
        """Whether an error keeps a row out."""
        parts = []
        for field in self._ledger.stored_fields:
            codes = {code for _, code in self._of_cell(field)}
            rule = column(field, "rule")
            parts.append(f"(NOT {self._cell_is_right(field)}{self._unless_waived(codes, rule)})")
        for index, check in enumerate(self.row_checks()):
            if check.rule in self._errors:
                parts.append(f"(row_rule_{index}{self._unless_waived({check.rule}, literal(check.rule))})")
        return " OR ".join(parts)

    def _of_cell(self, field: LedgerField) -> Iterator[tuple[str, str]]:
        """Each condition under which a cell is wrong, with the rule broken, in the order of telling."""
        value, read = column(field), column(field, "read")
        # A credit code may have the digits of a personal number: then its check character decides.
        unless_code = f" AND {value} IS NULL" if field.kind is FieldKind.CREDIT_CODE else ""
        yield f"is_personal({read}){unless_code}", "R211"
        errors = _literals(map(str.upper, self._catalog.form.error_values))
        yield f"upper({read}) IN ({errors})", "R209"
        yield from self._absence(field)
        if field.kind is FieldKind.CREDIT_CODE:
            stored_as = f"{identifier(storage_column(field) or '')} = 'number'"
            shown_as = f"regexp_full_match({read}, {literal(_SCIENTIFIC)})"
            yield f"({stored_as} OR {shown_as}) AND {read} IS NOT NULL", "R207"
        if (rule := _NOT_UNDERSTOOD.get(field.kind)) is not None:
            yield f"{read} IS NOT NULL AND {value} IS NULL", rule
        if field.kind is FieldKind.TEXT:
            yield f"length({value}) > {TEXT_LENGTH} OR regexp_matches({value}, {_CONTROL_CHARACTERS})", "R208"
        if out_of_range := list(_out_of_range(field)):
            yield " OR ".join(out_of_range), "R205"

    def _absence(self, field: LedgerField) -> Iterator[tuple[str, str]]:
        absent = f"NOT {column(field, 'given')}"
        if field.constraints.required:
            yield absent, "R201"
        elif field.required_when is not None:
            yield f"{absent} AND ({self._condition(field.required_when)})", "R201"

    def _event_checks(self) -> Iterator[RowCheck]:
        """R307 and R308 over the date on which a row's event counts."""
        date = identifier(self._ledger.event_date)
        months = self._catalog.programme.months
        first, last = f"DATE '{months[0]}'", f"last_day(DATE '{months[-1]}')"
        end = f"least({last}, coalesce(last_day(period), {last}))"
        fields = (self._ledger.event_date,)
        yield RowCheck("R307", fields, "R307 event", f"{date} NOT BETWEEN {first} AND {end}")
        yield RowCheck("R308", fields, "R308 event", f"{date} >= {first} AND {date} < period")

    def _broken(self, rule: RowRule) -> str:
        conditions = [f"NOT ({self._condition(rule.holds)})"]
        read = condition_columns(rule.holds)
        if rule.when is not None:
            conditions.append(f"({self._condition(rule.when)})")
            read |= condition_columns(rule.when)
        # What follows from a wrong cell is not told again.
        conditions += [self._cell_is_right(self._ledger.field(name)) for name in sorted(read)]
        return " AND ".join(conditions)

    def _condition(self, sql: str) -> str:
        return row_condition(sql, self._catalog.rate_amounts)

    def _cell_is_right(self, field: LedgerField) -> str:
        codes = {code for _, code in self._of_cell(field)} & self._errors
        return f"coalesce({column(field, 'rule')} NOT IN ({_literals(codes)}), true)"

    def _unless_waived(self, codes: set[str], code: str) -> str:
        waived = [
            f"(sheet_id = {one.sheet_id} AND {code} = {literal(one.rule)}"
            + (f" AND row = {one.row})" if one.row is not None else ")")
            for one in self._waived
            if one.rule in codes
        ]
        return f" AND NOT coalesce({' OR '.join(waived)}, false)" if waived else ""


def _literals(values: Iterable[str]) -> str:
    return ", ".join(map(literal, sorted(values)))


def _out_of_range(field: LedgerField) -> Iterator[str]:
    value, limits = column(field), field.constraints
    if limits.minimum is not None:
        yield f"{value} < {limits.minimum}"
    if limits.exclusive_minimum is not None:
        yield f"{value} <= {limits.exclusive_minimum}"
    if limits.maximum is not None:
        yield f"{value} > {limits.maximum}"
