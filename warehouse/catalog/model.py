"""The typed objects of the catalog.

What belongs here: the shape of each declared thing and the facts that follow from one object alone.
What does not: reading files and checks that span objects (``loader``), SQL (``expressions``).
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FilterValue = bool | Literal["given"] | list[str]
Filter = dict[str, FilterValue]


class Declared(BaseModel):
    """Base of everything declared: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldKind(StrEnum):
    """What the values of a ledger column are, once understood."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    YUAN = "yuan"
    PERCENT = "percent"
    DATE = "date"
    BOOLEAN = "boolean"
    ENUM = "enum"
    CHAIN = "chain"
    CLUSTER = "cluster"
    CREDIT_CODE = "credit_code"


#: Unit of measure of an indicator that adds up money.
YUAN = "元"

#: DuckDB type in which the values of a kind are stored.
SQL_TYPES: dict[FieldKind, str] = {
    FieldKind.TEXT: "VARCHAR",
    FieldKind.INTEGER: "BIGINT",
    FieldKind.DECIMAL: "DECIMAL(18,4)",
    FieldKind.YUAN: "DECIMAL(18,2)",
    FieldKind.PERCENT: "DECIMAL(9,4)",
    FieldKind.DATE: "DATE",
    FieldKind.BOOLEAN: "BOOLEAN",
    FieldKind.ENUM: "VARCHAR",
    FieldKind.CHAIN: "VARCHAR",
    FieldKind.CLUSTER: "VARCHAR",
    FieldKind.CREDIT_CODE: "VARCHAR",
}


class Constraints(Declared):
    """Frictionless Table Schema constraints that the ledgers use."""

    required: bool = False
    enum: tuple[str, ...] = ()
    minimum: Decimal | None = None
    exclusive_minimum: Decimal | None = Field(default=None, alias="exclusiveMinimum")
    maximum: Decimal | None = None


class FormerTitle(Declared):
    """A label that a column had in the form's versions up to and with ``until``."""

    title: str
    until: str


class LedgerField(Declared):
    """One column of a ledger, as a Frictionless field descriptor with aliases.

    ``description_zh`` is left out where the title says it all. ``required_when`` comes with its words.
    """

    name: str
    title: str
    description: str
    description_zh: str | None = None
    example: str | None = None
    aliases: tuple[str, ...] = ()
    former_titles: tuple[FormerTitle, ...] = ()
    type: Literal["string", "integer", "number", "date", "boolean"]
    format: Literal["yuan", "percent", "chain", "cluster", "credit_code"] | None = None
    constraints: Constraints = Constraints()
    required_when: str | None = None
    required_when_zh: str | None = None
    required_when_en: str | None = None
    personal: bool = False
    stored: bool = True

    @model_validator(mode="after")
    def _condition_has_words(self) -> LedgerField:
        given = {
            part is not None for part in (self.required_when, self.required_when_zh, self.required_when_en)
        }
        if len(given) > 1:
            raise ValueError("required_when, required_when_zh and required_when_en go together")
        return self

    @cached_property
    def kind(self) -> FieldKind:
        if self.format is not None:
            return FieldKind(self.format)
        if self.constraints.enum:
            return FieldKind.ENUM
        return {
            "string": FieldKind.TEXT,
            "number": FieldKind.DECIMAL,
        }.get(self.type) or FieldKind(self.type)

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.kind]

    @property
    def labels(self) -> tuple[str, ...]:
        """The label and its aliases, the label first."""
        return (self.title, *self.aliases)

    def former_title(self, version: str, versions: Sequence[str]) -> str | None:
        """The label in an old ``version`` of the form, one of ``versions``; None when it was today's."""
        wanted = versions.index(version)
        until = {versions.index(one.until): one.title for one in self.former_titles}
        return next((until[last] for last in sorted(until) if last >= wanted), None)


class RowRule(Declared):
    """A rule over several cells of one row: where ``when`` is true, ``holds`` must not be false."""

    rule: str
    fields: tuple[str, ...] = Field(min_length=1)
    when: str | None = None
    holds: str
    expected_zh: str
    expected_en: str


class Ledger(Declared):
    """One of the sheets that units report: a Frictionless table schema and its row rules.

    ``span`` names the columns of an event's first and last day, which may be typed as one range. An
    ``anonymous`` ledger counts people and never names one.
    """

    name: str
    title: str
    description: str
    primary_key: tuple[str, ...] = Field(alias="primaryKey", min_length=1)
    event_date: str
    required_shared_fields: tuple[str, ...] = ()
    span: tuple[str, ...] = Field(default=(), max_length=2)
    anonymous: bool = False
    fields: tuple[LedgerField, ...]
    rules: tuple[RowRule, ...] = ()

    @cached_property
    def stored_fields(self) -> tuple[LedgerField, ...]:
        """The columns kept in the lake and the warehouse."""
        return tuple(field for field in self.fields if field.stored)

    @cached_property
    def required_fields(self) -> tuple[LedgerField, ...]:
        return tuple(field for field in self.fields if field.constraints.required)

    @cached_property
    def _by_name(self) -> dict[str, LedgerField]:
        return {field.name: field for field in self.fields}

    def field(self, name: str) -> LedgerField:
        return self._by_name[name]

    def has_field(self, name: str) -> bool:
        return name in self._by_name


class Ratio(Declared):
    """Two filters over the same ledgers; the value is 100 x their counts' quotient."""

    numerator: Filter
    denominator: Filter


class Value(Declared):
    """What an indicator adds up: rows, one column, or a ratio of two counts."""

    count: Literal[True] | None = None
    sum: str | None = None
    ratio: Ratio | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Value:
        if sum(part is not None for part in (self.count, self.sum, self.ratio)) != 1:
            raise ValueError("value needs exactly one of: count, sum, ratio")
        return self


class PlannedCost(Declared):
    """Money that a target plans: the target of another indicator times a rate in yuan."""

    indicator: str
    rate: str


class Indicator(Declared):
    """One figure of the programme: which rows it counts, over which span, and how it is judged.

    Of money, ``planned`` says what it is planned by, or ``unplanned_zh`` and ``unplanned_en`` why it is not.
    """

    code: str
    measure: int
    name_zh: str
    name_en: str
    unit: str
    unit_en: str
    horizon: Literal["annual", "programme"]
    comparison: Literal["at_least", "at_most", "tracked"]
    scope: Literal["city", "county"]
    sensitive: bool = False
    definition_zh: str
    definition_en: str
    source: str
    ledgers: tuple[str, ...] = Field(min_length=1)
    value: Value
    where: Filter = {}
    planned: tuple[PlannedCost, ...] = ()
    unplanned_zh: str | None = None
    unplanned_en: str | None = None

    @property
    def is_money(self) -> bool:
        return self.unit == YUAN

    @property
    def is_ratio(self) -> bool:
        return self.value.ratio is not None


class Target(Declared):
    """A figure to reach: for one year or the programme; for the city, each unit or one unit.

    ``weights`` gives custom phasing: one non-negative whole number a month (or a quarter) of the horizon;
    the share expected by the end of a month is the weight up to it over the sum of all.
    ``valid_from``, the first day of a month, is left out of a target that holds from the start of its
    horizon. Of several for one horizon and unit each holds until the next begins.
    """

    indicator: str
    year: int | None
    level: Literal["city", "each_unit", "unit"]
    unit: str | None
    target: Decimal
    phasing: Literal["even", "monthly", "quarterly"]
    weights: tuple[int, ...]
    valid_from: dt.date | None = None


class Rate(Declared):
    """A sum or percentage that the programme fixes; row rules refer to it as ``$rate``."""

    rate: str
    amount: Decimal
    unit: Literal["yuan", "percent"]
    meaning_zh: str
    meaning_en: str


class Measure(Declared):
    """One of the ten measures of the programme."""

    measure: int
    name_zh: str
    name_en: str


class Unit(Declared):
    """A reporting unit: a county, district, county-level city, zone, or the city's own level."""

    unit: str
    code_system: str
    name_zh: str
    short_zh: str
    name_en: str
    short_en: str
    kind: Literal["municipal", "district", "county", "county_city", "zone"]
    host: str | None
    files: bool
    other_names: tuple[str, ...]
    former_codes: tuple[str, ...]
    valid_from: dt.date
    valid_to: dt.date | None
    note: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which the unit may be written, the full one first."""
        return (self.name_zh, self.short_zh, self.name_en, self.short_en, *self.other_names)

    def owes_return(self, month: dt.date) -> bool:
        """Whether a return is expected for the month that begins on this day."""
        last_day = month.replace(day=calendar.monthrange(month.year, month.month)[1])
        ended = self.valid_to is not None and self.valid_to < month
        return self.files and self.valid_from <= last_day and not ended


class Chain(Declared):
    """A key industry chain; one without a confirmed name is listed too."""

    chain: str
    name_zh: str
    name_en: str
    confirmed: bool
    status: str
    aliases: tuple[str, ...]


class Cluster(Declared):
    """An advanced-manufacturing cluster; one without a confirmed name is listed too."""

    cluster: str
    name_zh: str
    name_en: str
    confirmed: bool
    status: str
    aliases: tuple[str, ...]


class Kind(Declared):
    """What passes in a cell of one kind, in words."""

    kind: FieldKind
    expected_zh: str
    expected_en: str


class Rule(Declared):
    """One entry of the register of checks; the texts are templates with ``{placeholders}``.

    A row that breaks a ``waivable`` rule has all its values: the city may decide that it counts.
    """

    rule: str
    severity: Literal["fatal", "error", "warning", "info"]
    stage: Literal["return", "ledger", "cell", "row"]
    waivable: bool = False
    meaning_zh: str
    meaning_en: str
    expected_zh: str
    expected_en: str


class Programme(Declared):
    """The frame that all figures share."""

    first_month: dt.date
    last_month: dt.date
    time_zone: str
    due_day: int
    small_number_maximum: int
    outlier_factor: int = Field(gt=1)
    outlier_months: int = Field(gt=0)
    missing_values: tuple[str, ...]
    true_values: tuple[str, ...]
    false_values: tuple[str, ...]
    number_units: tuple[str, ...]

    @property
    def months(self) -> tuple[dt.date, ...]:
        """First day of each month of the programme, in order."""
        count = (
            (self.last_month.year - self.first_month.year) * 12
            + self.last_month.month - self.first_month.month + 1
        )  # fmt: skip
        first = self.first_month.year * 12 + self.first_month.month - 1
        return tuple(dt.date((first + i) // 12, (first + i) % 12 + 1, 1) for i in range(count))


class Declarations(Declared):
    """The words in which the cover says whether a ledger has rows."""

    rows: str
    nil: str
    missing: str


class Form(Declared):
    """The words of the reporting form: the cover sheet, and the lines around a table that are no data."""

    versions: tuple[str, ...] = Field(min_length=1)
    cover_sheet: str
    instructions_sheet: str
    lists_sheet: str
    unit_labels: tuple[str, ...]
    unit_code_labels: tuple[str, ...]
    period_labels: tuple[str, ...]
    version_labels: tuple[str, ...] = Field(min_length=1)
    declarations: Declarations
    other_sheets: tuple[str, ...]
    total_words: tuple[str, ...]
    grand_total_words: tuple[str, ...]
    note_words: tuple[str, ...]
    nothing_words: tuple[str, ...]
    yuan_word: str
    scales: Mapping[str, int]
    unit_of_sums_label: str
    sum_word: str
    error_values: tuple[str, ...]
    personal_labels: tuple[str, ...]
    person_name_endings: tuple[str, ...]
    person_name_labels: tuple[str, ...]

    @property
    def version(self) -> str:
        """The present version."""
        return self.versions[-1]


class Catalog(Declared):
    """Everything that the project knows about the domain."""

    version: str
    programme: Programme
    form: Form
    measures: tuple[Measure, ...]
    ledgers: tuple[Ledger, ...]
    indicators: tuple[Indicator, ...]
    targets: tuple[Target, ...]
    units: tuple[Unit, ...]
    chains: tuple[Chain, ...]
    clusters: tuple[Cluster, ...]
    rates: tuple[Rate, ...]
    rules: tuple[Rule, ...]
    kinds: tuple[Kind, ...]

    @cached_property
    def ledger_by_name(self) -> dict[str, Ledger]:
        return {ledger.name: ledger for ledger in self.ledgers}

    @cached_property
    def indicator_by_code(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    def summed_fields(self, ledger: Ledger) -> tuple[LedgerField, ...]:
        """The columns of a ledger that an indicator adds up, in the order of the form."""
        summed = {one.value.sum for one in self.indicators if ledger.name in one.ledgers}
        return tuple(field for field in ledger.stored_fields if field.name in summed)

    def valid_from(self, target: Target) -> dt.date:
        """First day of the month from which a target holds."""
        start = self.programme.first_month if target.year is None else dt.date(target.year, 1, 1)
        return target.valid_from or start

    @cached_property
    def unit_by_code(self) -> dict[str, Unit]:
        return {unit.unit: unit for unit in self.units}

    @cached_property
    def rule_by_code(self) -> dict[str, Rule]:
        return {rule.rule: rule for rule in self.rules}

    @cached_property
    def expected_by_kind(self) -> dict[FieldKind, Kind]:
        return {kind.kind: kind for kind in self.kinds}

    @cached_property
    def rate_amounts(self) -> dict[str, Decimal]:
        return {rate.rate: rate.amount for rate in self.rates}
