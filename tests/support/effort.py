"""How hard the tests search: in minutes for every change, or through a night.

What belongs here: the one question that the environment answers. What does not: numbers of examples
(``tests/conftest.py``).
"""

from __future__ import annotations

import os

#: Whether ``UNION7510_EXAMPLES`` asks for a long search.
LONG = "UNION7510_EXAMPLES" in os.environ
