"""From a figure to its cells: every figure is the sum of its rows, every row stands where it is said to."""

from __future__ import annotations

import datetime as dt
import io
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.support.command import Call, caller
from tests.support.examples import CITY, COUNTY, OTHER
from tests.support.history import home_with_history
from tests.support.publications import publish_older
from warehouse.catalog import load_catalog
from warehouse.catalog.formulas import formula
from warehouse.landing import Landing
from warehouse.publications import PublicationStore, Readers
from warehouse.reading import Forbidden, InputProblem, Reading, Viewer
from warehouse.reading.explanation import Explanation, explain
from warehouse.settings import Home

Published = Mapping[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_with_history(tmp_path_factory)


@pytest.fixture(scope="module")
def published(home: Home) -> Published:
    """Whole tables, so that they can be added up without SQL."""
    tables = ["indicator_progress", "indicator_status", "indicator_monthly", "indicator_contributions"]
    with Readers(PublicationStore(home)).open() as reader:
        found = {name: reader.query(f"FROM mart.{name}") for name in tables}
        found["duplicates"] = reader.query("FROM core.duplicates")
        found["held out"] = reader.query("FROM core.returns WHERE rows_held_out > 0")
        return found


@pytest.fixture
def reading(home: Home) -> Iterator[Reading]:
    with Readers(PublicationStore(home)).open() as reader:
        yield Reading.of(reader, Viewer.CITY)


@pytest.fixture
def call(home: Home) -> Call:
    return caller(home.root)


# Every figure is the sum of its rows


def added_up(
    rows: list[dict[str, Any]], months: Callable[[dt.date], list[dt.date]]
) -> Mapping[tuple[str, str | None, dt.date], tuple[Decimal, Decimal]]:
    """Numerator and denominator by indicator, unit (None is the city) and month to which the row adds."""
    sums: dict[tuple[str, str | None, dt.date], tuple[Decimal, Decimal]] = defaultdict(
        lambda: (Decimal(0), Decimal(0))
    )
    for each in rows:
        for month in months(each["month"]):
            for unit in (each["unit"], None):
                place = (each["indicator"], unit, month)
                numerator, denominator = sums[place]
                sums[place] = (numerator + each["numerator"], denominator + (each["denominator"] or 0))
    return sums


@pytest.mark.parametrize("table", ["indicator_progress", "indicator_status"])
def test_every_figure_of_every_unit_and_month_is_the_sum_of_its_rows(
    published: Published, table: str
) -> None:
    catalog = load_catalog()
    annual = {one.code for one in catalog.indicators if one.horizon == "annual"}
    contributions = published["indicator_contributions"]
    assert published["duplicates"]
    assert published["held out"]
    sums: dict[tuple[str, str | None, dt.date], tuple[Decimal, Decimal]] = {}
    for horizon in (True, False):

        def months(month: dt.date, annual: bool = horizon) -> list[dt.date]:
            """Those of which the figure holds a row of this month."""
            if table == "indicator_status":
                return [month]
            later = [each for each in catalog.programme.months if each >= month]
            return [each for each in later if each.year == month.year] if annual else later

        sums |= added_up([one for one in contributions if (one["indicator"] in annual) == horizon], months)
    nothing = (Decimal(0), Decimal(0))
    with_rows = 0
    for figure in published[table]:
        numerator, denominator = sums.pop((figure["indicator"], figure["unit"], figure["month"]), nothing)
        with_rows += (numerator, denominator) != nothing
        if figure["value"] is None:
            # Nothing reported, or nothing to divide by.
            assert denominator == 0, figure
            assert numerator == 0, figure
        elif catalog.indicator_by_code[figure["indicator"]].is_ratio:
            assert (figure["numerator"], figure["denominator"]) == (numerator, denominator), figure
            assert abs(figure["value"] - 100 * numerator / denominator) <= Decimal("0.0000005"), figure
        else:
            assert figure["value"] == numerator, figure
    assert {place for place, amounts in sums.items() if amounts != nothing} == set()
    assert with_rows > 60


def test_indicators_of_all_kinds_have_rows(published: Published) -> None:
    seen = {one["indicator"] for one in published["indicator_contributions"]}
    kinds = {one.code: one.value for one in load_catalog().indicators if one.code in seen}
    assert any(value.ratio for value in kinds.values())
    assert any(value.sum for value in kinds.values())
    assert any(value.count for value in kinds.values())
    share = [one for one in published["indicator_contributions"] if one["indicator"] == "honours_7510_share"]
    assert {(one["numerator"], one["denominator"]) for one in share} == {(0, 1), (1, 1)}


# Every row stands where it is said to


def plain(value: object) -> str:
    """A cell's or a column's value without its form."""
    if isinstance(value, dt.datetime):
        value = value.date()
    text = unicodedata.normalize("NFKC", str(value)).replace(",", "").replace(" ", "")
    return text.rstrip("0").rstrip(".") if "." in text else text


def test_every_cell_holds_what_the_row_adds_or_is_called(home: Home, reading: Reading) -> None:
    store, landing = PublicationStore(home), Landing(home)
    ledgers = {ledger.name for ledger in load_catalog().ledgers}
    with Readers(store).open() as reader:
        values = {
            (ledger, each["return_id"], each["sheet"], each["row"]): each
            for ledger in ledgers
            for each in reader.query(f"FROM core.{ledger}")
        }
    books = {
        one.sha256: openpyxl.load_workbook(io.BytesIO(landing.content(one)))
        for one in landing.receptions()
        if landing.content(one).startswith(b"PK")
    }
    checked = 0
    for indicator in load_catalog().indicators:
        found = explain(reading, indicator.code, 2024, dt.date(2024, 12, 1))
        assert len(found.rows) == found.row_count == sum(part.row_count for part in found.parts)
        for each in found.rows:
            of_ledger = values[each.ledger, each.return_id, each.sheet, each.row]
            assert each.column_name is not None
            assert each.cell is not None, each
            if indicator.value.sum:
                assert each.column_name == indicator.value.sum
                assert each.numerator == (of_ledger[each.column_name] or 0)
            cell = books[each.sha256][each.sheet][each.cell]
            assert cell.row == each.row
            assert plain(cell.value) == plain(of_ledger[each.column_name]), each
            checked += 1
    assert checked > 50


def test_the_query_of_the_documentation_gives_the_same_cells(home: Home, reading: Reading) -> None:
    text = (Path(__file__).parents[1] / "docs/warehouse.md").read_text(encoding="utf-8")
    [sql] = [block for block in text.split("```sql\n")[1:] if "core.sheet_layouts" in block.split("```")[0]]
    with Readers(PublicationStore(home)).open() as reader:
        rows = reader.query(sql.split("```")[0])
    found = explain(reading, "apprenticeships", 2024, dt.date(2024, 3, 1)).rows
    assert len(rows) == sum(one.month == dt.date(2024, 3, 1) for one in found) > 0
    assert {(one["sha256"], one["sheet"], one["cell"]) for one in rows} == {
        (one.sha256, one.sheet, one.cell) for one in found if one.month == dt.date(2024, 3, 1)
    }


def test_an_explanation_agrees_with_progress_and_with_its_units(reading: Reading) -> None:
    for indicator in load_catalog().indicators[::5]:
        city = explain(reading, indicator.code, 2024, limit=0)
        assert (city.rows, city.progress.through) == ((), dt.date(2024, 4, 1))
        if not indicator.is_ratio:
            assert (city.progress.value or 0) == sum(part.numerator for part in city.parts)
        for part in city.parts:
            of_unit = explain(reading, indicator.code, 2024, unit=part.unit)
            assert (of_unit.parts, len(of_unit.rows)) == ((part,), part.row_count)


def test_a_formula_is_told_in_both_languages(reading: Reading) -> None:
    catalog = load_catalog()
    told = {row["indicator"]: row for row in reading.source.query("FROM core.indicators")}
    for indicator in catalog.indicators:
        ledgers = [catalog.ledger_by_name[name] for name in indicator.ledgers]
        chinese, english = told[indicator.code]["formula_zh"], told[indicator.code]["formula_en"]
        assert (chinese, english) == formula(indicator, ledgers)
        for ledger in ledgers:
            assert ledger.title in chinese
            assert ledger.name in english
        wanted = [values for values in indicator.where.values() if isinstance(values, list)]
        assert all(value in chinese for values in wanted for value in values)
    first = explain(reading, catalog.indicators[0].code, 2024, limit=0)
    assert first.formula_zh == told[first.progress.indicator.code]["formula_zh"]


def test_only_the_city_sees_rows(home: Home) -> None:
    with Readers(PublicationStore(home)).open() as reader:
        public = Reading.of(reader, Viewer.PUBLIC)
        with pytest.raises(Forbidden):
            explain(public, "apprenticeships", 2024)


@pytest.mark.parametrize(
    ("indicator", "year", "unit"),
    [("no_such", 2024, None), ("apprenticeships", 2023, None), ("apprenticeships", 2024, "360700")],
)
def test_what_cannot_be_explained_is_told(
    reading: Reading, indicator: str, year: int, unit: str | None
) -> None:
    with pytest.raises(InputProblem):
        explain(reading, indicator, year, unit=unit)


# The command


def test_the_document(call: Call, reading: Reading) -> None:
    outcome = call("explain", "apprenticeships", "--year", "2024", "--through", "2024-03", "--json")
    assert (outcome.code, outcome.stderr) == (0, "")
    document = json.loads(outcome.stdout)
    [progress] = [
        one
        for one in json.loads(call("progress", "--year", "2024", "--through", "2024-03", "--json").stdout)
        if one["indicator"]["code"] == "apprenticeships"
    ]
    assert {name: document[name] for name in progress} == progress
    assert document["publication"] == "000002"
    assert document["rowCount"] == len(document["rows"]) == sum(one["rowCount"] for one in document["byUnit"])
    assert sum(Decimal(one["numerator"]) for one in document["rows"]) == Decimal(document["value"])
    first = document["rows"][0]
    assert [*first] == [
        *(
            "ledger",
            "unit",
            "month",
            "happenedOn",
            "numerator",
            "denominator",
            "returnId",
            "fileName",
            "sha256",
        ),
        *("sheet", "row", "column", "cell"),
    ]
    found: Explanation = explain(reading, "apprenticeships", 2024, dt.date(2024, 3, 1))
    assert [one["cell"] for one in document["rows"]] == [one.cell for one in found.rows]


def test_of_one_unit_and_folded(call: Call) -> None:
    arguments = ["explain", "apprenticeships", "--unit", COUNTY, "--limit", "1"]
    document = json.loads(call(*arguments, "--json").stdout)
    assert (document["unit"], len(document["rows"])) == ({"code": COUNTY}, 1)
    assert document["rowCount"] > 1
    words = call(*arguments).stdout
    assert f"… and {document['rowCount'] - 1} rows more: --limit {document['rowCount']}, or --json" in words
    assert document["rows"][0]["cell"] in words


def test_in_words(call: Call) -> None:
    outcome = call("explain", "honours_7510_share", "--year", "2024", "--through", "2024-04")
    assert (outcome.code, outcome.stderr) == (0, "")
    catalog = load_catalog()
    share = catalog.indicator_by_code["honours_7510_share"]
    for words in (
        share.name_zh,
        share.name_en,
        share.definition_zh,
        "100 × 分子 ÷ 分母",
        "missing",
        "章贡区",
    ):
        assert words in outcome.stdout
    for unit in (COUNTY, OTHER):
        assert catalog.unit_by_code[unit].name_zh in outcome.stdout


def test_in_words_where_nothing_was_reported(call: Call) -> None:
    outcome = call("explain", "apprenticeships", "--year", "2025", "--through", "2025-02", "--unit", CITY)
    assert outcome.code == 0
    assert "NOT_REPORTED" in outcome.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["no_such"],
        [],
        ["apprenticeships", "--year", "2023"],
        ["apprenticeships", "--unit", "360700"],
        ["apprenticeships", "--through", "March"],
        ["apprenticeships", "--publication", "9"],
        ["apprenticeships", "--limit", "-1"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_told(call: Call, arguments: list[str]) -> None:
    outcome = call("explain", *arguments, "--json")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "Error: " in outcome.stderr


def test_a_publication_from_before_there_were_cells_is_explained(home: Home, tmp_path: Path) -> None:
    older = PublicationStore(Home(tmp_path))
    publish_older(PublicationStore(home), "1", older)
    with Readers(older).open("1") as reader:
        found = explain(Reading.of(reader, Viewer.CITY), "apprenticeships", 2024)
    assert found.row_count == len(found.rows) > 0
    assert {(one.cell, one.column_name) for one in found.rows} == {(None, None)}
    assert (found.formula_zh, found.formula_en) == (None, None)
