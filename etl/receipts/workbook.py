"""Makes receipt workbooks: chooses how, in child processes, and keeps those of landed returns.

What belongs here: which kind of workbook a return gets, and where it lies. What does not: how one is written
(``annotated``, ``fresh``).
"""

from __future__ import annotations

import io
import logging
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from etl.receipts.children import ChildFailed, Children
from etl.receipts.documents import Document, has_problems
from etl.receipts.page import make_page
from etl.receipts.wording import RECEIPT_SHEET
from warehouse import storage
from warehouse.settings import Home

if TYPE_CHECKING:
    from warehouse.catalog import Catalog

_log = logging.getLogger(__name__)

#: Rules that say that a file cannot be read: it is not opened again for its receipt.
_UNREADABLE = frozenset({"R001", "R002"})
_ZIP = b"PK"
_MACROS = "xl/vbaProject.bin"
_SUFFIXES = (".xlsx", ".xlsm")

#: So long may the workbooks of one batch take together, in seconds; the others are made when asked for.
BATCH_SECONDS = 300


@dataclass(frozen=True)
class Answered:
    """A return with its receipt: what ``receipts`` made of it, and its file, as bytes or where it lies.

    Of some files nothing is kept: then ``source`` is None. ``is_senders_own`` says that the receipt goes
    nowhere but back beside the file: then no cell is emptied, whatever stands in it.
    """

    document: Document
    source: bytes | Path | None
    file_name: str
    is_senders_own: bool = False


def receipt_workbook(
    document: Document,
    source: bytes | Path | None,
    file_name: str,
    catalog: Catalog,
    children: Children | None = None,
) -> bytes:
    """The receipt of a return as a workbook: the county's own file, marked, wherever that can be.

    Args:
        document: what ``receipts`` made of the return.
        source: the return's file, as bytes or where it lies; it is opened in a child process only. None where
            it was not kept.
        file_name: the name under which it was sent.
        catalog: names of units and meanings of rules.
        children: processes to use; whoever makes many receipts keeps them, for they take a second to start.
    """
    [content] = receipt_workbooks([Answered(document, source, file_name)], catalog, children)
    return content


def receipt_workbooks(
    returns: Sequence[Answered], catalog: Catalog, children: Children | None = None
) -> Iterator[bytes]:
    """``receipt_workbook`` of several returns, in their order and several at once."""
    with ExitStack() as stack:
        used = children or stack.enter_context(Children())
        threads = stack.enter_context(ThreadPoolExecutor(used.count))
        yield from threads.map(lambda one: _make(used, one, catalog), returns)


def workbook_name(file_name: str, content: bytes) -> str:
    """A name for a receipt that tells whose it is, and from which the same unit and month can be read."""
    stem = PurePath(file_name).stem.removesuffix(f"_{RECEIPT_SHEET}")
    return f"{stem}_{RECEIPT_SHEET}{_suffix(content)}"


def stored_workbook(home: Home, return_id: str) -> Path | None:
    """Where the workbook of a landed return lies, if it had problems and one could be made."""
    paths = (home.receipts / f"{return_id}{suffix}" for suffix in _SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


def write_workbooks(
    home: Home,
    catalog: Catalog,
    documents: Sequence[Document],
    paths: Mapping[str, Path | None],
    warn: Callable[[str], None] = _log.warning,
) -> None:
    """Writes ``receipts/RETURN.xlsx`` for returns with problems, and removes those of returns without.

    It never fails: a workbook that cannot be made is told to ``warn``, and the document stands.

    Args:
        home: where receipts lie.
        catalog: names of units and meanings of rules.
        documents: receipts of returns that were checked.
        paths: the landed file of each, by return id; None where nothing was landed.
        warn: is told, in words, what could not be made.
    """
    deadline = time.monotonic() + BATCH_SECONDS

    def write(document: Document) -> None:
        return_id = document["id"]
        try:
            _remove(home, return_id)
            if not has_problems(document):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"no time was left; `union7510 receipt {return_id}` makes it")
            content = _make(children, Answered(document, paths[return_id], document["file"]), catalog)
            storage.write_file(home.receipts / f"{return_id}{_suffix(content)}", content)
        except Exception as error:  # noqa: BLE001 - a return is checked, whatever becomes of its workbook
            cause = _told(error)
            warn(f"{return_id} has no receipt workbook: {cause}; receipts/{return_id}.json stands")

    with Children() as children, ThreadPoolExecutor(children.count) as threads:
        list(threads.map(write, documents))


def _remove(home: Home, return_id: str) -> None:
    for suffix in _SUFFIXES:
        (home.receipts / f"{return_id}{suffix}").unlink(missing_ok=True)


def _make(children: Children, answered: Answered, catalog: Catalog) -> bytes:
    """The best of three workbooks: the county's own, one with the cells as read, one with the list only."""
    from etl.receipts.annotated import annotate
    from etl.receipts.fresh import fresh

    document, source, file_name = answered.document, answered.source, _told(answered.file_name)
    own = answered.is_senders_own
    if source is not None and not any(issue["rule"] in _UNREADABLE for issue in document["issues"]):
        try:
            if _may_be_kept(source):
                return children.run(annotate, source, make_page(document, file_name, catalog, "own", own))
        except ChildFailed as error:
            _log.info("%s: its own file cannot be its receipt: %s", document["id"], _told(error))
        try:
            page = make_page(document, file_name, catalog, "copy", own)
            return children.run(fresh, page, source, file_name)
        except ChildFailed as error:
            _log.info("%s: its cells cannot be copied: %s", document["id"], _told(error))
    return fresh(make_page(document, file_name, catalog, "list"))


def _told(words: object) -> str:
    """Words without personal numbers: what a library says of an error may quote a cell."""
    from etl.intake.personal import without_numbers  # its package is heavy, and children need it not

    return without_numbers(str(words))


def _may_be_kept(source: bytes | Path) -> bool:
    if isinstance(source, bytes):
        return source.startswith(_ZIP)
    with source.open("rb") as stream:
        return stream.read(len(_ZIP)) == _ZIP


def _suffix(content: bytes) -> str:
    """Excel opens a workbook with macros under no other name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return ".xlsm" if _MACROS in archive.namelist() else ".xlsx"
