"""Whether a publication is still what its manifest says, and what it was built from is still there.

What belongs here: recomputing the manifest and telling every difference in words. What does not: mending (a
lost lake follows from landing by ``rebuild``; a damaged publication is rolled back from).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.building.audits import AuditResult
from warehouse.building.reaudit import Unasked, audit_again
from warehouse.catalog import Catalog
from warehouse.catalog.expressions import identifier, literal
from warehouse.history.manifest import (
    BadSidecar,
    Manifest,
    manifest_in,
    read_sidecar,
    records,
    sha256_of,
    tables_of,
)
from warehouse.landing import Landing
from warehouse.publications import PublicationNotFound, PublicationStore, open_for_reading
from warehouse.settings import Home

#: What is verified, in order.
PARTS = ("file", "rows", "returns", "lake", "audits")
#: Told of each part as it begins.
Watch = Callable[[str], None]

#: So many names are shown where many are wrong; all are counted.
_SHOWN = 5


@dataclass(frozen=True)
class Verification:
    """What was found; ``notes`` are no problems, but say what could not be verified and why."""

    id: str
    verified: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


class _Findings:
    def __init__(self) -> None:
        self.verified: list[str] = []
        self.problems: list[str] = []
        self.notes: list[str] = []


def verify(
    home: Home,
    catalog: Catalog,
    publication_id: str,
    code_version: str,
    watch: Watch = lambda _what: None,
) -> Verification:
    """Recomputes the manifest of a publication.

    The file's bytes; the rows of each table; the audits; what landed, by its digest; the files of the lake.

    Raises:
        PublicationNotFound: there is none with this id.
    """
    path = PublicationStore(home).path(publication_id)
    wanted = path.stem.removeprefix("warehouse-")
    findings = _Findings()
    watch("file")
    sidecar = _verify_file(path, findings)
    try:
        with closing(open_for_reading(path)) as connection:
            manifest = _verify_content(connection, wanted, sidecar, findings, watch)
            _verify_inputs(connection, home, findings, watch)
    except duckdb.Error as error:
        findings.problems.append(f"the file cannot be read as a publication: {_first_line(error)}")
        manifest = None
    if manifest is not None:
        watch("audits")
        failed = [audit.name for audit in manifest.audits if not audit.passed]
        if failed:
            findings.problems.append(f"it was published although audits had failed: {', '.join(failed)}")
        same = (manifest.catalog_version, manifest.code_version) == (catalog.version, code_version)
        before = _before(home, sidecar, findings)
        _verify_audits(home, catalog, path, before, findings, built_by_this_code=same)
    return Verification(wanted, tuple(findings.verified), tuple(findings.problems), tuple(findings.notes))


# The file and its sidecar


def _verify_file(path: Path, findings: _Findings) -> Manifest | None:
    try:
        sidecar = read_sidecar(path)
    except BadSidecar as error:
        findings.problems.append(str(error))
        return None
    if sidecar is None or sidecar.sha256 is None:
        findings.notes.append(
            "the publication has no sidecar, so nothing says what its bytes were: it is older than sidecars,"
            " or its sidecar was removed"
        )
        return sidecar
    size, digest = path.stat().st_size, sha256_of(path)
    if size != sidecar.bytes:
        findings.problems.append(
            f"{path.name} has {size} bytes, not {sidecar.bytes} as when it was published"
        )
    elif digest != sidecar.sha256:
        findings.problems.append(f"{path.name} is not what was published: its sha256 is {digest}, not"
                                 f" {sidecar.sha256}")  # fmt: skip
    else:
        findings.verified.append(f"the file: {size} bytes, sha256 {digest}")
    return sidecar


def _verify_content(
    connection: duckdb.DuckDBPyConnection,
    wanted: str,
    sidecar: Manifest | None,
    findings: _Findings,
    watch: Watch,
) -> Manifest:
    """What the file says of itself, against the sidecar and against its tables."""
    manifest = manifest_in(connection)
    if manifest.id != wanted:
        findings.problems.append(f"the file holds publication {manifest.id}, its name says {wanted}")
    if sidecar is not None:
        known = ("follows", "bytes", "sha256")
        differ = [
            name
            for name, told in vars(sidecar).items()
            if name not in known and told != getattr(manifest, name)
        ]
        if differ:
            findings.problems.append(f"the sidecar and the file do not agree on: {', '.join(sorted(differ))}")
    watch("rows")
    if not manifest.tables:
        findings.notes.append("the publication is older than lists of tables: its rows cannot be compared")
        return manifest
    found = _row_counts(connection, manifest)
    for table, rows in manifest.tables.items():
        if table not in found:
            findings.problems.append(f"{table} is missing")
        elif found[table] != rows:
            findings.problems.append(f"{table} has {found[table]} rows, not {rows} as when it was built")
    if all(found.get(table) == rows for table, rows in manifest.tables.items()):
        findings.verified.append(f"the rows of {len(found)} tables")
    return manifest


def _row_counts(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> dict[str, int]:
    present = [table for table in manifest.tables if table in tables_of(connection)]
    counts = " UNION ALL ".join(
        f"SELECT {literal(table)}, count(*) FROM {'.'.join(map(identifier, table.split('.')))}"
        for table in present
    )
    return dict(connection.execute(counts).fetchall()) if present else {}


# What it was built from


def _verify_inputs(
    connection: duckdb.DuckDBPyConnection, home: Home, findings: _Findings, watch: Watch
) -> None:
    known = tables_of(connection)
    watch("returns")
    sources = records(connection, "FROM meta.sources ORDER BY return_id")
    _verify_returns(home, sources, findings)
    if "meta.decisions" in known:
        decisions = records(connection, "SELECT decision, path, sha256 FROM meta.decisions ORDER BY decision")
        bad = [one["decision"] for one in decisions if _digest(home.root / one["path"]) != one["sha256"]]
        if decisions:
            _tell(findings, "decision", "decisions", len(decisions), bad,
                  "missing or changed since; only a backup can bring them")  # fmt: skip
    watch("lake")
    if "meta.lake_files" in known:
        files = records(connection, "SELECT path, bytes FROM meta.lake_files ORDER BY path")
        bad = [one["path"] for one in files if _size(home.root / one["path"]) != one["bytes"]]
        _tell(findings, "file of the lake", "files of the lake", len(files), bad,
              "missing or of another size than was read; `union7510 rebuild` makes it anew")  # fmt: skip
    else:
        findings.notes.append("the publication is older than lists of the lake's files")


def _verify_returns(home: Home, sources: list[dict[str, Any]], findings: _Findings) -> None:
    """The landed bytes by their digest, and the manifests of reception."""
    landing = Landing(home)
    landed = {one.return_id: one.sha256 for one in landing.receptions()}
    # A copy without personal data has a digest of its own, and of some files nothing was landed.
    kept = {one["return_id"]: one.get("landed_sha256", one["sha256"]) for one in sources}
    digests = {digest for digest in kept.values() if digest is not None}
    good = {digest for digest in digests if _digest(landing.content_path(digest)) == digest}
    lost = [return_id for return_id, digest in kept.items() if digest is not None and digest not in good]
    _tell(findings, "landed file", "landed files", len(sources), lost,
          "missing or changed since; only a backup, or the unit, can bring them")  # fmt: skip
    strange = [one["return_id"] for one in sources if landed.get(one["return_id"]) != one["sha256"]]
    if strange:
        _tell(findings, "reception", "receptions", len(sources), strange,
              "without a manifest in landing/returns, or with that of another file")  # fmt: skip


def _tell(findings: _Findings, one: str, many: str, total: int, bad: list[str], what_is_wrong: str) -> None:
    if not bad:
        findings.verified.append(f"{total} {many if total != 1 else one}")
        return
    shown = ", ".join(bad[:_SHOWN]) + (", …" if len(bad) > _SHOWN else "")
    findings.problems.append(f"{len(bad)} of {total} {many}: {what_is_wrong}: {shown}")


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _digest(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None


# Audits


def _before(home: Home, sidecar: Manifest | None, findings: _Findings) -> Path | None:
    """The publication after which this one was published."""
    if sidecar is None or sidecar.follows is None:
        return None
    try:
        return PublicationStore(home).path(sidecar.follows)
    except PublicationNotFound:
        findings.notes.append(
            f"publication {sidecar.follows}, which went before, is gone: no total is compared with it"
        )
        return None


def _verify_audits(
    home: Home,
    catalog: Catalog,
    path: Path,
    before: Path | None,
    findings: _Findings,
    *,
    built_by_this_code: bool,
) -> None:
    """An audit that cannot be asked of what this code built is a problem; older files it may not fit."""
    passed = 0
    for answer in audit_again(home, catalog, path, before):
        if isinstance(answer, Unasked):
            words = f"the audit {answer.name} cannot be asked: {answer.reason}"
            if built_by_this_code:
                findings.problems.append(words)
            else:
                findings.notes.append(f"{words}; other code or another catalog built the publication")
        elif not answer.passed:
            findings.problems.append(_in_words(answer))
        else:
            passed += 1
    if passed:
        findings.verified.append(f"{passed} audits")


def _in_words(answer: AuditResult) -> str:
    example = ", ".join(f"{name}={value}" for name, value in answer.sample[0].items())
    return (
        f"the audit {answer.name} does not hold for {answer.offending} rows ({answer.description}): {example}"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
