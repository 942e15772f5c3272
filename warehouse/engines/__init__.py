"""Building the heavy tables on a distributed engine: Apache Spark or Sail, through Spark Connect.

What belongs here: which models run there (``placing``), their SQL in Spark's dialect (``dialect``), the
connection (``session``), the way of tables there and back (``remote``), where they lie meanwhile
(``exchange``). What does not: what the tables
mean (the models), audits and publishing, which are the same for every engine.

pyspark's client is an extra (``spark``), imported only when a remote is asked.
"""

from warehouse.engines.failures import EngineError
from warehouse.engines.remote import RemoteEngine

__all__ = ["EngineError", "RemoteEngine"]
