"""Whether corrected values would pass, asked of the check itself before anything is written down.

What belongs here: a row as the correction leaves it, as far as that is known, and what the check says of the
corrected cell. What does not: what follows from it (``acts``), the check (``etl.intake``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from etl.deciding.words import Words
from etl.intake import ReadReturn, check_returns
from etl.intake.delivery import LedgerSheet
from etl.intake.extraction import TEXT, raw_schema, storage_column, text_column
from etl.receipts.wording import statement
from warehouse.catalog import Catalog, FieldKind
from warehouse.decisions import About

#: Stands in the other texts of the row: without it, it would say nothing, or say it of the whole sheet.
_ANY_TEXT = "x"


@dataclass(frozen=True)
class TriedValue:
    """What is wrong with a corrected value; one that ``never_passes`` keeps its row out in any case."""

    value: str
    rule: str
    meaning: Words
    passes: Words
    never_passes: bool


class Trial:
    """Tries values with the rules of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def of(self, corrections: Iterable[About]) -> list[tuple[int, TriedValue]]:
        """What is wrong with the values of corrections, each by its number."""
        tried = list(corrections)
        batch = check_returns(self._catalog, [self._row(number, one) for number, one in enumerate(tried)])
        return [*self._told(tried, batch.issues.to_pylist())]

    def _row(self, number: int, correction: About) -> ReadReturn:
        """A return of the corrected row alone: the value, and what the correction says of other columns."""
        assert correction.ledger is not None and correction.period is not None  # noqa: S101, PT018 - of its kind
        ledger = self._catalog.ledger_by_name[correction.ledger]
        cells = {**correction.where, correction.column or "": correction.value}
        texts: dict[str, object] = {}
        for field in ledger.stored_fields:
            anything = _ANY_TEXT if field.kind is FieldKind.TEXT else None
            texts[text_column(field)] = cells.get(field.name, anything)
            if (stored_as := storage_column(field)) is not None:
                texts[stored_as] = TEXT
        sheet = LedgerSheet(
            ledger=ledger.name,
            sheet=ledger.title,
            header_row=1,
            letters=dict.fromkeys(cells, "A"),
            table=pa.Table.from_pylist([{"row": 2, **texts}], schema=raw_schema(ledger)),
        )
        return ReadReturn(
            return_id=str(number),
            file_name="",
            unit=correction.unit,
            period=dt.date.fromisoformat(f"{correction.period}-01"),
            sheets=(sheet,),
            findings=(),
            rejected=False,
        )

    def _told(
        self, corrections: Sequence[About], issues: Iterable[dict[str, Any]]
    ) -> Iterator[tuple[int, TriedValue]]:
        for issue in issues:
            number = int(issue["return_id"])
            correction, rule = corrections[number], self._catalog.rule_by_code[issue["rule"]]
            # Most rules over rows need what else stands there; the date of the event is judged by itself.
            is_of_cell = rule.stage == "cell" or correction.column == self._event_date(correction)
            if issue["column_name"] != correction.column or not is_of_cell or rule.severity == "info":
                continue
            told = statement(issue)
            yield (
                number,
                TriedValue(
                    value=correction.value or "",
                    rule=rule.rule,
                    meaning=Words(told.zh, told.en),
                    passes=Words(told.passes_zh, told.passes_en),
                    never_passes=rule.severity == "error" and not rule.waivable,
                ),
            )

    def _event_date(self, correction: About) -> str:
        return self._catalog.ledger_by_name[correction.ledger or ""].event_date
