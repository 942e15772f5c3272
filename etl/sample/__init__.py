"""Synthetic returns: what the units of a plausible programme would send, marked as synthetic.

What belongs here: the profile of the invented programme (``profile.yaml``), drawing its events in SQL
(``generation``), and writing them into the reporting form (``writing``). What does not: the form itself
(``etl.template``), reading returns (``etl.intake``), and any fact of the domain that the catalog declares.
"""

from etl.sample.profile import SampleError
from etl.sample.writing import write_samples

__all__ = ["SampleError", "write_samples"]
