"""The published schema as a promise: its tables, columns and types, kept in ``warehouse/contract.yaml``.

What belongs here: what is promised, how it differs from what is built, and what the change log must say of
it. What does not: what tables and columns mean (``descriptions``).

The file has a number, the contract. A difference between the file and what is built is told to who made it;
who means it writes the file anew, and the change log tells it. The number goes up with the first difference
after the change log has told the last one: nobody counts by hand, and trying things out counts for nothing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from warehouse.building.descriptions import YAML_LOADER, Table

PATH = Path(__file__).parent.parent / "contract.yaml"
CHANGELOG = "CHANGELOG.md"
_HEAD = """\
# The published schema: what analysts' queries lean on. Written by `make docs`; how it changes is said in the
# head of warehouse/building/contract.py. `changed`: the tables that are not as in the contract before.
"""

#: Chinese name of a table, and type and Chinese name of each of its columns in order.
Promise = Mapping[str, Any]


@dataclass(frozen=True)
class Contract:
    """``number`` 0 is no contract yet; ``changed`` names tables, of the first contract none."""

    number: int
    changed: tuple[str, ...]
    tables: Mapping[str, Promise]

    @classmethod
    def load(cls, path: Path = PATH) -> Contract:
        """The contract of the file, number 0 where there is none."""
        if not path.exists():
            return cls(0, (), {})
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)  # noqa: S506
        return cls(told["contract"], tuple(told["changed"]), told["tables"])

    def text(self) -> str:
        """The content of the file."""
        told = {"contract": self.number, "changed": [*self.changed], "tables": self.tables}
        body = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)
        return _HEAD + body


@functools.cache
def contract_number() -> int:
    """The number of the contract that this code keeps."""
    return Contract.load().number


def promised(tables: Iterable[Table]) -> dict[str, Promise]:
    """What is published of these tables, by name."""
    return {
        table.name: {
            "chinese": table.chinese,
            "columns": {
                column.name: {"type": column.sql_type, "chinese": column.chinese} for column in table.columns
            },
        }
        for table in sorted(tables, key=lambda table: table.name)
    }


def differences(old: Mapping[str, Promise], new: Mapping[str, Promise]) -> dict[str, str]:
    """Each table that is not the same, and in words what is not the same."""
    return {
        table: _difference(old.get(table), new.get(table))
        for table in sorted(old.keys() | new.keys())
        if _ordered(old.get(table)) != _ordered(new.get(table))
    }


def renewed(old: Contract, tables: Mapping[str, Promise], change_log: str) -> Contract:
    """The contract that promises ``tables``: the old one, or the one that follows it."""
    different = differences(old.tables, tables)
    if not different:
        return old
    if old.number == 0:
        return Contract(1, (), tables)
    if _lines_about(change_log, old.number):
        return Contract(old.number + 1, tuple(different), tables)
    changed = () if old.number == 1 else tuple(sorted({*old.changed, *different}))
    return Contract(old.number, changed, tables)


def change_log_problems(contract: Contract, change_log: str) -> list[str]:
    """What the change log does not say of the contract."""
    lines = " ".join(_lines_about(change_log, contract.number))
    if not lines:
        named = f" and names {', '.join(contract.changed)}" if contract.changed else ""
        return [f"{CHANGELOG} has no entry that says “contract {contract.number}”{named}"]
    missing = [table for table in contract.changed if not re.search(rf"{re.escape(table)}(?![\w.])", lines)]
    if not missing:
        return []
    return [f"the entries of {CHANGELOG} about contract {contract.number} do not name {', '.join(missing)}"]


def _lines_about(change_log: str, number: int) -> Sequence[str]:
    """The list entries, each as one line, that name the contract of this number."""
    entries = re.split(r"^[-*#]+ ", change_log, flags=re.MULTILINE)
    return [" ".join(entry.split()) for entry in entries if re.search(rf"\bcontract {number}\b", entry, re.I)]


def _ordered(promise: Promise | None) -> Any:
    """The promise with the order of its columns."""
    return promise and (promise["chinese"], [*promise["columns"].items()])


def _difference(old: Promise | None, new: Promise | None) -> str:
    if old is None:
        return "new"
    if new is None:
        return "gone"
    before, after = old["columns"], new["columns"]
    told = [f"without {name}" for name in before if name not in after]
    told += [f"with {name} {after[name]['type']}" for name in after if name not in before]
    told += [
        f"{name} is {_column(after[name])}, was {_column(before[name])}"
        for name in after
        if name in before and before[name] != after[name]
    ]
    if old["chinese"] != new["chinese"]:
        told.append(f"zh.{old['chinese']} is zh.{new['chinese']}")
    return ", ".join(told) or "its columns stand in another order"


def _column(promise: Mapping[str, str]) -> str:
    return f"{promise['type']} {promise['chinese']}"
