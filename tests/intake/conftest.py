"""What the tests of the intake share: files written by LibreOffice, once for all workers of a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.intake import corpus

Converted = Callable[[str, dict[str, bytes]], dict[str, Path]]


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for all workers of this session."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "converted"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def converted(shared_folder: Path) -> Converted:
    """Workbooks by name, written in a format of ``corpus.CONVERSIONS``; skips where soffice is missing."""
    if corpus.SOFFICE is None:
        pytest.skip(corpus.NO_SOFFICE)

    def convert(target: str, workbooks: dict[str, bytes]) -> dict[str, Path]:
        with FileLock(shared_folder / ".lock"):
            sources = []
            for name, content in workbooks.items():
                source = shared_folder / f"{name}.xlsx"
                source.write_bytes(content)
                sources.append(source)
            return dict(zip(workbooks, corpus.convert(sources, target, shared_folder), strict=True))

    return convert
