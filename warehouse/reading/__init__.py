"""Typed questions over one open publication, for the command line and the web service alike.

What belongs here: which figures answer a question, who may see them, what is wrong with a question. What does
not: how figures are computed (``warehouse.models``), which file is open (``warehouse.publications``),
GraphQL.

Each question is one function over a ``Reading``; it sends a fixed number of SQL statements, however many
items the answer has.
"""

from warehouse.reading.context import Reading, Source, today
from warehouse.reading.problems import Forbidden, InputProblem
from warehouse.reading.viewer import Role, Viewer

__all__ = ["Forbidden", "InputProblem", "Reading", "Role", "Source", "Viewer", "today"]
