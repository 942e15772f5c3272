"""Which unit and which month a return is for.

What belongs here: understanding a unit's name or a month wherever they stand, and weighing the places against
each other: the call's options, the cover, the line above a header, the file name, in this order.
What does not: finding the labelled cells (``form``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from etl.intake.circumstances import Circumstances
from etl.intake.findings import Finding
from etl.intake.text import folded, quoted_list
from warehouse.catalog import Catalog

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_MONTH = re.compile(
    r"(20\d\d)(?:年|[-_./])?(1[0-2]|0?[1-9])(?!\d)月?(?:份)?(?:[-/.]\d{1,2}(?:t?[\d:.]*)?|\d{1,2}日)?"
)
_MONTHS_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)(?:年|[-_.])?(1[0-2]|0?[1-9])(?!\d)(?:月?(?:份)?[-~—–至到和及、](1[0-2]|0?[1-9])月)?"
)
#: Typed as a number, 2024.1 may be January or October that lost its zero.
_AMBIGUOUS_NUMBER = re.compile(r"20\d\d\.1")


@dataclass(frozen=True)
class Statement:
    """What one place says: the ``text``, and the ``value`` understood from it (None: not understood).

    ``names`` are those of which the text gives several, so that it is not understood.
    """

    place_zh: str
    place_en: str
    text: str
    value: str | None
    sheet: str | None = None
    cell: str | None = None
    names: tuple[str, ...] = ()


class UnitNames:
    """Every name and code under which a unit may be written."""

    def __init__(self, catalog: Catalog) -> None:
        self._titles = {unit.unit: unit.name_zh for unit in catalog.units}
        self._codes = {code: unit.unit for unit in catalog.units for code in (unit.unit, *unit.former_codes)}
        self._names = {folded(name): unit.unit for unit in catalog.units for name in unit.names}
        # At each place the longest name counts, and a name inside a longer one does not.
        longest_first = sorted(self._names, key=len, reverse=True)
        self._any_name = re.compile("|".join(map(re.escape, longest_first)))

    def by_code(self, text: str) -> str | None:
        return self._codes.get(folded(text))

    def code_beside_name(self, text: str) -> str | None:
        """The code that stands in a text besides a unit's name."""
        codes = _CODE.findall(folded(text))
        return codes[0] if len(codes) == 1 and self.by_name(text) is not None else None

    def by_name(self, text: str) -> str | None:
        """The unit whose name is the text, give or take a code beside it."""
        return self._names.get(folded(_CODE.sub("", text)).strip("()[]-_:"))

    def understand(self, text: str) -> str | None:
        """The unit that a text means: by its name first, then by its code, then by the one name in it."""
        codes = _CODE.findall(folded(text))
        mentioned = self.mentioned(text)
        return (
            self.by_name(text)
            or (self.by_code(codes[0]) if len(codes) == 1 else None)
            or (mentioned.pop() if len(mentioned) == 1 else None)
        )

    def several(self, text: str) -> tuple[str, ...]:
        """The names of the units that a text mentions where that is more than one, in the catalog's order."""
        mentioned = self.mentioned(text)
        names = tuple(name for unit, name in self._titles.items() if unit in mentioned)
        return names if len(names) > 1 else ()

    def mentioned(self, text: str) -> set[str]:
        """Units named anywhere in a text, by name or code."""
        text = folded(text)
        units = {self._names[name] for name in self._any_name.findall(text)}
        return units | {self._codes[code] for code in _CODE.findall(text) if code in self._codes}


def understand_month(value: object) -> str | None:
    """The month that a cell or text means, as ``YYYY-MM``; None when it means none, or two."""
    if isinstance(value, dt.date):
        return f"{value:%Y-%m}"
    text = folded(value)
    if isinstance(value, float) and _AMBIGUOUS_NUMBER.fullmatch(text):
        return None
    match = _MONTH.fullmatch(text.removesuffix(".0"))
    return f"{match[1]}-{int(match[2]):02d}" if match else None


def months_mentioned(text: str) -> set[str]:
    """Months named anywhere in a file's name; of 2024年3月-5月 the first and the last."""
    found = [match.groups() for match in _MONTHS_IN_NAME.finditer(folded(text))]
    return {f"{year}-{int(month):02d}" for year, *months in found for month in months if month}


def settle_unit(
    catalog: Catalog, statements: Sequence[Statement], codes: Sequence[Statement]
) -> tuple[str | None, list[Finding]]:
    """The unit on which all places agree, or what is wrong (R004, R008)."""
    example = {"values": quoted_list([unit.name_zh for unit in catalog.units if unit.files])}
    # A file's name that tells two units says less than a code.
    telling = [one for one in statements if one.cell is not None or not one.names]
    unit, findings = _settle("R004", telling or codes or statements, example)
    if unit is not None:
        for code in codes:
            if code.value != unit:
                named = catalog.unit_by_code[unit]
                findings.append(
                    _contradiction("R008", telling[0] if telling else code, code, {
                        "values": f"{named.name_zh} {named.unit}"
                    })
                )  # fmt: skip
    return (None if findings else unit), findings


def settle_period(
    catalog: Catalog, statements: Sequence[Statement], circumstances: Circumstances
) -> tuple[dt.date | None, list[Finding]]:
    """The first day of the month on which all places agree, or what is wrong (R006, R007).

    A month that has not begun, or is locked, rejects the return and is known all the same.
    """
    months = catalog.programme.months
    limits = {"minimum": f"{months[0]:%Y-%m}", "maximum": f"{months[-1]:%Y-%m}"}
    period, findings = _settle("R006", statements, limits)
    if period is None:
        return None, findings
    first_day = dt.date.fromisoformat(f"{period}-01")
    if first_day not in months:
        return None, [*findings, _unknown("R006", statements[0], limits)]
    return (None if findings else first_day), [*findings, *_closed(first_day, statements[0], circumstances)]


def _closed(month: dt.date, stated: Statement, circumstances: Circumstances) -> Iterable[Finding]:
    """R007 for a month that is not open."""
    received = circumstances.received_on
    place = Finding("R007", sheet=stated.sheet, cell=stated.cell, found=stated.text)
    if received is not None and month > received:
        yield replace(
            place,
            detail_zh=f"{month:%Y-%m} 尚未到来，收到日期是 {received}",
            detail_en=f"{month:%Y-%m} has not begun; the return was received on {received}",
        )
    if month in circumstances.locked_months:
        yield replace(
            place,
            detail_zh=f"{month:%Y-%m} 已审定锁定；需要更正时请联系市总工会解锁",
            detail_en=f"{month:%Y-%m} is signed off and locked; ask the city's federation to unlock it",
        )


def settle_submitter(catalog: Catalog, unit: str | None, submitter: str | None) -> Iterable[Finding]:
    """R005 unless the submitter is the unit itself or the city."""
    if submitter is None or unit is None or submitter == unit:
        return
    sender = catalog.unit_by_code.get(submitter)
    if sender is None or sender.kind != "municipal":
        name = sender.name_zh if sender else submitter
        reported = catalog.unit_by_code[unit].name_zh
        yield Finding("R005", found=name, detail_zh=f"{name} → {reported}")


def _settle(
    rule: str, statements: Sequence[Statement], details: dict[str, str]
) -> tuple[str | None, list[Finding]]:
    """The first place decides; a later place that says something else contradicts it."""
    if not statements:
        return None, [Finding(rule, details=details, detail_zh="各处都没有填写", detail_en="stated nowhere")]
    first = statements[0]
    if first.value is None:
        return None, [_unknown(rule, first, details)]
    for other in statements[1:]:
        if other.value is not None and other.value != first.value:
            return None, [_contradiction(rule, first, other, details)]
    return first.value, []


def _unknown(rule: str, statement: Statement, details: dict[str, str]) -> Finding:
    detail_zh = f"{statement.place_zh}填的是“{statement.text}”"
    detail_en = f"{statement.place_en} says “{statement.text}”"
    if rule == "R006" and _AMBIGUOUS_NUMBER.fullmatch(folded(statement.text)):
        # A text of these characters would have been understood.
        detail_zh += "，是按数字录入的，看不出是 1 月还是 10 月"
        detail_en += ", typed as a number, which may be January or October"
    if statement.names:
        count = len(statement.names)
        detail_zh += f"，其中写了 {count} 个：{'、'.join(statement.names)}"
        detail_en += f", which names {count}: {', '.join(statement.names)}"
    return Finding(
        rule,
        sheet=statement.sheet,
        cell=statement.cell,
        found=statement.text,
        details=details,
        detail_zh=detail_zh,
        detail_en=detail_en,
    )


def _contradiction(rule: str, first: Statement, other: Statement, details: dict[str, str]) -> Finding:
    shown = other if other.cell is not None else first
    return Finding(
        rule,
        sheet=shown.sheet,
        cell=shown.cell,
        found=shown.text,
        details=details,
        detail_zh=f"{first.place_zh}是“{first.text}”，{other.place_zh}是“{other.text}”",
        detail_en=f"{first.place_en} says “{first.text}”, {other.place_en} says “{other.text}”",
    )
