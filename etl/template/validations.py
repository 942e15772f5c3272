"""What the cells of a column refuse, and what they say of themselves.

What belongs here: a column's declaration as a spreadsheet's data validation, within the limits of Excel.
What does not: what the intake checks (``etl.intake``): a pasted cell passes by all of this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from etl.intake.conditions import TEXT_LENGTH
from etl.template.explanations import Explanation, event_dates
from etl.template.layout import FIRST_ROW, shortened
from etl.template.words import Words
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField

# What Excel takes, in UTF-16 units; a longer text makes it “repair” the file.
TITLE_LENGTH, MESSAGE_LENGTH, INLINE_LIST_LENGTH = 32, 255, 255

_CREDIT_CODE_LENGTH = 18
#: A date that is not the event's may be any that a spreadsheet knows.
_FIRST_DATE = dt.date(1900, 1, 1)
#: Numbers without declared limits.
_LARGEST = 10**14

Options = dict[str, Any]


def lists(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """The lists too long for a cell, and the code lists, by the name under which drop-downs refer to them."""
    found: dict[str, tuple[str, ...]] = {}
    for ledger in catalog.ledgers:
        for field in ledger.fields:
            values = listed_values(catalog, field)
            if values and not _is_inline(field, values):
                found[_list_name(ledger, field)] = values
    return found


def listed_values(catalog: Catalog, field: LedgerField) -> tuple[str, ...]:
    """The values that a drop-down of the column offers; none for other columns."""
    match field.kind:
        case FieldKind.ENUM:
            return field.constraints.enum
        case FieldKind.BOOLEAN:
            return catalog.programme.true_values[0], catalog.programme.false_values[0]
        case FieldKind.CHAIN:
            return tuple(chain.name_zh for chain in catalog.chains)
        case FieldKind.CLUSTER:
            return tuple(cluster.name_zh for cluster in catalog.clusters)
        case _:
            return ()


def _is_inline(field: LedgerField, values: Sequence[str]) -> bool:
    """Whether a list stands in the validation itself; its values are parted by commas there."""
    text = ",".join(values)
    return (
        field.kind not in (FieldKind.CHAIN, FieldKind.CLUSTER)
        and shortened(text, INLINE_LIST_LENGTH) == text
        and not any("," in value or value != value.strip() for value in values)
    )


def _list_name(ledger: Ledger, field: LedgerField) -> str:
    if field.kind in (FieldKind.CHAIN, FieldKind.CLUSTER):
        return f"list_{field.kind}"
    return f"list_{ledger.name}_{field.name}"


def validation(
    catalog: Catalog,
    words: Words,
    ledger: Ledger,
    field: LedgerField,
    explanation: Explanation,
    month: dt.date,
) -> Options | None:
    """Options of xlsxwriter for the cells of a column; None for one that is not stored."""
    if not field.stored:
        return None
    place = ledger.fields.index(field)
    passes = _passes(catalog, ledger, field, month, xl_rowcol_to_cell(FIRST_ROW, place))
    return {**passes, **_said(words, explanation, is_list="source" in passes)}


def choice(values: Sequence[str], title: str, message: str, error: str) -> Options:
    """A drop-down of a few values, as on the cover."""
    return {"validate": "list", "source": list(values), **_texts(title, message, error)}


def remark(title: str, message: str) -> Options:
    """What a cell says that takes anything."""
    options = _texts(title, message, "")
    return {
        "validate": "any",
        "input_title": options["input_title"],
        "input_message": options["input_message"],
    }


def _passes(catalog: Catalog, ledger: Ledger, field: LedgerField, month: dt.date, first_cell: str) -> Options:
    match field.kind:
        case FieldKind.ENUM | FieldKind.BOOLEAN | FieldKind.CHAIN | FieldKind.CLUSTER:
            return _list(catalog, ledger, field)
        case FieldKind.DATE if field.name == ledger.event_date:
            first, last = event_dates(catalog, month)
            return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
        case FieldKind.DATE:
            return {"validate": "date", "criteria": ">=", "value": _FIRST_DATE}
        case FieldKind.TEXT:
            return {"validate": "length", "criteria": "<=", "value": TEXT_LENGTH}
        case FieldKind.CREDIT_CODE:
            return {"validate": "length", "criteria": "=", "value": _CREDIT_CODE_LENGTH}
        case _:
            return _number(field, first_cell)


def _list(catalog: Catalog, ledger: Ledger, field: LedgerField) -> Options:
    values = listed_values(catalog, field)
    inline = _is_inline(field, values)
    # An unknown chain is no error of the row, so the cell warns and takes it.
    rule = {FieldKind.CHAIN: "R210", FieldKind.CLUSTER: "R210"}.get(field.kind, "R204")
    stops = catalog.rule_by_code[rule].severity in ("fatal", "error")
    return {
        "validate": "list",
        "source": list(values) if inline else f"={_list_name(ledger, field)}",
        "error_type": "stop" if stops else "warning",
    }


def _number(field: LedgerField, first_cell: str) -> Options:
    limits = field.constraints
    kind = "integer" if field.kind is FieldKind.INTEGER else "decimal"
    low, high = limits.minimum, limits.maximum
    if (above := limits.exclusive_minimum) is not None:
        if high is None:
            return {"validate": kind, "criteria": ">", "value": _plain(above)}
        # Excel has no “above this and up to that”.
        whole = f",INT({first_cell})={first_cell}" if kind == "integer" else ""
        terms = f"{first_cell}>{_plain(above)},{first_cell}<={_plain(high)}"
        return {"validate": "custom", "value": f"=AND(ISNUMBER({first_cell}),{terms}{whole})"}
    least = -_LARGEST if low is None else _plain(low)
    if high is None:
        return {"validate": kind, "criteria": ">=", "value": least}
    return {"validate": kind, "criteria": "between", "minimum": least, "maximum": _plain(high)}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _said(words: Words, explanation: Explanation, *, is_list: bool) -> Options:
    cell = words.cell
    given: Mapping[str, str] = {"title": explanation.title, "expected": explanation.expected_zh}
    message = cell.message.format(**given)
    if is_list and shortened(message, MESSAGE_LENGTH) != message:
        given = {**given, "expected": cell.listed_elsewhere}
        message = cell.message.format(**given)
    error = cell.error_required if explanation.need == "required" else cell.error
    return _texts(explanation.title, message, error.format(**given))


def _texts(title: str, message: str, error: str) -> Options:
    title = shortened(title, TITLE_LENGTH)
    return {
        "input_title": title,
        "input_message": shortened(message, MESSAGE_LENGTH),
        "error_title": title,
        "error_message": shortened(error, MESSAGE_LENGTH),
    }
