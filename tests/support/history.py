"""A home with a history: two publications, with everything between them that may happen.

What belongs here: what was handed in and decided, and building it once. What does not: what the tests expect
of it. Tests read it, or copy it when they change it.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from etl.processing import check_landed
from tests.support.examples import COUNTY, OTHER, everything, one_row, row
from tests.support.pipeline import hand_in, publish
from tests.support.returns import Return, Sheet, Style
from warehouse.catalog import load_catalog
from warehouse.decisions import About, DecisionLog, Kind
from warehouse.landing import Landing
from warehouse.settings import Home


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """A folder that one of the processes of a test run builds for all of them."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, unfinished = root / name, root / f"{name}.unfinished"
    with FileLock(root / f"{name}.lock"):
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            build(unfinished)
            unfinished.rename(folder)
    return folder


def home_with_history(factory: pytest.TempPathFactory) -> Home:
    """The home; copy it before you change it.

    Publication 1: all ledgers, a correction, events reported twice, held-out rows, nil ledgers, a rejected
    file, and in April honours inside and outside the chains. Publication 2: the first return was checked
    again, a month was locked, and R000008 came in with seven apprentices.
    """
    return Home(built_once(factory, "history", _build) / "home")


def copied_home(factory: pytest.TempPathFactory, folder: Path) -> Home:
    """A copy of its own for a test."""
    return Home(shutil.copytree(home_with_history(factory).root, folder / "home"))


def _build(folder: Path) -> None:
    home, files = Home(folder / "home"), folder / "files"
    april = [
        Return(COUNTY, "2024-04", (_honours(("庚", "市级", True), ("辛", "市级", False)),)),
        Return(
            OTHER,
            "2024-04",
            (_honours(("壬", "省级", False), ("庚", "市级", True)),),
            style=Style(aliases=True),
        ),
    ]
    hand_in(home, [*everything(), *april], files)
    publish(home)
    with DecisionLog(home).deciding() as register:
        register.record(Kind.LOCK, About(period="2025-01"), by="王", note="", last_sequence=7)
    check_landed(home, load_catalog(), Landing(home).receptions()[:1])
    hand_in(home, [one_row(COUNTY, "2024-04", "apprenticeships", "癸", apprentices=7)], files / "news")
    publish(home)


def _honours(*rows: tuple[str, str, bool]) -> Sheet:
    """Honours with a name and level, inside or outside the chains: what ratios are made of."""
    day, chain = dt.date(2024, 4, 5), load_catalog().chains[0].chain
    return Sheet(
        "honours",
        tuple(
            row("honours", name, day, level=level, chain=chain if inside else None)
            for name, level, inside in rows
        ),
    )
