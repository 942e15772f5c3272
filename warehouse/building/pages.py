"""The pages of docs/tables, as Markdown.

What belongs here: their text, made of descriptions and the catalog alone. What does not: files
(``documentation``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from warehouse.building.chinese import SCHEMA
from warehouse.building.descriptions import Column, Table
from warehouse.catalog import Catalog, Indicator, Ledger, LedgerField, Target
from warehouse.catalog.expressions import filter_sql

_MADE = "<!-- Written by `make docs`: change what it is made from. -->\n"
_LEDGERS = "ledgers.md"
_INTRODUCTIONS = {
    "core": "What was reported and what it is compared with. The ledgers have [their own page](ledgers.md).",
    "mart": "Figures. Their rules: [How figures are counted](../counting.md).",
    "meta": "What the publication is and what it was built from.",
}


def pages(tables: Sequence[Table], catalog: Catalog, contract: int) -> dict[str, str]:
    """The text of each page by its file's name; ``contract`` is the number of the published schema."""
    by_page: dict[str, list[Table]] = defaultdict(list)
    for table in sorted(tables, key=lambda table: table.name):
        by_page[_page(table)].append(table)
    by_page[_LEDGERS].sort(key=lambda table: [*catalog.ledger_by_name].index(table.model.name))
    referring = _referring(tables)
    names = {table.name: table for table in tables}
    texts = {
        page: "\n".join(_schema_page(page, listed, names, referring, catalog))
        for page, listed in by_page.items()
    }
    texts["README.md"] = "\n".join(_index(by_page, contract))
    texts["indicators.md"] = "\n".join(_indicators_page(catalog))
    return texts


def _page(table: Table) -> str:
    return _LEDGERS if table.ledger is not None else f"{table.model.schema}.md"


def address(table: Table) -> str:
    """Where the table is documented: page and heading below docs/."""
    return f"tables/{_page(table)}#{_anchor(table.name)}"


def _link(table: Table) -> str:
    return f"[{table.name}]({_page(table)}#{_anchor(table.name)})"


def _anchor(heading: str) -> str:
    """The anchor that Markdown viewers give a heading of one word."""
    return heading.replace(".", "")


def _referring(tables: Iterable[Table]) -> Mapping[str, list[Table]]:
    """The tables with a column that refers to a table, by its name; ledgers count once, as a group."""
    found: dict[str, list[Table]] = defaultdict(list)
    for table in tables:
        for name in dict.fromkeys(column.refers for column in table.columns if column.refers):
            found[name].append(table)
    return found


# The index


def _index(by_page: Mapping[str, Sequence[Table]], contract: int) -> Iterator[str]:
    yield "# The tables of a publication\n"
    yield _MADE
    yield (
        f"The published schema is **contract {contract}**: tables, columns and types stay as they are until"
        " [CHANGELOG.md](../../CHANGELOG.md) says otherwise. `SELECT contract FROM meta.publication` tells"
        " which one a file has. How to open a publication: [The warehouse](../warehouse.md). Questions and"
        " their answers: [Example queries](../queries.md). What each indicator counts:"
        " [Indicators](indicators.md).\n"
    )
    yield (
        f"Every table stands once more in the schema `{SCHEMA}`, as a view with the same rows and columns"
        f" under Chinese names: `SELECT 中文名称 FROM {SCHEMA}.填报单位` is `SELECT name_zh FROM core.units`."
        " The names can be written without quotes; sums and areas carry their unit behind an underscore"
        " (`补助金额_元`).\n"
    )
    for page, listed in sorted(by_page.items(), key=lambda item: (item[0] == "meta.md", item[0])):
        yield f"## {page.removesuffix('.md')}\n"
        yield f"| Table | In `{SCHEMA}` | A row is |"
        yield "| --- | --- | --- |"
        for table in listed:
            yield f"| {_link(table)} | `{table.chinese}` | {_cell(_first_sentence(table.en))} |"
        yield ""


def _first_sentence(text: str) -> str:
    """The sentence that says what a row is; a ledger's is what the ledger is."""
    return text.split(". ")[0].split("; ")[0].removesuffix(".")


# A page of tables


def _schema_page(
    page: str,
    listed: Sequence[Table],
    names: Mapping[str, Table],
    referring: Mapping[str, list[Table]],
    catalog: Catalog,
) -> Iterator[str]:
    if page == _LEDGERS:
        yield "# The tables of the ledgers\n"
        yield _MADE
        yield (
            "One table a ledger in the schema `core`. What a row must hold is declared in"
            " `warehouse/catalog/ledgers/`; how it is read: [How a return is read](../returns.md). A cell"
            " that was left blank is NULL, a zero is 0.\n"
        )
    else:
        schema = page.removesuffix(".md")
        yield f"# Schema {schema}\n"
        yield _MADE
        yield f"{_INTRODUCTIONS[schema]}\n"
    for table in listed:
        yield from _section(table, names, referring.get(table.name, []), catalog)


def _section(
    table: Table, names: Mapping[str, Table], referring: Sequence[Table], catalog: Catalog
) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"**{table.chinese}** (`{SCHEMA}.{table.chinese}`): {table.zh}。\n"
    yield f"{table.en}\n"
    yield f"- Key: {_codes(table.key)}"
    if table.ledger is not None:
        yield from _ledger_facts(table.ledger, catalog)
    if table.rules:
        yield f"- Rules: {', '.join(f'[{rule}]({_from_here(rule)})' for rule in table.rules)}"
    others = [_link(other) for other in referring if other.ledger is None]
    if any(other.ledger is not None for other in referring):
        others.append(f"[the ledgers]({_LEDGERS})")
    if others:
        yield f"- Referred to by: {', '.join(others)}"
    yield ""
    yield f"| Column | In `{SCHEMA}` | Type | Meaning |"
    yield "| --- | --- | --- | --- |"
    for column in table.columns:
        yield _column_line(column, names)
    yield ""


def _from_here(rule: str) -> str:
    return rule.removeprefix("tables/") if rule.startswith("tables/") else f"../{rule}"


def _column_line(column: Column, names: Mapping[str, Table]) -> str:
    meaning = f"{column.zh}<br>{column.en}" if column.zh else column.en
    if column.measured_in:
        meaning += f". In: {column.measured_in}"
    if column.refers:
        meaning += f" → {_link(names[column.refers])}"
    if column.field is not None and (passes := _constraints(column.field)):
        meaning += f" ({passes})"
    return f"| `{column.name}` | `{column.chinese}` | {column.sql_type} | {_cell(meaning)} |"


def _constraints(field: LedgerField) -> str:
    """What the catalog asks of a cell."""
    limits = field.constraints
    parts = ["required"] if limits.required else []
    if field.required_when:
        parts.append(f"required when `{field.required_when}`")
    if limits.enum:
        parts.append(f"one of {'、'.join(limits.enum)}")
    if limits.minimum is not None:
        parts.append(f"at least {limits.minimum}")
    if limits.exclusive_minimum is not None:
        parts.append(f"more than {limits.exclusive_minimum}")
    if limits.maximum is not None:
        parts.append(f"at most {limits.maximum}")
    if field.personal:
        parts.append("names a person")
    return ", ".join(parts)


def _ledger_facts(ledger: Ledger, catalog: Catalog) -> Iterator[str]:
    source = f"warehouse/catalog/ledgers/{ledger.name}.yaml"
    key = _codes(ledger.primary_key)
    yield f"- The same event: rows with equal {key}; it happens on `{ledger.event_date}`"
    yield f"- Declared in: [{source}](../../{source})"
    if ledger.rules:
        amounts = {name: f"{amount.normalize():f}" for name, amount in catalog.rate_amounts.items()}
        yield "- A row passes with:"
        for rule in ledger.rules:
            when = f", where `{rule.when}`" if rule.when else ""
            zh, en = (text.format_map(amounts) for text in (rule.expected_zh, rule.expected_en))
            yield f"  - {rule.rule}: {zh} · {en}{when}"


# The indicators


def _indicators_page(catalog: Catalog) -> Iterator[str]:
    yield "# Indicators\n"
    yield _MADE
    yield (
        "What each indicator counts, declared in [indicators.yaml](../../warehouse/catalog/indicators.yaml),"
        " and the words of the programme that it comes from. The rows behind a figure:"
        " [mart.indicator_contributions](mart.md#martindicator_contributions).\n"
    )
    targets: dict[str, list[Target]] = defaultdict(list)
    for target in catalog.targets:
        targets[target.indicator].append(target)
    for measure in catalog.measures:
        yield f"## {measure.measure}. {measure.name_zh} · {measure.name_en}\n"
        for indicator in catalog.indicators:
            if indicator.measure == measure.measure:
                yield from _indicator(indicator, targets[indicator.code], catalog)
    yield "## Sums and percentages that the programme fixes\n"
    yield "| Rate | Amount | Meaning |"
    yield "| --- | --- | --- |"
    for rate in catalog.rates:
        amount = f"{rate.amount.normalize():f} {'yuan' if rate.unit == 'yuan' else '%'}"
        yield f"| `{rate.rate}` | {amount} | {_cell(f'{rate.meaning_zh} · {rate.meaning_en}')} |"
    yield ""


def _indicator(indicator: Indicator, targets: Sequence[Target], catalog: Catalog) -> Iterator[str]:
    tables = ", ".join(f"[core.{name}]({_LEDGERS}#{_anchor(f'core.{name}')})" for name in indicator.ledgers)
    yield f"### {indicator.code}\n"
    yield f"**{indicator.name_zh}** · {indicator.name_en} ({indicator.unit})\n"
    yield f"{indicator.definition_zh}\n"
    yield f"{indicator.definition_en}\n"
    yield f"- Counts: {_value(indicator)} of {tables}"
    judged = "of the city" if indicator.scope == "city" else "of each unit"
    yield (
        f"- Runs: {indicator.horizon}; judged: {indicator.comparison} the target {judged}"
        if targets
        else (f"- Runs: {indicator.horizon}; no target")
    )
    if targets:
        yield f"- Target: {', '.join(map(_target, targets))}"
    if indicator.planned:
        costs = (f"target of {cost.indicator} × {cost.rate}" for cost in indicator.planned)
        yield f"- Planned: {' + '.join(costs)}"
    if indicator.unplanned_en:
        yield f"- Not planned: {indicator.unplanned_en}"
    if indicator.sensitive:
        maximum = catalog.programme.small_number_maximum
        yield f"- Sensitive: below the city level the public does not see 1 to {maximum}"
    yield f"- The programme says: {indicator.source}\n"


def _value(indicator: Indicator) -> str:
    value = indicator.value
    if value.ratio is not None:
        return (
            f"100 × the rows where `{filter_sql(value.ratio.numerator)}`"
            f" ÷ the rows where `{filter_sql(value.ratio.denominator)}`"
        )
    where = f" where `{filter_sql(indicator.where)}`" if indicator.where else ""
    return f"{'the rows' if value.count else f'the sum of `{value.sum}` over the rows'}{where},"


def _target(target: Target) -> str:
    span = "programme" if target.year is None else str(target.year)
    unit = f" for {target.unit}" if target.unit else ""
    phasing = "" if target.phasing == "even" else f" ({target.phasing})"
    since = f" from {target.valid_from:%Y-%m}" if target.valid_from else ""
    return f"{span}{unit}{since} {target.target.normalize():f}{phasing}"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
