"""What every test may use: an empty home of its own, and how hard hypothesis searches.

``UNION7510_EXAMPLES`` is the number of examples of every property test, and lets tests that disturb a run do
so at every moment they know: without it the suite is short, with hundreds it is a search for a night.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.effort import LONG
from warehouse.settings import Home

#: How many examples a suite that is short has of each kind: a home has nine worlds, a world is landed,
#: checked, built and asked, and takes seconds; a table is only checked, which takes as long for many rows.
_EXAMPLES = {"homes": 1, "worlds": 2, "tables": 12, "many rows": 4}

for _kind, _count in _EXAMPLES.items():
    settings.register_profile(
        _kind,
        deadline=None,
        database=None,
        derandomize=not LONG,
        max_examples=int(os.environ.get("UNION7510_EXAMPLES", _count)),
        suppress_health_check=[
            *(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
        ],
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path / "home")
