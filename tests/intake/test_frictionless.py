"""Frictionless and our check, two programs on the same tables, agree cell by cell.

What belongs here: type, required, enum, minimum and maximum of cells in their canonical forms, good and bad.
What does not: what we understand besides, and Frictionless refuses (1.5万, 2024年3月5日, １２, 50%, 1,200),
which the other modules test; rules over rows; the kinds that Table Schema lacks (chains, clusters, codes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from frictionless import Resource
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.intake.text import column_letter
from tests.intake.workbooks import EXAMPLES, check, csv_file
from tests.support.table_schema import RESOURCE_PROFILE, descriptor, limits
from warehouse.catalog import Ledger, LedgerField, load_catalog

CATALOG = load_catalog()
Table = Sequence[Sequence[str]]

#: What each calls the same mistake.
SAME = {
    "required": {"R201"},
    "type": {"R202", "R203", "R204"},
    "enum": {"R204"},
    "minimum": {"R205"},
    "exclusiveMinimum": {"R205"},
    "maximum": {"R205"},
}
COMPARED = {rule for rules in SAME.values() for rule in rules}


def frictionless_says(ledger: Ledger, rows: Table) -> dict[str, str]:
    """Each wrong cell and the constraint that it breaks."""
    names = [field.name for field in ledger.stored_fields]
    resource = {
        "$schema": RESOURCE_PROFILE,
        "name": ledger.name,
        "data": [names, *rows],
        "schema": descriptor(ledger),
    }
    (task,) = Resource.from_descriptor(resource).validate(limit_errors=100_000).tasks
    errors: Sequence[Any] = task.errors
    return {
        f"{column_letter(error.field_number - 1)}{error.row_number}": _constraint(error) for error in errors
    }


def _constraint(error: Any) -> str:
    if error.type == "type-error":
        return "type"
    assert error.type == "constraint-error", error
    return str(error.note.split('"')[1])


def we_say(ledger: Ledger, issues: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Each wrong cell and its rule, of the rules that are compared."""
    wrong = {}
    for issue in issues:
        if issue["rule"] not in COMPARED:
            continue
        field = ledger.field(issue["column"])
        # What depends on other cells of the row, a descriptor cannot say.
        if issue["rule"] == "R201" and field.required_when is not None:
            continue
        if issue["rule"] == "R205" and not limits(field):
            continue
        wrong[issue["cell"]] = issue["rule"]
    return wrong


def assert_agreement(tables: Mapping[str, Table]) -> set[str]:
    """Both say the same of every cell; the constraints that are broken anywhere."""
    ledgers = [CATALOG.ledger_by_name[name] for name in tables]
    files = [
        csv_file(
            [[field.title for field in ledger.stored_fields], *tables[ledger.name]],
            f"于都县_2024-03_{ledger.title}.csv",
        )
        for ledger in ledgers
    ]
    broken = set()
    for ledger, checked in zip(ledgers, check(*files), strict=True):
        ours, theirs = we_say(ledger, checked.issues), frictionless_says(ledger, tables[ledger.name])
        assert ours.keys() == theirs.keys(), (ledger.name, tables[ledger.name], checked.issues)
        assert all(ours[cell] in SAME[theirs[cell]] for cell in ours), (ledger.name, ours, theirs)
        broken |= set(theirs.values())
    return broken


# Cells


def right_row(ledger: Ledger) -> list[str]:
    return [str(EXAMPLES[ledger.title].get(field.title, "")) for field in ledger.stored_fields]


def written(field: LedgerField) -> tuple[str, ...]:
    """What may stand in a cell of a field, right and wrong, in forms that both programs know."""
    if field.name == "note":
        return ("甲",)  # keeps a row without any other value from being a blank one
    absent, enum = CATALOG.programme.missing_values, field.constraints.enum
    edges = [limit + step for limit in limits(field).values() for step in (-1, 0, 1)]
    match field.type:
        case "integer":
            return (*absent, *map(str, edges), "0", "12", "-3", "1.5", "若干", "1e", "9999999999")
        case "number":
            return (*absent, *map(str, edges), "0", "12", "-3", "0.01", "-0.01", "1234.56", "若干", "1.2.3")
        case "boolean":
            return (
                *absent,
                *CATALOG.programme.true_values,
                *CATALOG.programme.false_values,
                "也许",
                "2",
                "12",
            )
        case "date":
            return (
                *absent,
                "2024-03-05",
                "2024-02-29",
                "2023-02-29",
                "2024-13-01",
                "2024-00-10",
                "某日",
                "12",
            )
        case "string" if enum:
            return (*absent, *enum, "别的", "2023", enum[0] * 2)
        case _ if field.format is not None:
            return ("",)
        case _:
            return (*absent, "甲", "甲乙 丙", "12", "2024-03-05", "甲；“乙”")


def test_of_every_kind_of_cell_in_every_column_both_say_the_same() -> None:
    tables = {}
    for ledger in CATALOG.ledgers:
        rows = []
        for index, field in enumerate(ledger.stored_fields):
            for cell in written(field):
                row = right_row(ledger)
                row[index] = cell
                rows.append(row)
        tables[ledger.name] = rows
    assert assert_agreement(tables) == set(SAME)


@st.composite
def random_tables(draw: st.DrawFn) -> dict[str, Table]:
    """Rows of any such cells, for some ledgers."""
    ledgers = st.lists(st.sampled_from(CATALOG.ledgers), min_size=2, max_size=3, unique=True)
    return {
        ledger.name: draw(st.lists(random_rows(ledger), min_size=5, max_size=20)) for ledger in draw(ledgers)
    }


def random_rows(ledger: Ledger) -> st.SearchStrategy[Sequence[str]]:
    return st.tuples(*(st.sampled_from(written(field)) for field in ledger.stored_fields))


@settings(settings.get_profile("many rows"))
@given(random_tables())
def test_of_random_tables_both_say_the_same(tables: dict[str, Table]) -> None:
    assert_agreement(tables)


def test_a_difference_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = CATALOG.ledgers[0]
    rows = [right_row(ledger)]
    assert assert_agreement({ledger.name: rows}) == set()
    monkeypatch.setattr("tests.intake.test_frictionless.frictionless_says", lambda *_: {"A2": "type"})
    with pytest.raises(AssertionError):
        assert_agreement({ledger.name: rows})
