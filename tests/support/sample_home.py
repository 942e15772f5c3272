"""A home with two publications of synthetic returns, the same at every run: what docs/queries.md is asked of.

What belongs here: which returns there are, when they were received, when it was published. What does not: the
rows (``etl.sample``), the questions (``documented_queries``).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

from etl.intake import Stated
from etl.receiving import receive_files
from etl.sample import write_samples
from tests.support.pipeline import publish
from tests.support.returns import next_month
from warehouse.catalog import load_catalog
from warehouse.landing import Landing
from warehouse.settings import Home

YEAR, MONTHS = 2024, 4
CORRECTED, CORRECTED_MONTH = "360731", "2024-02"
LATE, LATE_MONTH = "360703", "2024-03"
SILENT, SILENT_MONTH = "360781", "2024-03"
UNITS = ("360702", LATE, CORRECTED, SILENT, "360799", "360791")
_SEED, _OTHER_SEED = 7510, 7511
_CHINA = dt.timezone(dt.timedelta(hours=8))
#: Days of the month after the one reported on.
_IN_TIME, _TOO_LATE = 4, 9


def make_sample_home(root: Path) -> Home:
    """Six units, January to April 2024: one is late, one is silent for a month, then one corrects a month.

    Publication 000001 is of the month's returns, 000002 with the correction.
    """
    home = Home(root / "home")
    written = write_samples(root / "files", load_catalog(), year=YEAR, months=MONTHS, units=UNITS, seed=_SEED)
    names = {unit.name_zh: unit.unit for unit in load_catalog().units}
    reports = [(names[path.stem.split("_")[0]], path.stem.split("_")[1], path) for path in written]
    _receive(home, [report for report in reports if report[:2] != (SILENT, SILENT_MONTH)])
    publish(home)
    others = write_samples(
        root / "corrected", load_catalog(), year=YEAR, months=MONTHS, units=[CORRECTED], seed=_OTHER_SEED
    )
    [path] = [path for path in others if CORRECTED_MONTH in path.stem]
    _receive(home, [(CORRECTED, CORRECTED_MONTH, path)], dt.datetime(2024, 5, 6, 9, 30, tzinfo=_CHINA))
    publish(home)
    return home


def _receive(
    home: Home, reports: Sequence[tuple[str, str, Path]], received_at: dt.datetime | None = None
) -> None:
    """Lands the files as if they had come in time, late, or at the given moment."""
    landed = receive_files(home, load_catalog(), [path for _, _, path in reports], Stated())
    for (unit, period, _), received in zip(reports, landed, strict=True):
        assert (received.reception.unit, received.reception.period) == (unit, period)
        day = _TOO_LATE if (unit, period) == (LATE, LATE_MONTH) else _IN_TIME
        month = next_month(dt.date.fromisoformat(f"{period}-01"))
        moment = received_at or dt.datetime.combine(month.replace(day=day), dt.time(15), _CHINA)
        _rewrite(home, received.reception.sequence, moment)


def _rewrite(home: Home, sequence: int, received_at: dt.datetime) -> None:
    path = Landing(home).manifests / f"{sequence:06d}.json"
    manifest = json.loads(path.read_bytes())
    manifest["received_at"] = received_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
