"""The command that gives the answer to a return: receipt; and receipt workbooks beside checked files.

What belongs here: where receipts are written. What does not: what stands in them (``etl.receipts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.output import SystemFailed, json_option, print_json, say
from warehouse.catalog import Catalog, load_catalog
from warehouse.settings import Home

if TYPE_CHECKING:
    from etl.receipts import Document

_MOST_NAMED = 10
#: In place of an id, on the receipt of a file that was checked only.
_NOT_SUBMITTED = "未报送 not submitted"


@click.command()
@click.argument("return_id", metavar="RETURN")
@click.option(
    "-o",
    "output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; by default a name made of the return's, in this folder.",
)
@json_option
def receipt(return_id: str, output: Path | None, as_json: bool) -> None:
    """Write the receipt workbook of RETURN, such as R000001: its own file with the wrong cells marked."""
    from etl.receipts import public, receipt_workbook, workbook_name
    from warehouse.landing import Landing

    home = Home.from_environment()
    landing = Landing(home)
    reception = next((one for one in landing.receptions() if one.return_id == return_id), None)
    if reception is None:
        raise click.BadParameter(
            f"没有报表 {return_id}；编号见 union7510 submit 的输出\n"
            f"there is no return {return_id}; `union7510 submit` prints the ids",
            param_hint="RETURN",
        )
    document = _document(home, return_id)
    if as_json:
        print_json(public(document))
        if output is None:
            return
    content = receipt_workbook(document, landing.landed(reception), reception.file_name, load_catalog())
    path = output or _free(Path(workbook_name(reception.file_name, content)), content)
    _write(path, content)


def write_beside(
    folder: Path, documents: Sequence[Document], files: Sequence[Path], catalog: Catalog
) -> None:
    """Writes the receipt workbook of each checked file into a folder; no file that stands there is lost."""
    from etl.receipts import Answered, receipt_workbooks, workbook_name

    checked = [
        Answered({**document, "id": _NOT_SUBMITTED}, path, path.name, is_senders_own=True)
        for document, path in zip(documents, files, strict=True)
    ]
    for path, content in zip(files, receipt_workbooks(checked, catalog), strict=True):
        _write(_free(folder / workbook_name(path.name, content), content), content)


def tell_workbooks(home: Home, documents: Sequence[Document]) -> None:
    """Says where the workbooks of returns with problems lie, and which could not be made."""
    from etl.receipts import has_problems, stored_workbook

    wanted = [document["id"] for document in documents if has_problems(document)]
    missing = [return_id for return_id in wanted if stored_workbook(home, return_id) is None]
    if len(wanted) > len(missing):
        made = len(wanted) - len(missing)
        say(f"回执 receipts to send back: {made} 个工作簿 workbooks: {home.receipts}")
    if missing:
        named = ", ".join(missing[:_MOST_NAMED]) + (" …" if len(missing) > _MOST_NAMED else "")
        say(
            f"{len(missing)} 份报表未能生成回执工作簿（{named}）；JSON 回执完好，"
            "可用 union7510 receipt 编号 重试\n"
            f"no receipt workbook was made of {len(missing)} returns ({named}); the JSON stands, and "
            "`union7510 receipt RETURN` tries again"
        )


def _document(home: Home, return_id: str) -> dict[str, Any]:
    from etl.receipts import read_receipt

    try:
        return read_receipt(home, return_id)
    except FileNotFoundError:
        raise click.UsageError(
            f"{return_id} 已收到，还没有校验；请先运行 union7510 ingest\n"
            f"{return_id} has landed but was not checked yet: run `union7510 ingest` first"
        ) from None


def _free(path: Path, content: bytes) -> Path:
    """``path``, or a numbered name where something else stands there: a clerk may be mending it."""
    candidate, number = path, 2
    while candidate.exists() and candidate.read_bytes() != content:
        candidate = path.with_name(f"{path.stem}({number}){path.suffix}")
        number += 1
    return candidate


def _write(path: Path, content: bytes) -> None:
    from warehouse import storage

    try:
        storage.write_file(path, content)
    except OSError as error:
        raise SystemFailed(
            f"回执不能写入 {path}：{error.strerror}\n"
            f"the receipt cannot be written to {path}: {error.strerror}"
        ) from None
    say(f"回执 receipt: {path}")


COMMANDS = (receipt,)
