"""Checks of the catalog that span objects: does what one declares exist in another?

What belongs here: one generator of problems for each kind of object. What does not: reading files and saying
where a problem stands (``loader``).
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence

from warehouse.catalog import expressions
from warehouse.catalog.model import Catalog, FieldKind, Form, Indicator, Ledger, LedgerField, Rule, Target

#: A path into the declaration, and what is wrong there.
Problem = tuple[Sequence[int | str], str]

#: What the texts of the register of rules may name.
RULE_PLACEHOLDERS = frozenset(
    ["sheet", "ledger", "cell", "label", "found", "expected", "values", "minimum", "maximum", "detail"]
)
_RULE_TEXTS = ("meaning_zh", "meaning_en", "expected_zh", "expected_en")


def rule_problems(rule: Rule) -> Iterable[Problem]:
    """What is wrong with the texts of an entry of the register."""
    for part in _RULE_TEXTS:
        for name in sorted(_placeholders(getattr(rule, part)) - RULE_PLACEHOLDERS):
            yield [part], f"unknown placeholder {{{name}}}"


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def form_problems(form: Form) -> Iterable[Problem]:
    """What is wrong with the form's versions, sheets and words."""
    for word in form.grand_total_words:
        if word not in form.total_words:
            yield ["grand_total_words"], f"{word!r} must stand in total_words too"
    for version in sorted(set(form.versions)):
        if form.versions.count(version) > 1:
            yield ["versions"], f"the version {version!r} is listed {form.versions.count(version)} times"
    for part in ("instructions_sheet", "lists_sheet"):
        if getattr(form, part) not in form.other_sheets:
            yield [part], f"{getattr(form, part)!r} must stand in other_sheets, or it is read as a ledger"


def ledger_problems(ledger: Ledger, catalog: Catalog) -> Iterable[Problem]:
    """What is wrong with a ledger's columns, keys and row rules."""
    owners: dict[str, str] = {}
    for index, field in enumerate(ledger.fields):
        for label in sorted({field.name, *field.labels}):
            owner = owners.setdefault(label, field.name)
            if owner != field.name:
                yield ["fields", index], f"{label!r} also stands for the column {owner!r}"
    for name in ledger.required_shared_fields:
        if not ledger.has_field(name):
            yield ["required_shared_fields"], f"unknown shared column {name!r}"
    for key in (*ledger.primary_key, ledger.event_date):
        if not ledger.has_field(key):
            yield ["primaryKey"], f"unknown column {key!r} of ledger {ledger.name!r}"
    if ledger.has_field(ledger.event_date):
        event_date = ledger.field(ledger.event_date)
        if event_date.kind is not FieldKind.DATE or not event_date.constraints.required:
            yield ["event_date"], f"{ledger.event_date!r} must be a required date"
    if ledger.span and not _is_span(ledger):
        span = list(ledger.span)
        yield ["span"], f"{span} must be two dates of ledger {ledger.name!r}, the event's date first"
    for index, rule in enumerate(ledger.rules):
        path: list[int | str] = ["rules", index]
        if rule.rule not in catalog.rule_by_code:
            yield [*path, "rule"], f"unknown rule {rule.rule!r}"
        for part in ("when", "holds"):
            if (sql := getattr(rule, part)) is not None:
                for text in _condition_problems(sql, ledger, catalog):
                    yield [*path, part], text
        for name in rule.fields:
            if not ledger.has_field(name):
                yield [*path, "fields"], f"unknown column {name!r} of ledger {ledger.name!r}"
        for part in ("expected_zh", "expected_en"):
            for name in sorted(_placeholders(getattr(rule, part)) - catalog.rate_amounts.keys()):
                yield [*path, part], f"unknown rate {{{name}}}"
    for index, field in enumerate(ledger.fields):
        if field.required_when is not None:
            for text in _condition_problems(field.required_when, ledger, catalog):
                yield ["fields", index, "required_when"], text
    yield from _former_title_problems(ledger, catalog.form.versions)


def _is_span(ledger: Ledger) -> bool:
    """Whether the span is made of the event's date and another date."""
    dates = {field.name for field in ledger.stored_fields if field.kind is FieldKind.DATE}
    return len(set(ledger.span) & dates) == 2 and ledger.span[0] == ledger.event_date


def _former_title_problems(ledger: Ledger, versions: Sequence[str]) -> Iterable[Problem]:
    """What is wrong with the labels that columns had in former versions of the form."""
    sound: list[tuple[int, LedgerField]] = []
    for index, field in enumerate(ledger.fields):
        problems = list(_until_problems(field, versions))
        for place, text in problems:
            yield ["fields", index, "former_titles", place, "until"], text
        if not problems:
            sound.append((index, field))
    for version in versions[:-1]:
        owners: dict[str, str] = {}
        for index, field in sound:
            label = field.former_title(version, versions)
            if label is not None and (owner := owners.setdefault(label, field.name)) != field.name:
                path: list[int | str] = ["fields", index, "former_titles"]
                yield path, f"in version {version!r} {label!r} also stood for the column {owner!r}"


def _until_problems(field: LedgerField, versions: Sequence[str]) -> Iterable[tuple[int, str]]:
    *former, present = versions
    for place, one in enumerate(field.former_titles):
        if one.until not in former:
            yield place, f"{one.until!r} is no former version of the form; before {present!r} came {former}"
        elif one.until in [earlier.until for earlier in field.former_titles[:place]]:
            yield place, f"the column {field.name!r} has two labels until {one.until!r}"


def _condition_problems(sql: str, ledger: Ledger, catalog: Catalog) -> Iterable[str]:
    try:
        expressions.row_condition(sql, catalog.rate_amounts)
        unknown = expressions.condition_columns(sql) - {field.name for field in ledger.stored_fields}
    except ValueError as error:
        yield str(error)
        return
    for column in sorted(unknown):
        yield f"unknown column {column!r} of ledger {ledger.name!r}"


def indicator_problems(indicator: Indicator, catalog: Catalog) -> Iterable[Problem]:
    """What is wrong with an indicator's measure, ledgers, filters and value."""
    if indicator.measure not in {measure.measure for measure in catalog.measures}:
        yield ["measure"], f"unknown measure {indicator.measure}"
    for name in indicator.ledgers:
        ledger = catalog.ledger_by_name.get(name)
        if ledger is None:
            yield ["ledgers"], f"unknown ledger {name!r}"
            continue
        for where in expressions.filters_of(indicator):
            for text in expressions.filter_problems(where, ledger):
                yield ["value" if indicator.is_ratio else "where"], text
        summed = indicator.value.sum
        if summed is not None and not ledger.has_field(summed):
            yield ["value"], f"unknown column {summed!r} of ledger {name!r}"
    if indicator.is_ratio and indicator.where:
        yield ["where"], "a ratio declares its filters in value.ratio"
    if indicator.is_ratio and indicator.sensitive:
        yield ["sensitive"], "a ratio cannot be sensitive: small numbers are hidden of counts and sums"
    yield from _money_problems(indicator, catalog)


def _money_problems(indicator: Indicator, catalog: Catalog) -> Iterable[Problem]:
    """What is wrong with the plan of an indicator of money."""
    explained = indicator.unplanned_zh is not None and indicator.unplanned_en is not None
    if indicator.is_money and bool(indicator.planned) == explained:
        yield (
            ["value"],
            "money needs either planned, or unplanned_zh and unplanned_en that say why it has no plan",
        )
    if not indicator.is_money and (indicator.planned or indicator.unplanned_zh or indicator.unplanned_en):
        yield ["unit"], f"only money is planned in yuan; {indicator.code!r} is counted in {indicator.unit}"
    if indicator.is_money and indicator.horizon != "annual":
        yield ["horizon"], "money is told by year: its horizon is annual"
    rates = {rate.rate: rate.unit for rate in catalog.rates}
    for place, cost in enumerate(indicator.planned):
        if rates.get(cost.rate) != "yuan":
            yield ["planned", place, "rate"], f"{cost.rate!r} is no rate in yuan"
        counted = catalog.indicator_by_code.get(cost.indicator)
        if counted is None or counted.comparison == "tracked" or counted.horizon != "annual":
            yield (
                ["planned", place, "indicator"],
                f"{cost.indicator!r} is no indicator with targets of a year",
            )


def target_problems(target: Target, catalog: Catalog) -> Iterable[Problem]:
    """What is wrong with a target's indicator, horizon, unit and weights."""
    indicator = catalog.indicator_by_code.get(target.indicator)
    if indicator is None:
        yield ["indicator"], f"unknown indicator {target.indicator!r}"
        return
    if indicator.comparison == "tracked":
        yield ["indicator"], f"{target.indicator!r} is tracked and takes no target"
    if (target.year is None) != (indicator.horizon == "programme"):
        yield ["year"], f"{target.indicator!r} has the horizon {indicator.horizon}"
    years = {month.year for month in catalog.programme.months}
    if target.year is not None and target.year not in years:
        yield ["year"], f"{target.year} is no year of the programme"
    if (target.unit is not None) != (target.level == "unit"):
        yield ["unit"], "a unit is named for level unit and for no other"
    if target.unit is not None and target.unit not in catalog.unit_by_code:
        yield ["unit"], f"unknown unit {target.unit!r}"
    horizon = [month for month in catalog.programme.months if target.year in {None, month.year}]
    if target.valid_from is not None and horizon and target.valid_from not in horizon:
        first, last = horizon[0].isoformat(), horizon[-1].isoformat()
        yield ["valid_from"], f"{target.valid_from} is not the first day of a month from {first} to {last}"
    if target.level == "city" and indicator.scope == "county":
        yield ["level"], f"{target.indicator!r} is judged by unit: its target is each_unit's, or a unit's own"
    if target.unit in catalog.unit_by_code and not catalog.unit_by_code[target.unit].files:
        yield ["unit"], f"unit {target.unit} files no returns and cannot reach a target"
    if indicator.is_ratio and target.phasing != "even":
        yield (
            ["phasing"],
            f"{target.indicator!r} is a ratio, of which the whole target is expected at every date",
        )
    months = len(catalog.programme.months) if target.year is None else 12
    wanted = {"even": 0, "monthly": months, "quarterly": months // 3}[target.phasing]
    if len(target.weights) != wanted:
        yield ["weights"], f"phasing {target.phasing} takes {wanted} weights, not {len(target.weights)}"
    elif wanted and (min(target.weights) < 0 or sum(target.weights) == 0):
        yield ["weights"], "weights are whole numbers of 0 or more, and not all 0"
