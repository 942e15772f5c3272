"""The installed code: versions that fit together, DuckDB's parts, settings that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from importlib import metadata

import duckdb
from packaging.requirements import Requirement

from etl.doctor.findings import Finding, Gravity, some
from etl.limits import Limits

DISTRIBUTION = "union7510"
#: Nothing may be downloaded at run time, so DuckDB must bring these.
_EXTENSIONS = ("icu", "json", "parquet")


def look_at_installation() -> Iterator[Finding]:
    """Packages, DuckDB and settings."""
    yield _packages()
    yield _duckdb()
    yield _limits()


def _packages() -> Finding:
    """Every installed dependency against the versions that the distribution asks for.

    An extra that is not installed asks for nothing; what is there in a wrong version does.
    """
    wrong = []
    for text in metadata.requires(DISTRIBUTION) or ():
        requirement = Requirement(text)
        found = _installed(requirement.name)
        is_extra = "extra ==" in text
        if found is None and not is_extra:
            wrong.append(f"{requirement.name} is missing")
        elif found is not None and found not in requirement.specifier:
            wrong.append(f"{requirement.name} is {found}, and {requirement.specifier} is asked for")
    if wrong:
        remedy = "install what the lock file says: make setup (Dagster's pages need their own)"
        return Finding("packages", Gravity.SYSTEM, some(wrong), remedy)
    return Finding(
        "packages", Gravity.FINE, f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)} and what it needs"
    )


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _duckdb() -> Finding:
    with closing(duckdb.connect()) as connection:
        present = {
            name
            for (name,) in connection.execute(
                "SELECT extension_name FROM duckdb_extensions() WHERE installed"
            ).fetchall()
        }
    missing = [name for name in _EXTENSIONS if name not in present]
    if missing:
        words = f"DuckDB {duckdb.__version__} comes without {some(missing)}, and nothing is ever downloaded"
        return Finding("duckdb", Gravity.SYSTEM, words, "install DuckDB from its wheel: make setup")
    return Finding("duckdb", Gravity.FINE, f"{duckdb.__version__} with {some(_EXTENSIONS)}")


def _limits() -> Finding:
    try:
        Limits.from_environment()
    except ValueError as error:
        return Finding(
            "settings", Gravity.SYSTEM, str(error), "set the variable anew, or unset it for the default"
        )
    return Finding("settings", Gravity.FINE, "limits of files are readable")
