"""SQL that understands the cells of one ledger: from each field's text to its typed value.

What belongs here: expressions for one field. What does not: whether a value is allowed (``conditions``), the
macros themselves (``sql/macros.sql``).

A cell in its plain form (``12``, ``2024-03-05``, a label as the catalog writes it) is understood at once. The
plain forms are those that the macros would understand in the same way: they save time and decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from etl.intake.credit_codes import LENGTH
from etl.intake.extraction import storage_column, text_column
from etl.intake.text import folded
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField
from warehouse.catalog.expressions import identifier, literal

_NUMBERS = {FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.YUAN, FieldKind.PERCENT}

#: Characters of names that NFKC leaves alone: ASCII but blanks, digits, hyphens, # and : (error values), CJK.
_STABLE = r'!"$-,;-^`-~“”‘’、。《》「」【】\x{4E00}-\x{9FFF}'
#: What may part the digits of a number.
_PARTING = "—·._/-"
#: Brackets are as common in names as they are unstable.
_UNSTABLE = ("（", "）")
_PLAIN = _STABLE + "".join(_UNSTABLE)
#: No run of digits is as long as a telephone number, not even with marks between them (138-0013-8000).
_RUN = f"[0-9{_PARTING}]"
_PLAIN_TEXT = f"(?:[{_PLAIN}]|{_RUN}{{1,10}}[{_PLAIN}])*{_RUN}{{0,10}}"
_PLAIN_DECIMAL = r"[0-9]{1,10}(?:\.[0-9]{1,4})?"

#: Conditions on a credit code.
_LOOKS_LIKE_CODE = f"strlen({{}}) = {LENGTH}"
_IS_CODE = "is_credit_code({})"


def column(field: LedgerField, part: str = "") -> str:
    """The quoted name of a field's column, or of one of its helper columns such as ``fast``."""
    return identifier(f"{field.name}__{part}" if part else field.name)


def factor_column(field: LedgerField) -> str:
    """Name of the column that says by how much the header multiplies a field."""
    return f"{field.name}__factor"


def comparable(field: LedgerField, *, plain: bool) -> str:
    """A value of the natural key in the form in which it is compared: texts after NFKC and without blanks."""
    value = column(field)
    if field.kind is not FieldKind.TEXT:
        return f"CAST({value} AS VARCHAR)"
    normalised = f"without_blanks(nfkc({value}))"
    if not plain:
        return normalised
    unstable = " OR ".join(f"contains({value}, {literal(character)})" for character in _UNSTABLE)
    return f"CASE WHEN {unstable} THEN {normalised} ELSE {value} END"


class ValueExpressions:
    """The expressions of one ledger's fields.

    They come in levels; each level reads the columns of those before it. ``plain`` ones make ``FIELD`` of a
    plain cell and NULL of any other; they leave the check characters of credit codes to ``code_columns``.
    ``full`` ones make ``FIELD`` of every cell, besides ``FIELD__plain``, ``FIELD__read``, what stands
    in the cell, and ``FIELD__given``, whether anything does; they ask at each step whether there is still
    anything to find out, since most cells of an odd row are plain or blank.
    """

    def __init__(self, catalog: Catalog, ledger: Ledger) -> None:
        self._catalog = catalog
        self._ledger = ledger
        programme = catalog.programme
        yuan = folded(catalog.form.yuan_word)
        units = sorted(map(folded, programme.number_units), key=len, reverse=True)
        self._units = "|".join(re.escape(unit) for unit in units if unit != yuan)
        self._yuan = re.escape(yuan)
        self._absent = _texts({folded(value) for value in programme.missing_values})

    def plain(self) -> tuple[list[str], ...]:
        """For each level its further columns, as ``expression AS name``."""
        return list(self._casts()), [
            f"CAST({self._plain_value(field, _LOOKS_LIKE_CODE)} AS {field.sql_type}) AS {column(field)}"
            for field in self._ledger.stored_fields
        ]

    def full(self) -> tuple[list[str], ...]:
        """For each level its further columns, as ``expression AS name``."""
        plain = [
            f"CAST({self._plain_value(field, _IS_CODE)} AS {field.sql_type}) AS {column(field, 'plain')}"
            for field in self._ledger.stored_fields
        ]
        return list(self._casts()), plain, list(self._read()), list(self._parts()), list(self._values())

    @property
    def code_columns(self) -> list[str]:
        """The columns whose plain values are codes only if their check character is right, too."""
        kind = FieldKind.CREDIT_CODE
        return [column(field) for field in self._ledger.stored_fields if field.kind is kind]

    def _casts(self) -> Iterator[str]:
        """What a plain text may be; the next level makes sure that it reads like this and not otherwise."""
        for field in self._ledger.stored_fields:
            text = identifier(text_column(field))
            if field.kind in _NUMBERS:
                yield f"TRY_CAST({text} AS UINTEGER) AS {column(field, 'cast')}"
            elif field.kind is FieldKind.DATE:
                yield f"TRY_CAST({text} AS DATE) AS {column(field, 'cast')}"

    def _plain_value(self, field: LedgerField, is_code: str) -> str:
        text, cast = identifier(text_column(field)), column(field, "cast")
        is_whole = f"CAST({cast} AS VARCHAR) = {text}"
        is_decimal = f"regexp_full_match({text}, {literal(_PLAIN_DECIMAL)})"
        exactly = f"CAST({text} AS {field.sql_type})"
        match field.kind:
            case FieldKind.INTEGER:
                return f"CASE WHEN {is_whole} THEN {cast} END"
            case FieldKind.DECIMAL:
                return f"CASE WHEN {is_whole} THEN {cast} WHEN {is_decimal} THEN {exactly} END"
            case FieldKind.YUAN:
                factor = identifier(factor_column(field))
                return (
                    f"CASE WHEN {factor} <> 1 THEN NULL"
                    f" WHEN {is_whole} THEN {cast} WHEN {is_decimal} THEN {exactly} END"
                )
            case FieldKind.PERCENT:
                return f"CASE WHEN {is_whole} AND {cast} <> 1 AND {cast} <= 99999 THEN {cast} END"
            case FieldKind.DATE:
                return f"CASE WHEN strlen({text}) = 10 AND CAST({cast} AS VARCHAR) = {text} THEN {cast} END"
            case FieldKind.CREDIT_CODE:
                return f"CASE WHEN {_is_code(field, text, is_code)} THEN {text} END"
            case FieldKind.TEXT:
                plain = f"regexp_full_match({text}, {literal(_PLAIN_TEXT)})"
                absent = f"{text} IN ({self._absent})"
                few = f"strlen({text}) BETWEEN 1 AND 500"
                return f"CASE WHEN {few} AND {plain} AND NOT {absent} THEN {text} END"
            case _:
                # Most lists are long, and most cells of most lists blank.
                listed = f"CASE {text} {self._cases(field, as_written=True)} END"
                return f"CASE WHEN strlen({text}) > 0 THEN {listed} END"

    def _read(self) -> Iterator[str]:
        """What stands in a cell; an absent value is NULL."""
        for field in self._ledger.stored_fields:
            text = identifier(text_column(field))
            macro = "present_text" if field.kind is FieldKind.TEXT else "present_value"
            yield (
                f"CASE WHEN {column(field, 'plain')} IS NOT NULL THEN {text}"
                f" WHEN strlen({text}) > 0 THEN {macro}({text}, [{self._absent}]) END"
                f" AS {column(field, 'read')}"
            )

    def _parts(self) -> Iterator[str]:
        """What a text is taken apart into, once."""
        for field in self._ledger.stored_fields:
            read = column(field, "read")
            if field.kind is FieldKind.PERCENT:
                yield _unless_plain(field, f"number_parts({read}, '%')", "parts")
            elif field.kind is FieldKind.YUAN:
                yield _unless_plain(field, f"number_parts({read}, {literal(self._yuan)})", "parts")
            elif field.kind in _NUMBERS:
                yield _unless_plain(field, f"number_parts({read}, {literal(self._units)})", "parts")
            elif field.kind is FieldKind.CREDIT_CODE:
                yield _unless_plain(field, f"upper(without_blanks({read}))", "parts")
            elif field.kind is FieldKind.DATE:
                yield _unless_plain(field, f"date_parts({read})", "parts")
                if field.name in self._ledger.span[:1]:
                    yield _unless_plain(field, f"date_range_parts({read})", "range")

    def _values(self) -> Iterator[str]:
        for field in self._ledger.stored_fields:
            read = column(field, "read")
            plain, given = column(field, "plain"), f"{read} IS NOT NULL"
            value = f"CASE WHEN {plain} IS NOT NULL THEN {plain} WHEN {given} THEN {self._value(field)} END"
            if field.name in self._ledger.span[1:]:
                start = self._ledger.field(self._ledger.span[0])
                end = f"range_end({column(start, 'range')})"
                value = f"coalesce({value}, CASE WHEN {read} IS NULL THEN {end} END)"
                # A range that is none is told at its own cell.
                given = f"({given} OR coalesce(begins_range({column(start, 'read')}), false))"
            yield f"CAST({value} AS {field.sql_type}) AS {column(field)}"
            yield f"{given} AS {column(field, 'given')}"

    def _value(self, field: LedgerField) -> str:
        """The value of what stands in a cell."""
        read, parts = column(field, "read"), column(field, "parts")
        stored_as = identifier(storage_column(field) or "")
        match field.kind:
            case FieldKind.TEXT:
                return read
            case FieldKind.INTEGER:
                return f"integer_value({parts})"
            case FieldKind.DECIMAL:
                return f"TRY_CAST(number_value({parts}) AS {field.sql_type})"
            case FieldKind.YUAN:
                return f"yuan_value({parts}, {identifier(factor_column(field))})"
            case FieldKind.PERCENT:
                return f"percent_value({parts})"
            case FieldKind.DATE:
                single = f"date_value({read}, {parts}, {stored_as}, date1904)"
                if field.name in self._ledger.span[:1]:
                    return f"coalesce({single}, {self._range_start(field)})"
                return single
            case FieldKind.CREDIT_CODE:
                return f"CASE WHEN {_is_code(field, parts, _IS_CODE)} THEN {parts} END"
            case _:
                return f"CASE lower(without_blanks({read})) {self._cases(field, as_written=False)} END"

    def _range_start(self, field: LedgerField) -> str:
        """The first day of a range; none where the column of the last day says another one."""
        found, end = column(field, "range"), self._ledger.field(self._ledger.span[1])
        other = f"{column(end, 'read')} IS NOT NULL AND {self._day(end)} <> range_end({found})"
        return f"CASE WHEN NOT coalesce({other}, false) THEN range_start({found}) END"

    def _day(self, field: LedgerField) -> str:
        """The day in a cell, if it is one."""
        stored_as = identifier(storage_column(field) or "")
        typed = f"date_value({column(field, 'read')}, {column(field, 'parts')}, {stored_as}, date1904)"
        return f"coalesce({column(field, 'plain')}, {typed})"

    def _cases(self, field: LedgerField, *, as_written: bool) -> str:
        """WHEN … THEN … for every name of a listed value, as the catalog writes it or as it is compared."""
        quote = literal if field.kind is not FieldKind.BOOLEAN else str
        names = {name if as_written else folded(name): value for name, value in self._names(field)}
        return " ".join(f"WHEN {literal(name)} THEN {quote(value)}" for name, value in names.items())

    def _names(self, field: LedgerField) -> Iterable[tuple[str, str]]:
        """Every name of a field's listed values, with the value it means."""
        catalog = self._catalog
        match field.kind:
            case FieldKind.BOOLEAN:
                yield from ((name, "true") for name in catalog.programme.true_values)
                yield from ((name, "false") for name in catalog.programme.false_values)
            case FieldKind.CHAIN:
                for chain in catalog.chains:
                    yield from _named(chain.chain, chain.name_zh, chain.name_en, *chain.aliases)
            case FieldKind.CLUSTER:
                for cluster in catalog.clusters:
                    yield from _named(cluster.cluster, cluster.name_zh, cluster.name_en, *cluster.aliases)
            case _:
                yield from ((value, value) for value in field.constraints.enum)


def _is_code(field: LedgerField, text: str, condition: str) -> str:
    """A code that was stored as a number has lost digits, even if it looks right."""
    stored_as = identifier(storage_column(field) or "")
    return f"{stored_as} IS DISTINCT FROM 'number' AND {condition.format(text)}"


def _unless_plain(field: LedgerField, found: str, part: str) -> str:
    """A column of what is found in a cell that says something, and that not in its plain form."""
    asked = f"{column(field, 'plain')} IS NULL AND {column(field, 'read')} IS NOT NULL"
    return f"CASE WHEN {asked} THEN {found} END AS {column(field, part)}"


def _named(code: str, *names: str) -> Iterator[tuple[str, str]]:
    for name in (code, *names):
        yield name, code


def _texts(values: Iterable[str]) -> str:
    return ", ".join(map(literal, sorted(values)))
