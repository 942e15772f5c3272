"""The ledgers as Frictionless Table Schemas.

What belongs here: the descriptor of a ledger, from the catalog. What does not: reading tables with it.

The ledgers are declared as Frictionless fields. The catalog as a whole says what each of them would have to
repeat: the words that mean yes, no, or no value. Chains, clusters and credit codes are texts to Table Schema.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from warehouse.catalog import Ledger, LedgerField, load_catalog

SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
RESOURCE_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"


def descriptor(ledger: Ledger, *, by_title: bool = False) -> dict[str, Any]:
    """A ledger's Table Schema; its fields are called by their names, or ``by_title`` by their labels."""
    return {
        "$schema": SCHEMA_PROFILE,
        "missingValues": list(load_catalog().programme.missing_values),
        "fields": [
            {**_field(field), "name": field.title if by_title else field.name}
            for field in ledger.stored_fields
        ],
    }


def _field(field: LedgerField) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if field.constraints.required else {}
    if field.constraints.enum:
        constraints["enum"] = list(field.constraints.enum)
    # Frictionless reads a limit as it reads a cell: a text keeps every digit.
    constraints |= {name: str(limit) for name, limit in limits(field).items()}
    words: dict[str, Any] = {}
    if field.type == "boolean":
        programme = load_catalog().programme
        words = {"trueValues": list(programme.true_values), "falseValues": list(programme.false_values)}
    return {"title": field.title, "type": field.type, "constraints": constraints, **words}


def limits(field: LedgerField) -> dict[str, Decimal]:
    """The smallest and largest values of a field, by Frictionless' names."""
    declared = field.constraints
    named = {
        "minimum": declared.minimum,
        "exclusiveMinimum": declared.exclusive_minimum,
        "maximum": declared.maximum,
    }
    return {name: limit for name, limit in named.items() if limit is not None}
