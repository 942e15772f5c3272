"""Building the heavy tables on a distributed engine: Apache Spark or Sail, through Spark Connect.

What belongs here: which models run there (``placing``), their SQL in Spark's dialect (``dialect``), the
connection (``session``), and the way of tables there and back (``remote``). What does not: what the tables
mean (the models), audits and publishing, which are the same for every engine.

pyspark's client is an extra (``spark``), imported only when a remote is asked.
"""

from warehouse.engines.remote import RemoteEngine
from warehouse.engines.session import EngineError

__all__ = ["EngineError", "RemoteEngine"]
