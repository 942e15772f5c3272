"""Commands over the publications that are kept: list, show, diff, rollback, gc, and verify."""

from __future__ import annotations

from typing import Any

import click

from etl.cli.diff import diff_command
from etl.cli.output import SystemFailed, end_with_data_problems, json_option, print_json, say
from warehouse import storage
from warehouse.history.in_use import is_in_use
from warehouse.history.log import Entry
from warehouse.history.manifest import Manifest
from warehouse.publications import (
    CannotRollBack,
    PublicationNotFound,
    PublicationStore,
    Readers,
)
from warehouse.settings import Home

_by = click.option("--by", metavar="NAME", help="Who does it; by default whoever runs the command.")


@click.group()
def publications() -> None:
    """List and compare publications, go back to an earlier one, remove old ones."""


publications.add_command(diff_command)


def _store() -> PublicationStore:
    return PublicationStore(Home.from_environment())


# list and show


@publications.command("list")
@json_option
def list_publications(as_json: bool) -> None:
    """List the publications, the newest first: what each was built from, and who reads it."""
    store = _store()
    current = store.current_id()
    documents = []
    for one in reversed(store.ids()):
        try:
            documents.append(_document(store, one, current))
        except PublicationNotFound:
            # Removed since.
            continue
    if as_json:
        print_json(documents)
        return
    for document in documents:
        mark = "*" if document["current"] else " "
        click.echo(
            f"{mark} {document['id']}  {document['publishedAt'][:19]}"
            f"  through {document['dataThrough'] or '—      '}"
            f"  {document['returnCount']:>6} returns  {document['rowCount']:>9} rows"
            f"  {document['bytes'] / 1_000_000:>8.1f} MB  catalog {document['catalogVersion']}"
            f"  code {document['codeVersion']}{'  in use' if document['inUse'] else ''}"
        )
    rollback = store.rollback_in_force()
    if rollback is not None:
        click.echo(_rollback_words(rollback))


@publications.command("show")
@click.argument("publication_id", metavar="ID")
@json_option
def show_publication(publication_id: str, as_json: bool) -> None:
    """Show one publication: what it was built from, its tables, its audits, what was done with it."""
    store = _store()
    try:
        full_id = store.full_id(publication_id)
        document = _document(store, full_id, store.current_id())
        with Readers(store).open(full_id) as reader:
            sources = reader.query("FROM meta.sources ORDER BY return_id")
    except PublicationNotFound as error:
        raise click.UsageError(str(error)) from None
    manifest = store.manifest(full_id)
    document["tables"] = dict(manifest.tables)
    document["audits"] = [
        {"name": one.name, "passed": one.passed, "offendingRows": one.offending} for one in manifest.audits
    ]
    document["log"] = [_entry_document(one) for one in store.log.entries() if full_id in one.ids()]
    document["sources"] = [
        {
            "returnId": one["return_id"],
            "sha256": one["sha256"],
            "fileName": one["file_name"],
            "batch": one["batch"],
        }
        for one in sources
    ]
    if as_json:
        print_json(document)
    else:
        _print_shown(document)


def _print_shown(document: dict[str, Any]) -> None:
    for key, value in document.items():
        if not isinstance(value, list | dict):
            click.echo(f"{key}: {value}")
    click.echo("tables:")
    for table, rows in document["tables"].items():
        click.echo(f"  {table}  {rows}")
    click.echo("audits:")
    for audit in document["audits"]:
        click.echo(f"  {audit['name']}  {'passed' if audit['passed'] else 'FAILED'}")
    for entry in document["log"]:
        click.echo(f"log: {entry['at']}  {entry['action']} by {entry['by']}: {entry['note'] or '—'}")
    click.echo("sources:")
    for source in document["sources"]:
        click.echo(f"  {source['returnId']}  {source['sha256'][:12]}  {source['fileName']}")


def _document(store: PublicationStore, publication_id: str, current: str | None) -> dict[str, Any]:
    path, manifest = store.path(publication_id), store.manifest(publication_id)
    return {
        **manifest_document(manifest),
        "bytes": path.stat().st_size,
        "current": publication_id == current,
        "inUse": is_in_use(path),
    }


def manifest_document(manifest: Manifest) -> dict[str, Any]:
    """What a publication was built from and by, under GraphQL's field names where it has them."""
    return {
        "id": manifest.id,
        "publishedAt": manifest.built_at,
        "dataThrough": manifest.data_through,
        "returnCount": manifest.return_count,
        "rowCount": manifest.row_count,
        "catalogVersion": manifest.catalog_version,
        "codeVersion": manifest.code_version,
        "follows": manifest.follows,
        "sha256": manifest.sha256,
    }


def _entry_document(entry: Entry) -> dict[str, Any]:
    document: dict[str, Any] = {"action": entry.action, "at": entry.at, "by": entry.by, "note": entry.note}
    if entry.entered is not None:
        document |= {"from": entry.left, "to": entry.entered}
        document["setAside"] = [one.id for one in entry.set_aside]
    else:
        document["removed"] = [one.id for one in entry.removed]
    return document


# rollback


@publications.command("rollback")
@click.argument("publication_id", metavar="ID")
@click.option("--note", help="Why; it stands in the log.")
@_by
@json_option
def rollback_command(publication_id: str, note: str | None, by: str | None, as_json: bool) -> None:
    """Make an earlier publication the current one, or a later one again.

    What was newer is set aside: ingest publishes on top of it when something new has come in, and never
    the same once more.
    """
    try:
        entry = _store().roll_back(publication_id, by=by, note=note)
    except (CannotRollBack, PublicationNotFound) as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json(_entry_document(entry))
    else:
        click.echo(f"publication {entry.entered} serves now, no longer {entry.left}")
    if entry.set_aside:
        aside = ", ".join(one.id for one in entry.set_aside)
        say(f"set aside: {aside}; the next publication is made when something new has come in")


def tell_rollback(before: Entry | None, publication_id: str) -> None:
    """Says how a run met the rollback that was in force when it began."""
    if before is None:
        return
    if publication_id == before.entered:
        say(f"nothing new has come in: {_rollback_words(before)}")
    else:
        say(f"publication {publication_id} ends this: {_rollback_words(before)}")


def _rollback_words(entry: Entry) -> str:
    why = f", because: {entry.note}" if entry.note else ""
    return f"{entry.by} went back from {entry.left} to {entry.entered} at {entry.at}{why}"


# gc


@publications.command("gc")
@click.option(
    "--keep", type=click.IntRange(min=1), required=True, metavar="N", help="So many of the newest stay."
)
@click.option(
    "--rolled-back-to", is_flag=True, help="Also remove those that somebody has gone back to since."
)
@click.option("--dry-run", is_flag=True, help="Remove nothing, only tell.")
@_by
@json_option
def gc_command(keep: int, rolled_back_to: bool, dry_run: bool, by: str | None, as_json: bool) -> None:
    """Remove old publications: never the current one, never one that somebody reads.

    And then the folders of the lake and the manifests that were compacted into others, but for what a
    publication was built from that is kept.
    """
    from warehouse.compaction import remove_compacted
    from warehouse.history.removing import remove_old

    done = remove_old(_store(), keep, rolled_back_to=rolled_back_to, dry_run=dry_run, by=by)
    home = Home.from_environment()
    with storage.exclusive(home.root, storage.WRITER_TIMEOUT):
        compacted = remove_compacted(home, going=[one.id for one in done.removed], dry_run=dry_run)
    if as_json:
        print_json(
            {
                "removed": [{"id": one.id, "bytes": one.bytes} for one in done.removed],
                "kept": [{"id": one.id, "reason": one.reason} for one in done.kept],
                "leftovers": [*done.leftovers],
                "compacted": {"removed": [*compacted.names], "bytes": compacted.bytes},
                "dryRun": dry_run,
            }
        )
        return
    for one in done.kept:
        click.echo(f"kept     {one.id}  {one.reason}")
    verb = "would go" if dry_run else "removed "
    for gone in done.removed:
        click.echo(f"{verb} {gone.id}  {gone.bytes / 1_000_000:.1f} MB")
    for name in done.leftovers:
        click.echo(f"{verb} {name}  left by a publish or removal that was killed")
    if compacted.names:
        many = f"{len(compacted.names)} folders and manifests that were compacted into others"
        click.echo(f"{verb} {many}  {compacted.bytes / 1_000_000:.1f} MB")


# verify


@click.command("verify")
@click.argument("publication_id", metavar="[ID]", required=False)
@json_option
def verify_command(publication_id: str | None, as_json: bool) -> None:
    """Recompute the manifest of a publication, by default of the current one; exit 1 when it is not true.

    Its bytes, the rows of its tables, its audits, the landed files by their digests, the files of the lake.
    """
    from etl.cli.output import progress_bar
    from warehouse.catalog import load_catalog
    from warehouse.history.verifying import PARTS, verify
    from warehouse.version import code_version

    home = Home.from_environment()
    wanted = publication_id or PublicationStore(home).current_id()
    if wanted is None:
        raise SystemFailed("there is no publication yet; the first ingest makes one")
    try:
        with progress_bar("verify") as progress:
            found = verify(
                home,
                load_catalog(),
                wanted,
                code_version(),
                lambda part: progress(PARTS.index(part), len(PARTS), part),
            )
    except PublicationNotFound as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        names = ("id", "passed", "verified", "problems", "notes")
        print_json({name: getattr(found, name) for name in names})
    else:
        for word, lines in (("holds", found.verified), ("note", found.notes), ("WRONG", found.problems)):
            for line in lines:
                click.echo(f"{word}: {line}")
        outcome = "is" if found.passed else "is not"
        click.echo(f"publication {found.id} {outcome} what its manifest says")
    if not found.passed:
        end_with_data_problems()


COMMANDS: tuple[click.Command, ...] = (publications, verify_command)
