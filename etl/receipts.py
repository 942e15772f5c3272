"""The answer to a return: what was accepted, what was held out, which cell, why, and what would pass.

What belongs here: receipts as documents and as files. What does not: finding the issues (``etl.intake``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from warehouse import storage
from warehouse.lake import Batch
from warehouse.settings import Home

_ISSUE_KEYS = ("rule", "severity", "sheet", "cell", "found", "expected", "message_zh", "message_en")


def receipts(batch: Batch, file_names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One document a return of the batch, in its order; ``file_names`` by return id."""
    issues: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for issue in batch.issues.to_pylist():
        document = {key: issue[key] for key in _ISSUE_KEYS}
        document["column"] = issue["column_name"]
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
            "issues": issues[one["return_id"]],
        }
        for one in batch.returns.to_pylist()
    ]


def write_receipts(home: Home, documents: Sequence[Mapping[str, Any]]) -> None:
    """Writes ``receipts/RETURN.json``; a return that was checked again gets its new receipt."""
    for document in documents:
        content = json.dumps(document, ensure_ascii=False, indent=1).encode()
        storage.write_file(home.receipts / f"{document['id']}.json", content)


def has_problems(document: Mapping[str, Any]) -> bool:
    """Whether something of a return was held out or refused."""
    return bool(document["status"] != "ACCEPTED")


def read_receipt(home: Home, return_id: str) -> dict[str, Any]:
    """The last receipt of a return that was checked."""
    document: dict[str, Any] = json.loads((home.receipts / f"{return_id}.json").read_bytes())
    return document
