"""Decisions about returns: taking them, and handing them to the intake.

What belongs here: whether a decision may be taken, the file of corrections, what bears on a return. What does
not: the log (``warehouse.decisions``), arguments and output (``etl.cli``), what decisions do to rows
(``etl.intake``) and to returns (``warehouse/models``).
"""

from etl.deciding.acts import Corrected, Decider
from etl.deciding.bearing import Bearing
from etl.deciding.refusal import Refused

__all__ = ["Bearing", "Corrected", "Decider", "Refused"]
