"""What every test may use: an empty home of its own, and how hard hypothesis searches.

``UNION7510_EXAMPLES`` is the number of random worlds of the property test of figures: the default keeps the
suite short, hundreds are for a long search.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from warehouse.settings import Home

#: A world takes seconds, so hypothesis' own limits on time say nothing here.
settings.register_profile(
    "worlds",
    deadline=None,
    database=None,
    derandomize="UNION7510_EXAMPLES" not in os.environ,
    max_examples=int(os.environ.get("UNION7510_EXAMPLES", "15")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path / "home")
