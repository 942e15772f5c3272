"""The SQL that checks one ledger, generated from the catalog.

What belongs here: statements over a whole ledger at once. What does not: understanding a cell (``values``),
when a rule is broken (``conditions``), running the statements (``checking``).

A source of texts (``sources``) becomes two tables. ``plain_rows`` has every row: of those made of plain cells
that break no rule the values, of all others the texts. ``checked`` has these others, understood in full:
``role`` (data, total, note, nothing or blank), the values, ``FIELD__rule`` broken by the cell or NULL,
``row_rule_N`` true where the N-th row rule is broken, ``held_out``. Most rows are plain, and cost a tenth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from etl.intake.conditions import Conditions, RowCheck, WaivedRows
from etl.intake.extraction import FIRST_TEXT, storage_column, text_column
from etl.intake.form import NOTHING_ENDS, nothing_pattern
from etl.intake.headers import AROUND_LABEL, FEWEST_LABELS, bare_labels
from etl.intake.row_marks import note_pattern, total_pattern
from etl.intake.sources import RowSource
from etl.intake.text import folded
from etl.intake.values import ValueExpressions, column, comparable, factor_column
from warehouse.catalog import Catalog, FieldKind, Ledger, LedgerField
from warehouse.catalog.expressions import identifier, literal

#: Issues told one by one, for each sheet, rule and column; the rest are counted.
MOST_ISSUES = 10_000

#: From which to which character NFKC leaves a word's beginning as it is: ASCII but blanks, punctuation, CJK.
_CERTAIN = ((0x21, 0x7E), (0x2018, 0x2027), (0x3001, 0x3029), (0x4E00, 0x9FFF))

#: Kinds whose column a total row may add up.
_SUMMED = (FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.YUAN)

#: What a row tells of its sheet, besides its texts.
_OF_SHEET = ("sheet_id", "return_position", "period", "date1904")


class LedgerStatements:
    """The statements of one ledger; ``waived`` are rows that count in spite of a rule."""

    def __init__(self, catalog: Catalog, ledger: Ledger, waived: Sequence[WaivedRows] = ()) -> None:
        self._catalog = catalog
        self.ledger = ledger
        self._conditions = Conditions(catalog, ledger, waived)
        self._values = ValueExpressions(catalog, ledger)
        self._fields = ledger.stored_fields
        self._keys = [ledger.field(name) for name in ledger.primary_key]

    @property
    def row_checks(self) -> list[RowCheck]:
        return self._conditions.row_checks()

    # Rows

    def plain_rows(self, source: RowSource, *, keep_values: bool) -> Iterator[str]:
        """Makes ``plain_rows`` from a source; without the values it needs a fraction of the memory."""
        is_plain = " AND ".join(
            [f"NOT coalesce({self._may_be_mark()}, false)", *self._conditions.nothing_wrong()]
        )
        levels = [*self._values.plain(), [f"coalesce({is_plain}, false) AS is_plain"]]
        columns = [*(name for name in _OF_SHEET if name not in source.constants), "is_plain"]
        kept = self._fields if keep_values else self._keys
        names = dict.fromkeys([*map(column, kept), *self._values.code_columns])
        columns += [f"CASE WHEN is_plain THEN {name} END AS {name}" for name in names]
        columns.append(f"CASE WHEN NOT is_plain THEN {self._texts()} END AS texts")
        number = "" if source.first_row is None else f", CAST(rowid + {source.first_row} AS INTEGER) AS row"
        columns += ["row"] if source.first_row is None else []
        yield (
            f"CREATE OR REPLACE TEMP TABLE rows_read AS {_with_levels(source.sql, levels)}"
            f" SELECT {', '.join(columns)} FROM last_level"
        )
        constants = "".join(f", {value} AS {name}" for name, value in source.constants.items())
        yield f"CREATE OR REPLACE TEMP VIEW plain_rows AS SELECT *{number}{constants} FROM rows_read"

    def codes(self) -> Iterator[str]:
        """For each column of codes those of ``plain_rows``, still to be checked, with their places."""
        for name in self._values.code_columns:
            yield f"SELECT sheet_id, row, {name} FROM plain_rows WHERE is_plain AND {name} IS NOT NULL"

    def without_odd_places(self, source: RowSource) -> str:
        """Takes the rows of the table ``odd_places`` out of the plain ones."""
        row = "row" if source.first_row is None else f"rowid + {source.first_row}"
        sheet_id = source.constants.get("sheet_id", "sheet_id")
        return (
            "UPDATE rows_read SET is_plain = false"
            f" WHERE ({sheet_id}, {row}) IN (SELECT (sheet_id, row) FROM odd_places)"
        )

    def odd_rows(self, source: RowSource) -> str:
        """Adds the rows of the table ``odd_places`` to ``other_rows``, from another look at the source."""
        columns = ", ".join([*_OF_SHEET, "row", f"{self._texts()} AS texts"])
        return (
            f"INSERT INTO other_rows BY NAME SELECT {columns}"
            f" FROM ({source.numbered}) SEMI JOIN odd_places USING (sheet_id, row)"
        )

    def nothing_checked(self) -> str:
        """Makes ``checked`` without rows, for a ledger whose rows are all plain."""
        columns = [
            "sheet_id INTEGER", "return_position INTEGER", "period DATE", "date1904 BOOLEAN",
            "row INTEGER", "role row_role", "held_out BOOLEAN", "texts VARCHAR[]",
        ]  # fmt: skip
        for field in self._fields:
            columns += [f"{column(field)} {field.sql_type}", f"{column(field, 'rule')} rule_code"]
        columns += [f"row_rule_{index} BOOLEAN" for index in range(len(self.row_checks))]
        return f"CREATE OR REPLACE TEMP TABLE checked ({', '.join(columns)})"

    def other_rows(self) -> str:
        """Makes ``other_rows``: those that are not plain, close together; scattered they would cost more."""
        columns = ", ".join([*_OF_SHEET, "row", "texts"])
        return (
            f"CREATE OR REPLACE TEMP TABLE other_rows AS SELECT {columns} FROM plain_rows WHERE NOT is_plain"
        )

    def checked(self) -> str:
        """Makes ``checked`` of the other rows."""
        factors = {factor_column(field) for field in self._fields}
        texts = [
            f"CAST(texts[{index}] AS {'INTEGER' if name in factors else 'VARCHAR'}) AS {identifier(name)}"
            for index, name in enumerate(self.text_columns, start=1)
        ]
        source = f"SELECT *, {', '.join(texts)} FROM other_rows"
        row_rules = [
            f"role = 'data' AND coalesce({check.broken}, false) AS row_rule_{index}"
            for index, check in enumerate(self.row_checks)
        ]
        levels = [
            *self._values.full(),
            [self._role(), *self._conditions.cell_rules()],
            row_rules,
            [f"coalesce({self._conditions.held_out()}, false) AS held_out"],
        ]
        columns = [*_OF_SHEET, "row", "role", "held_out", "texts"]
        for field in self._fields:
            columns += [column(field), column(field, "rule")]
        columns += [f"row_rule_{index}" for index in range(len(row_rules))]
        return (
            f"CREATE OR REPLACE TEMP TABLE checked AS {_with_levels(source, levels)}"
            f" SELECT {', '.join(columns)} FROM last_level"
        )

    def _texts(self) -> str:
        """The texts of a row of a source as one list."""
        return f"[{', '.join(f'CAST({identifier(name)} AS VARCHAR)' for name in self.text_columns)}]"

    @property
    def text_columns(self) -> list[str]:
        """The columns of a source from which a row is understood."""
        names = [FIRST_TEXT]
        for field in self._fields:
            names.append(text_column(field))
            names += [name for name in (storage_column(field),) if name is not None]
            names += [factor_column(field)] if field.kind is FieldKind.YUAN else []
        return names

    def _may_be_mark(self) -> str:
        """Whether a row may be a total or a note: most first texts are told by their first character."""
        form = self._catalog.form
        marks = sorted({ord(folded(word)[0]) for word in (*form.total_words, *form.note_words)})
        first = f"unicode({identifier(FIRST_TEXT)})"
        certain = " OR ".join(f"{first} BETWEEN {low} AND {high}" for low, high in _CERTAIN)
        return f"({first} IN ({', '.join(map(str, marks))}) OR NOT ({certain}))"

    def _role(self) -> str:
        """Data, or one of the rows that are none: totals, notes and signatures, nothing to report, blank."""
        form = self._catalog.form
        total, note = literal(total_pattern(form)), literal(note_pattern(form))
        first = rf"regexp_replace(trimmed(nfkc({identifier(FIRST_TEXT)})), '\s+', ' ', 'g')"
        given = " OR ".join(column(field, "given") for field in self._fields)
        said = f"rtrim(folded({self._only_text()}), {literal(NOTHING_ENDS)})"
        nothing = literal(nothing_pattern(form))
        return f"""CAST(CASE
            WHEN regexp_matches({first}, {total}) THEN 'total'
            WHEN regexp_matches({first}, {note}) THEN 'note'
            WHEN {self._is_single()} AND regexp_matches({said}, {nothing}) THEN 'nothing'
            WHEN NOT ({given}) OR ({self._is_own_header()}) THEN 'blank'
            ELSE 'data'
        END AS row_role) AS role"""

    def _is_own_header(self) -> str:
        """Whether the header stands once more, as on each page of a print: labels of its columns alone."""
        labels = {field.name: ", ".join(map(literal, bare_labels(field))) for field in self._fields}
        first = f"{_bare(identifier(FIRST_TEXT))} IN ({', '.join(labels.values())})"
        told = [
            f"coalesce({_bare(column(field, 'read'))} IN ({labels[field.name]}), false)"
            for field in self._fields
        ]
        count = " + ".join(f"CAST({one} AS INTEGER)" for one in told)
        others = " OR ".join(
            f"({column(field, 'given')} AND NOT {one})" for field, one in zip(self._fields, told, strict=True)
        )
        return f"{first} AND {count} >= {FEWEST_LABELS} AND NOT ({others})"

    def _is_single(self) -> str:
        """Whether at most one cell says anything."""
        counted = (f"CAST({column(field, 'given')} AS INTEGER)" for field in self._fields)
        return f"{' + '.join(counted)} <= 1"

    def _only_text(self) -> str:
        """What the only cell says; it may stand in a column that the ledger does not know."""
        cells = ", ".join(column(field, "read") for field in self._fields)
        return f"coalesce({cells}, {identifier(FIRST_TEXT)})"

    def nothing_rows(self) -> str:
        """The first row of each sheet that says only that there is nothing to report, and all its texts."""
        return """
            SELECT sheet_id, min(row), arg_min(texts, row)
            FROM checked WHERE role = 'nothing' GROUP BY sheet_id
        """

    def header_rows(self) -> str:
        """The first row among data that cannot be read and holds labels, and how many there are.

        ``$labels`` are those of all ledgers.
        """
        return f"""
            WITH labels AS (SELECT unnest($labels) AS label),
            begun AS (
                SELECT row, texts FROM checked
                WHERE role = 'data' AND held_out AND {_bare("texts[1]")} IN (FROM labels)
            ),
            cells AS (SELECT row, {_bare("unnest(texts)")} AS label FROM begun),
            headers AS (
                SELECT row FROM cells SEMI JOIN labels USING (label)
                GROUP BY row HAVING count(DISTINCT label) >= {FEWEST_LABELS}
            )
            SELECT min(row), count(*) FROM headers
        """

    def data_rows(self) -> str:
        """How many rows of each sheet are data."""
        return """
            SELECT sheet_id, count(*) FROM (
                SELECT sheet_id FROM plain_rows WHERE is_plain
                UNION ALL SELECT sheet_id FROM checked WHERE role = 'data'
            ) GROUP BY sheet_id
        """

    # Events

    def events(self) -> str:
        """Makes ``events``: the rows that count, each with the number of its event."""
        names = ", ".join(column(field) for field in self._keys)
        rows = " UNION ALL ".join(
            f"SELECT sheet_id, return_position, row, {names}, {self._event_hash(plain=plain)} AS event_hash"
            f" {table}"
            for plain, table in (
                (True, "FROM plain_rows WHERE is_plain"),
                (False, "FROM checked WHERE role = 'data' AND NOT held_out"),
            )
        )
        return f"CREATE OR REPLACE TEMP VIEW events AS {rows}"

    def repeated(self) -> str:
        """Makes ``repeated``: the rows of an event that its return tells before (R310), and where.

        ``repeated_hashes`` has the numbers of events that stand there more than once.
        """
        names = ", ".join(column(field) for field in self._keys)
        return f"""
            CREATE OR REPLACE TEMP TABLE repeated AS
            WITH candidates AS (
                SELECT *, {self._key(plain=False)} AS event
                FROM events SEMI JOIN repeated_hashes USING (event_hash)
            )
            SELECT
                sheet_id, row, {names},
                first_value(concat(sheet, '!', column_letters[{literal(self._keys[0].name)}], row))
                    OVER same_event AS first_place
            FROM candidates JOIN sheets USING (sheet_id, return_position)
            WINDOW same_event AS (PARTITION BY return_position, event ORDER BY sheet_id, row)
            QUALIFY row_number() OVER same_event > 1
        """

    def _key(self, *, plain: bool) -> str:
        """One text for an event, the same however it was typed."""
        return f"concat_ws(chr(31), {', '.join(self._key_parts(plain=plain))})"

    def _event_hash(self, *, plain: bool) -> str:
        """A number for an event of a return; few have one together with another event."""
        return f"hash(return_position, {', '.join(self._key_parts(plain=plain))})"

    def _key_parts(self, *, plain: bool) -> list[str]:
        return [f"coalesce({comparable(field, plain=plain)}, '')" for field in self._keys]

    # Results

    def issues(self, *, with_totals: bool) -> str:
        """One row an issue: sheet_id, row, position, text_key, rule, column_name, found, detail.

        With totals it needs the values of all rows.
        """
        columns = (
            "sheet_id, row, {} AS position, {} AS text_key, {} AS rule, {} AS column_name,"
            " {} AS found, {} AS detail"
        )
        parts = []
        for position, field in enumerate(self._fields):
            rule, name = column(field, "rule"), literal(field.name)
            found = f"CASE WHEN {rule} <> 'R211' THEN {self._found((field.name,))} END"
            chosen = columns.format(position, f"{rule} || ' ' || {name}", rule, name, found, "NULL")
            parts.append(f"SELECT {chosen} FROM checked WHERE role = 'data' AND {rule} IS NOT NULL")
        for index, check in enumerate(self.row_checks):
            key, name, found = literal(check.text_key), literal(check.fields[0]), self._found(check.fields)
            chosen = columns.format(100 + index, key, literal(check.rule), name, found, "NULL")
            parts.append(f"SELECT {chosen} FROM checked WHERE row_rule_{index}")
        found = _labelled((field.title, f"CAST({column(field)} AS VARCHAR)") for field in self._keys)
        chosen = columns.format(200, "'R310'", "'R310'", literal(self._keys[0].name), found, "first_place")
        parts.append(f"SELECT {chosen} FROM repeated")
        if with_totals:
            for index, field in enumerate(field for field in self._fields if field.kind in _SUMMED):
                key, name = literal(f"R107 {field.name}"), literal(field.name)
                chosen = columns.format(300 + index, key, "'R107'", name, "found", "detail")
                parts.append(f"SELECT {chosen} FROM ({self._wrong_totals(field)})")
        return " UNION ALL ".join(parts)

    def _wrong_totals(self, field: LedgerField) -> str:
        """Total rows that are neither the sum of all rows nor of those since the total before.

        Where a cell of the column is wrong, the difference follows from it and is not told.
        Nor is a sum that looks like a telephone number: that would be echoed.
        """
        value, rule, found = column(field), column(field, "rule"), self._found((field.name,))
        return f"""
            WITH rows AS (
                SELECT sheet_id, row, false AS is_total, {value} AS amount, false AS is_wrong, NULL AS texts
                FROM plain_rows WHERE is_plain
                UNION ALL
                SELECT sheet_id, row, role = 'total', {value}, role = 'data' AND {rule} IS NOT NULL, texts
                FROM checked WHERE role IN ('data', 'total')
            ),
            sections AS (
                SELECT *, count(*) FILTER (is_total) OVER (
                    PARTITION BY sheet_id ORDER BY row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ) AS section
                FROM rows SEMI JOIN (FROM checked WHERE role = 'total') USING (sheet_id)
            ),
            sums AS (
                SELECT *,
                    coalesce(sum(amount) FILTER (NOT is_total) OVER whole_sheet, 0) AS whole,
                    coalesce(sum(amount) FILTER (NOT is_total) OVER one_section, 0) AS part,
                    bool_or(is_wrong) OVER whole_sheet AS any_wrong
                FROM sections
                WINDOW
                    whole_sheet AS (PARTITION BY sheet_id), one_section AS (PARTITION BY sheet_id, section)
            )
            SELECT sheet_id, row, {found} AS found,
                {_digits("amount", field)} || ' ≠ ' || {_digits("whole", field)} AS detail
            FROM sums
            WHERE is_total AND NOT any_wrong AND amount <> whole AND amount <> part
                AND NOT coalesce(is_personal({found}), false)
        """

    def _found(self, fields: tuple[str, ...]) -> str:
        """What was typed in the cells of some fields."""
        places = {name: index for index, name in enumerate(self.text_columns, start=1)}
        texts = []
        for name in fields:
            field = self.ledger.field(name)
            texts.append((field.title, f"nullif(trimmed(texts[{places[text_column(field)]}]), '')"))
        return texts[0][1] if len(texts) == 1 else _labelled(texts)

    def accepted(self) -> str:
        """The rows that count, as the lake keeps them; needs the values of all rows."""
        fields = ", ".join(column(field) for field in self._fields)
        rows = " UNION ALL ".join(
            f"SELECT sheet_id, row, {self._key(plain=plain)} AS event, {fields} {table}"
            for plain, table in (
                (True, "FROM plain_rows WHERE is_plain"),
                (False, "FROM checked WHERE role = 'data' AND NOT held_out"),
            )
        )
        return (
            f"SELECT sheets.return_id, sheets.sheet, row, md5(event) AS natural_key, {fields}"
            f" FROM ({rows}) AS rows JOIN sheets USING (sheet_id) JOIN settled USING (sheet_id)"
            " ANTI JOIN repeated USING (sheet_id, row)"
            " WHERE settled.state = 'rows' AND NOT sheets.rejected ORDER BY sheet_id, row"
        )

    def counts(self) -> str:
        """Rows accepted and held out on each sheet, as if its return were not rejected."""
        return """
            WITH rows AS (
                SELECT sheet_id, false AS held_out FROM plain_rows WHERE is_plain
                UNION ALL SELECT sheet_id, held_out FROM checked WHERE role = 'data'
            ),
            held AS (
                SELECT sheet_id, count(*) AS all_rows, count(*) FILTER (held_out) AS held_out
                FROM rows GROUP BY sheet_id
            ),
            again AS (SELECT sheet_id, count(*) AS repeated FROM repeated GROUP BY sheet_id)
            SELECT
                sheet_id,
                all_rows - held_out - coalesce(repeated, 0) AS rows_accepted,
                held_out + coalesce(repeated, 0) AS rows_held_out
            FROM held LEFT JOIN again USING (sheet_id)
        """


def _with_levels(source: str, levels: Iterable[Sequence[str]]) -> str:
    """Named queries, each with all columns of the one before and further ones; the last is ``last_level``."""
    steps, name = [f"level_0 AS ({source})"], "level_0"
    for number, columns in enumerate(levels, start=1):
        steps.append(f"level_{number} AS (SELECT {', '.join(['*', *columns])} FROM {name})")
        name = f"level_{number}"
    return f"WITH {', '.join(steps)}, last_level AS (FROM {name})"


def _bare(text: str) -> str:
    """A text without what may stand around a label."""
    return f"regexp_replace(lower({text}), {literal(AROUND_LABEL)}, '', 'g')"


def _labelled(texts: Iterable[tuple[str, str]]) -> str:
    """Several texts, each behind its label; blank ones are left out."""
    labelled = [f"{literal(f'{label} ')} || {text}" for label, text in texts]
    return f"concat_ws('，', {', '.join(labelled)})"


def _digits(number: str, field: LedgerField) -> str:
    """A number as text, without zeros behind the point."""
    text = f"CAST({number} AS VARCHAR)"
    return text if field.kind is FieldKind.INTEGER else f"rtrim(rtrim({text}, '0'), '.')"
