"""The one place that knows the domain: ledgers, rules, indicators, targets, units, chains, clusters.

The facts stand in the YAML and CSV files of this folder; ``load_catalog`` reads and checks them as a whole.
No other module names a county, a ledger, a column or an indicator.
"""

from warehouse.catalog.loader import CatalogError, load_catalog
from warehouse.catalog.model import (
    Catalog,
    Chain,
    Cluster,
    FieldKind,
    Form,
    Indicator,
    Ledger,
    LedgerField,
    Measure,
    RowRule,
    Rule,
    Target,
    Unit,
)

__all__ = [
    "Catalog",
    "CatalogError",
    "Chain",
    "Cluster",
    "FieldKind",
    "Form",
    "Indicator",
    "Ledger",
    "LedgerField",
    "Measure",
    "RowRule",
    "Rule",
    "Target",
    "Unit",
    "load_catalog",
]
