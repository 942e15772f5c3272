"""What is wrong with an installation or with its data, in words.

What belongs here: looking, and saying what was found and what mends it; nothing is changed. What does not:
proving a publication byte by byte (``warehouse.history.verifying``), printing (``etl.cli.doctor``).
"""

from etl.doctor.examination import examine
from etl.doctor.findings import Finding, Gravity

__all__ = ["Finding", "Gravity", "examine"]
