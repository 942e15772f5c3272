"""Receipts as documents: what was accepted, what was held out, which cell, why, and what would pass.

What belongs here: documents, and their files in the home folder. What does not: finding the issues
(``etl.intake``), workbooks (``workbook``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from warehouse import storage
from warehouse.settings import Home

if TYPE_CHECKING:  # heavy, and the child processes that make workbooks need no table
    from warehouse.lake import Batch

Document = Mapping[str, Any]

_ISSUE_KEYS = ("rule", "severity", "sheet", "cell", "found", "expected", "message_zh", "message_en")
#: Of an issue, in the order of ``check --json``.
_PUBLIC_KEYS = (
    "rule",
    "severity",
    "sheet",
    "cell",
    "column",
    "found",
    "expected",
    "message_zh",
    "message_en",
)


def receipts(
    batch: Batch,
    file_names: Mapping[str, str],
    sheet_names: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """One document a return of the batch, in its order.

    Args:
        batch: the checked returns.
        file_names: the name of each return's file, by return id.
        sheet_names: the sheets of each return's workbook, by return id: issues come in their order, those
            of the whole file before them.
    """
    issues: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for issue in batch.issues.to_pylist():
        document = {key: issue[key] for key in _ISSUE_KEYS}
        document["column"] = issue["column_name"]
        document["label"] = issue["label"]
        issues[issue["return_id"]].append(document)
    return [
        {
            "id": one["return_id"],
            "file": file_names[one["return_id"]],
            "unit": one["unit"],
            "period": f"{one['period']:%Y-%m}" if one["period"] else None,
            "status": one["status"],
            "rows_accepted": one["rows_accepted"],
            "rows_held_out": one["rows_held_out"],
            "issues": _in_order(issues[one["return_id"]], sheet_names.get(one["return_id"], ())),
        }
        for one in batch.returns.to_pylist()
    ]


def _in_order(issues: list[dict[str, Any]], sheet_names: Sequence[str]) -> list[dict[str, Any]]:
    ranks = {name: rank for rank, name in enumerate(sheet_names)}
    return sorted(issues, key=lambda issue: ranks.get(issue["sheet"], -1))


def public(document: Document) -> dict[str, Any]:
    """A document as programs get it; what only people read, such as the label of a column, is left out."""
    issues = [{key: issue.get(key) for key in _PUBLIC_KEYS} for issue in document["issues"]]
    return {**document, "issues": issues}


def write_receipts(home: Home, documents: Sequence[Document]) -> None:
    """Writes ``receipts/RETURN.json``; a return that was checked again gets its new receipt."""
    for document in documents:
        content = json.dumps(document, ensure_ascii=False, indent=1).encode()
        storage.write_file(home.receipts / f"{document['id']}.json", content)


def has_problems(document: Document) -> bool:
    """Whether something of a return was held out or refused."""
    return bool(document["status"] != "ACCEPTED")


def read_receipt(home: Home, return_id: str) -> dict[str, Any]:
    """The last receipt of a return that was checked.

    Raises:
        FileNotFoundError: it was never checked.
    """
    document: dict[str, Any] = json.loads((home.receipts / f"{return_id}.json").read_bytes())
    return document
