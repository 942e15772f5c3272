"""One small published home for the tests of questions and of GraphQL: three months, every state once.

What belongs here: the returns behind the figures that those tests expect. What does not: expectations.

Sensitive values of the health ledger, by unit (January): FIRST 5 in electronics, SECOND 40, THIRD 25, the
city's own level 100; NIL declares nothing; LATE reports January late. Others have not reported at all.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lake_world import Return, World, _table
from warehouse import lake
from warehouse.publications import PublicationStore, Readers
from warehouse.reading import Reading, Viewer
from warehouse.settings import Home

FIRST, SECOND, THIRD, CITY = "360731", "360730", "360732", "360799"
NIL, LATE, UNREPORTED, NOT_EXPECTED = "360733", "360734", "360735", "360792"
UNITS = 22
EXPECTED_UNITS = 20

HEALTH, HONOURS, TRAININGS = "health_checkups", "honours", "skills_trainings"
VENUES, UNIONS = "activity_venues", "demonstration_unions"


def checkup(enterprise: str, day: str, workers: int, chain: str | None = "electronics") -> dict[str, Any]:
    return {"enterprise": enterprise, "held_on": date(day), "workers": workers, "chain": chain}


def honour(recipient: str, day: str, chain: str | None = None, cluster: str | None = None) -> dict[str, Any]:
    return {
        "honour_type": "劳动模范",
        "level": "市级",
        "recipient": recipient,
        "conferred_on": date(day),
        "chain": chain,
        "cluster": cluster,
    }


def training(name: str, day: str) -> dict[str, Any]:
    return {"name": name, "held_on": date(day), "level": "县级", "participants": 30}


def date(day: str) -> dt.date:
    return dt.date.fromisoformat(day)


def publish(world: World) -> str:
    """Builds what has been handed in and makes it current."""
    result, connection = world.build()
    connection.close()
    assert result.passed, [audit for audit in result.audits if not audit.passed]
    return PublicationStore(world.home).publish(result.candidate)


@functools.cache
def published_home() -> Home:
    """The home, built once a process."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    world = World(Path(folder.name))
    _hand_in(world)
    publish(world)
    return world.home


def copied_home(folder: Path) -> Home:
    """A copy of its publications, for a test that serves it, or adds to it."""
    shutil.copytree(published_home().publications, folder / "publications")
    return Home(folder)


@functools.cache
def _readers() -> Readers:
    return Readers(PublicationStore(published_home()))


@contextmanager
def reading_as(viewer: Viewer) -> Iterator[Reading]:
    """The current publication, open for a viewer."""
    with _readers().open() as reader:
        yield Reading.of(reader, viewer)


def _hand_in(world: World) -> None:
    world.hand_in(
        Return(FIRST, "2024-01", rows={HEALTH: [checkup("e1", "2024-01-03", 7)]}),
        Return(
            FIRST,
            "2024-01",
            rows={
                HEALTH: [checkup("e1", "2024-01-03", 5)],
                HONOURS: [
                    honour("h1", "2024-01-10", chain="electronics"),
                    honour("h2", "2024-01-11", cluster="tungsten_cluster"),
                    honour("h3", "2024-01-12"),
                ],
                TRAININGS: [training(f"t{n}", "2024-01-05") for n in range(6)],
            },
            nil=[VENUES, UNIONS],
        ),
        Return(SECOND, "2024-01", rows={HEALTH: [checkup("e2", "2024-01-04", 40)]}),
        Return(THIRD, "2024-01", rows={HEALTH: [checkup("e3", "2024-01-05", 25, "textiles_garments")]}),
        Return(CITY, "2024-01", rows={HEALTH: [checkup("e4", "2024-01-06", 100, "rare_earths")]}),
        Return(NIL, "2024-01", nil=[HEALTH, HONOURS]),
        Return(
            LATE,
            "2024-01",
            rows={HEALTH: [checkup("e5", "2024-01-07", 60, "rare_earths")]},
            received_at="2024-02-06T00:00:01+08:00",
        ),
        Return(FIRST, "2024-02", rows={HEALTH: [checkup("e1", "2024-02-03", 50)]}),
        Return(SECOND, "2024-02", rows={HONOURS: [honour("h4", "2024-02-01")]}, status="REJECTED"),
        Return(None, "2024-02", status="REJECTED"),
        Return(FIRST, "2024-03", nil=[HONOURS]),
    )
    _with_issues(world, "R000011", FIRST, "2024-03")


def _with_issues(world: World, return_id: str, unit: str, period: str) -> None:
    """Checks one return again: its honours are nil, and it has issues of all sorts."""
    kinds = [
        ("R204", "error", "honour_type", "荣誉类别", "?"),
        ("R208", "error", "recipient", "获得者", "a person's name"),
        ("R310", "error", "honour_type", "荣誉类别", "a kind of honour, a person's name"),
        ("R210", "warning", "chain", "产业链", "?"),
    ]
    rows: list[Mapping[str, Any]] = [
        {
            "return_id": return_id,
            "issue_number": number,
            "rule": rule,
            "severity": severity,
            "ledger": HONOURS,
            "sheet": "劳模先进",
            "cell": f"C{number}",
            "row": number,
            "column_name": column,
            "label": label,
            "found": found,
            "expected": "填写 / fill in",
            "message_zh": f"有误，填的是“{found}”",
            "message_en": f"wrong; found “{found}”",
        }
        for number, (rule, severity, column, label, found) in enumerate(kinds, start=1)
    ]
    lake.Lake(world.home).commit(
        lake.Batch(
            returns=_table(
                lake.RETURNS,
                [
                    {
                        "return_id": return_id,
                        "unit": unit,
                        "period": date(f"{period}-01"),
                        "status": "ACCEPTED_WITH_ISSUES",
                        "rows_accepted": 0,
                        "rows_held_out": 3,
                        "check_version": "test",
                    }
                ],
            ),
            sheets=_table(
                lake.SHEETS,
                [
                    {
                        "return_id": return_id,
                        "ledger": HONOURS,
                        "sheet": "劳模先进",
                        "state": "nil",
                        "header_row": None,
                        "column_letters": None,
                        "rows_accepted": 0,
                        "rows_held_out": 3,
                    }
                ],
            ),
            issues=_table(lake.ISSUES, rows),
        )
    )
