"""From landing, lake and catalog to a candidate database file, by the SQL of ``warehouse/models``.

What belongs here: reading the inputs, the order of building, comments, audits. What does not: what the tables
mean (the SQL files), which file readers see (``warehouse.publications``).
"""

from warehouse.building.audits import AuditResult
from warehouse.building.build import BuildResult, build_candidate, inputs_fingerprint
from warehouse.building.models import Model, ModelError, model_specs

__all__ = [
    "AuditResult",
    "BuildResult",
    "Model",
    "ModelError",
    "build_candidate",
    "inputs_fingerprint",
    "model_specs",
]
