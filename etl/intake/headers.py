"""Which ledger a sheet holds, where its header stands, and which column is which.

What belongs here: recognising ledgers by sheet name or labels. What does not: the values (``extraction``).
A header may stand under title lines, be two merged lines, use aliases and any order of columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from etl.intake.formats import Sheet
from etl.intake.sums import UnitsOfSums
from etl.intake.text import folded
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField

#: A header stands within this many lines from the top.
HEADER_LINES = 30
#: A sheet without a ledger's name is still this ledger when so much of its required columns is there.
_ENOUGH_REQUIRED = 0.6
#: No ledger has fewer columns.
FEWEST_LABELS = 3

#: What a label may have around it, as far as a quick look goes; the pattern is understood by RE2, too.
AROUND_LABEL = r"[\s*:：]|[（(][^（）()]*[）)]$"

_BRACKETS = re.compile(r"\(([^()]*)\)[*:]*$")
#: 〔〕 are those of the mark in the place of what is personal, which is no unit.
_ALL_BRACKETS = str.maketrans("[]{}【】", "()()()")
_PUNCTUATION = re.compile(r"[*:、,，:_]")


@dataclass(frozen=True)
class Header:
    """The header of a ledger's table; row and column indexes count from 0.

    ``repeated`` names columns that stand more than once, with the place and label of the last one.
    """

    ledger: Ledger
    first_row: int
    last_row: int
    columns: Mapping[str, int]
    factors: Mapping[str, int]
    unknown: Mapping[int, str]
    repeated: Mapping[str, tuple[int, str]]

    @property
    def missing(self) -> tuple[LedgerField, ...]:
        """Required columns that the header lacks."""
        return tuple(field for field in self.ledger.required_fields if field.name not in self.columns)


class HeaderFinder:
    """Finds ledgers and headers with the labels of the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._sums = UnitsOfSums(catalog.form)
        self._labels = {
            (ledger.name, version): _Labels(ledger, version, catalog.form.versions)
            for ledger in catalog.ledgers
            for version in (None, *catalog.form.versions)
        }
        self._sheet_names = {
            folded(name): ledger for ledger in catalog.ledgers for name in (ledger.title, ledger.name)
        }

    @property
    def labels(self) -> set[str]:
        """Every label of every ledger, bare of what may stand around it."""
        return {label for labels in self._labels.values() for label in labels.fields}

    def named(self, name: str) -> Ledger | None:
        """The ledger that a sheet's or file's name means: the only one whose title stands in it."""
        text = folded(name)
        if text in self._sheet_names:
            return self._sheet_names[text]
        inside = {ledger.name: ledger for title, ledger in self._sheet_names.items() if title in text}
        return next(iter(inside.values())) if len(inside) == 1 else None

    def find(self, sheet: Sheet, hint: Ledger | None, version: str | None = None) -> Header | None:
        """The header of a sheet that holds ``hint``, or of the ledger that its labels tell.

        Labels mean first what they meant in ``version`` of the form, where the return states a known one.
        """
        if hint is not None:
            return self._best_header(sheet, hint, version, minimum=1)
        headers = [
            header
            for ledger in self._catalog.ledgers
            if (header := self._best_header(sheet, ledger, version, minimum=2)) is not None
            and _share_of_required(header) >= _ENOUGH_REQUIRED
        ]
        best = [header for header in headers if _rank(header) == max(map(_rank, headers))]
        if any(_share_cells(one, other) for one, other in combinations(best, 2)):
            return None
        # Of several tables on a sheet the first one counts.
        return min(best, key=lambda one: (one.first_row, min(one.columns.values())), default=None)

    def table_above(self, sheet: Sheet, header: Header, version: str | None = None) -> Header | None:
        """The header of another table above ``header``, whose rows nobody would read."""
        above = sheet.rows[: header.first_row]
        # Titles and lines of identity fill few cells.
        if not any(sum(bool(str(value).strip()) for value in row) >= FEWEST_LABELS for row in above):
            return None
        return self.find(replace(sheet, rows=above), None, version)

    def table_beside(self, sheet: Sheet, header: Header, version: str | None = None) -> Header | None:
        """The header of another table in the same lines as ``header``, whose columns nobody would read."""
        if len(header.unknown) < FEWEST_LABELS:
            return None
        lines: list[Sequence[Any]] = [
            [value if index in header.unknown else "" for index, value in enumerate(row)]
            for row in sheet.rows[header.first_row : header.last_row + 1]
        ]
        rows: list[Sequence[Any]] = [()] * header.first_row
        found = self.find(replace(sheet, rows=rows + lines), None, version)
        return found if found is not None and len(found.columns) >= FEWEST_LABELS else None

    def _best_header(self, sheet: Sheet, ledger: Ledger, version: str | None, minimum: int) -> Header | None:
        labels = self._labels[ledger.name, version]
        rows = sheet.rows[: HEADER_LINES + 1]
        best: tuple[int, int, int, dict[int, LedgerField]] | None = None
        for index in range(min(len(rows), HEADER_LINES)):
            for height in (1, 2):
                if index + height > len(rows):
                    continue
                matched = self._matched(rows[index : index + height], labels.fields)
                count = len({field.name for field in matched.values()})
                # A title line above a header makes no two-line header: of equals, the lower one counts.
                if count >= minimum and (best is None or (count, -height) > (best[0], -best[2])):
                    best = (count, index, height, matched)
        if best is None:
            return None
        _, index, height, matched = best
        return self._header(sheet, labels, index, height, matched)

    def _header(
        self, sheet: Sheet, labels: _Labels, index: int, height: int, matched: dict[int, LedgerField]
    ) -> Header:
        ledger = labels.ledger
        lines = sheet.rows[index : index + height]
        preferred = _preferred(lines, matched, labels.titles)
        counts = Counter(field.name for field in preferred.values())
        columns = {field.name: column for column, field in preferred.items() if counts[field.name] == 1}
        above = self._sums.above(sheet.rows[:index])
        texts = _merged_labels(lines)
        unknown = {
            column: str(names[0]) for column, names in texts.items() if column not in preferred and names
        }
        return Header(
            ledger=ledger,
            first_row=index,
            last_row=index + height - 1,
            columns=columns,
            factors={
                name: self._factor(texts[column], above)
                for name, column in columns.items()
                if ledger.field(name).kind is FieldKind.YUAN
            },
            unknown=unknown,
            repeated={
                field.name: (column, str(texts[column][0]))
                for column, field in preferred.items()
                if counts[field.name] > 1
            },
        )

    def _factor(self, labels: Sequence[str], above: int) -> int:
        factor = self._sums.factor(labels, [_label(label)[1] for label in labels])
        return factor if factor is not None else above

    def _matched(
        self, lines: Sequence[Sequence[Any]], fields: Mapping[str, LedgerField]
    ) -> dict[int, LedgerField]:
        """The column of each label that the ledger knows."""
        matched = {}
        for column, names in _merged_labels(lines).items():
            field = next(filter(None, (self._meant(name, fields) for name in names)), None)
            if field is not None:
                matched[column] = field
        return matched

    def _meant(self, label: str, fields: Mapping[str, LedgerField]) -> LedgerField | None:
        """The column that a label means; of sums a unit may stand in it with or without brackets."""
        name, unit = _label(label)
        field = fields.get(name) or fields.get(self._sums.without_unit(name))
        is_sum = field is not None and field.kind is FieldKind.YUAN
        if is_sum and unit is not None and self._sums.is_rate(unit):
            return None
        return field if is_sum else fields.get(name)


def bare_label(text: str) -> str:
    """A label as it is compared: without marks around it, and without what stands in brackets behind it."""
    return _label(text)[0]


def bare_labels(field: LedgerField) -> list[str]:
    """Every label of a column, also of former versions of the form, bare of what may stand around it."""
    former = (one.title for one in field.former_titles)
    return sorted({_label(label)[0] for label in (*field.labels, field.name, *former)})


class _Labels:
    """Which column of a ledger a label means, in returns that state ``version`` of the form, or none.

    First what labels meant in that version, then today's labels and aliases, then those of former versions.
    """

    def __init__(self, ledger: Ledger, version: str | None, versions: Sequence[str]) -> None:
        self.ledger = ledger
        at_the_time = {
            field.name: title
            for field in ledger.fields
            if version is not None and (title := field.former_title(version, versions)) is not None
        }
        former = [
            (one.title, field)
            for past in versions[:-1]
            for field in reversed(ledger.fields)
            for one in field.former_titles
            if one.until == past
        ]
        present = [
            (label, field) for field in reversed(ledger.fields) for label in (*field.labels, field.name)
        ]
        meant = [(title, ledger.field(name)) for name, title in at_the_time.items()]
        #: Of a label that stands more than once, the last counts.
        self.fields = {_label(label)[0]: field for label, field in (*former, *present, *meant)}
        #: A column's own label, as against its other names.
        self.titles = {
            field.name: _label(at_the_time.get(field.name, field.title))[0] for field in ledger.fields
        }


def _label(text: str) -> tuple[str, str | None]:
    """A label without its unit in brackets and without marks, and that unit."""
    name = folded(text).translate(_ALL_BRACKETS)
    unit = _BRACKETS.search(name)
    bare = _PUNCTUATION.sub("", name[: unit.start()] if unit else name)
    return bare or name, unit[1] if unit else None


def _merged_labels(lines: Sequence[Sequence[Any]]) -> dict[int, list[str]]:
    """Each column's labels, the lowest line first; a merged cell above counts for the columns it spans."""
    labels: dict[int, list[str]] = {}
    width = max((len(line) for line in lines), default=0)
    above = ""
    for column in range(width):
        cells = [str(line[column]).strip() if column < len(line) else "" for line in lines]
        if len(cells) == 1:
            names = cells
        else:
            above = cells[0] or (above if cells[1] else "")
            names = [cells[1], above, above + cells[1]]
        named = [name for name in names if name]
        if named:
            labels[column] = named
    return labels


def _preferred(
    lines: Sequence[Sequence[Any]], matched: Mapping[int, LedgerField], titles: Mapping[str, str]
) -> dict[int, LedgerField]:
    """Where a label and an alias of one column both stand, the label itself is meant."""
    labels = _merged_labels(lines)
    with_titles = [
        (field.name, column)
        for column, field in matched.items()
        if any(_label(name)[0] == titles[field.name] for name in labels[column])
    ]
    titled = dict(with_titles)
    repeated_titles = Counter(name for name, _ in with_titles)
    return {
        column: field
        for column, field in matched.items()
        if field.name not in titled or titled[field.name] == column or repeated_titles[field.name] > 1
    }


def _share_of_required(header: Header) -> float:
    required = header.ledger.required_fields
    return 1 - len(header.missing) / len(required) if required else 1.0


def _share_cells(one: Header, other: Header) -> bool:
    """Whether two headers are two readings of the same cells."""
    lines = set(range(one.first_row, one.last_row + 1)) & set(range(other.first_row, other.last_row + 1))
    return bool(lines) and bool({*one.columns.values()} & {*other.columns.values()})


def _rank(header: Header) -> tuple[float, int]:
    return (_share_of_required(header), len(header.columns))
