"""The enums of the schema: those of ``warehouse.reading``, with descriptions.

Values are described by the words of ``warehouse.reading.words``.
"""

from __future__ import annotations

from enum import Enum

import strawberry

from warehouse.reading.breakdown import Order
from warehouse.reading.catalogue import Comparison, Horizon, UnitKind
from warehouse.reading.cells import Dimension
from warehouse.reading.decisions import DecisionKind
from warehouse.reading.figures import Pace, ValueState
from warehouse.reading.issues import Severity
from warehouse.reading.reporting import ReportingState
from warehouse.reading.returns import ReturnStatus
from warehouse.reading.viewer import Role
from warehouse.reading.words import words

__all__ = [
    "Comparison",
    "DecisionKind",
    "Dimension",
    "Horizon",
    "Order",
    "Pace",
    "ReportingState",
    "ReturnStatus",
    "Role",
    "Severity",
    "UnitKind",
    "ValueState",
]


def _enum(values: type[Enum], description: str) -> None:
    """Makes an enum one of the schema."""
    described = {word.value: f"{word.en} ({word.zh})" for word in words() if word.enum == values.__name__}
    strawberry.enum(values, description=description)
    definition = values.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = described[value.name]


_enum(
    UnitKind,
    description="What a reporting unit is: the city's own level, a district, a county, a county-level city, "
    "or a zone (市本级、区、县、县级市、开发区/新区).",
)
_enum(
    Dimension,
    description="What an indicator can be cut by: reporting unit, key industry chain, cluster, month, year "
    "(单位、产业链、产业集群、月、年).",
)
_enum(
    Order,
    description="The order of groups: as in the code list, or by value; groups without a value stand last, "
    "ties in code-list order (排序).",
)
_enum(
    Horizon,
    description="The span over which an indicator adds up: ANNUAL starts again each January, PROGRAMME runs "
    "over the whole programme (年度、三年).",
)
_enum(
    Comparison,
    description="How a value is judged: at least the target, at most the target, or tracked without a target "
    "(不低于、不高于、仅跟踪).",
)
_enum(
    Pace,
    description="The value to date against what is expected to date: DONE reaches the target itself, AHEAD "
    "1.1 times the expected value, ON_TRACK 0.9 times. NOT_REPORTED also where the value is hidden (进度).",
)
_enum(
    ValueState,
    description="Why a value is what it is. ZERO was reported; NOT_REPORTED was not; NOT_APPLICABLE cannot "
    "have one; SUPPRESSED is hidden because it is small (数值状态).",
)
_enum(
    ReturnStatus,
    description="What has become of a return: RECEIVED is not checked yet; REPLACED had its say until later "
    "returns of the same unit and month, or a decision (`withdrawn`), took it (报表状态).",
)
_enum(
    DecisionKind,
    description="What was decided about a return: LOCK signed its month off before it came, ACCEPT lets rows "
    "count that break a rule, WITHDRAW takes it out of what counts, CORRECT says what cells of its unit and "
    "month mean (锁定、特准采纳、撤回、更正).",
)
_enum(
    Severity,
    description="How grave an issue is: FATAL rejects the return, ERROR holds out the row, WARNING and INFO "
    "hold out nothing (严重程度).",
)
_enum(
    ReportingState,
    description="What has come of a unit's return of a month. NIL: all it reported are nil declarations "
    "(未到期、待报、按时、迟报、零报告、无需上报).",
)
_enum(
    Role,
    description="Who asks: without a token the public; a reporting unit, an analyst, the city union "
    "(公众、填报单位、分析人员、市总工会).",
)
