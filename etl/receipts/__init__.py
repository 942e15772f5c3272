"""The answer to a return: a document for programs, and a workbook for the clerk who mends it.

What belongs here: receipts as documents and as workbooks. What does not: finding the issues (``etl.intake``),
receipts on a terminal (``etl.cli.answers``).

A workbook is the county's own file with the wrong cells coloured and commented and the sheet 校验结果 in
front, or a new file where that cannot be. ``annotated`` and ``fresh`` open files of strangers and run in
child processes only.
"""

from etl.receipts.children import Children
from etl.receipts.documents import (
    Document,
    has_problems,
    public,
    read_receipt,
    receipts,
    write_receipts,
)
from etl.receipts.workbook import (
    Answered,
    receipt_workbook,
    receipt_workbooks,
    stored_workbook,
    workbook_name,
    write_workbooks,
)

__all__ = [
    "Answered",
    "Children",
    "Document",
    "has_problems",
    "public",
    "read_receipt",
    "receipt_workbook",
    "receipt_workbooks",
    "receipts",
    "stored_workbook",
    "workbook_name",
    "write_receipts",
    "write_workbooks",
]
