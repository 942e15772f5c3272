"""Questions over one small publication: figures, states, coverage, notes, and who sees what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from tests.reading_world import (
    CITY,
    EXPECTED_UNITS,
    FIRST,
    HEALTH,
    LATE,
    NIL,
    NOT_EXPECTED,
    SECOND,
    THIRD,
    UNITS,
    UNREPORTED,
    date,
    reading_as,
)
from warehouse.reading import Forbidden, InputProblem, Reading, Viewer
from warehouse.reading.breakdown import Order, breakdown
from warehouse.reading.cells import Dimension, Filter
from warehouse.reading.contributions import contributions
from warehouse.reading.coverage import Span, coverages
from warehouse.reading.figures import Pace, ValueState
from warehouse.reading.issues import Severity, issues
from warehouse.reading.progress import default_through, progress
from warehouse.reading.reporting import ReportingState, reporting
from warehouse.reading.returns import ReturnStatus, returns, returns_by_id, unassigned_returns
from warehouse.reading.series import series

D = Decimal
JANUARY, FEBRUARY, MARCH = date("2024-01-01"), date("2024-02-01"), date("2024-03-01")
SHARE, WORKERS, SUBSIDY, COUNTY = (
    "honours_7510_share",
    "model_workers",
    "grassroots_subsidy",
    "county_skills_trainings",
)
HIDDEN, SHOWN = ValueState.SUPPRESSED, ValueState.REPORTED


@pytest.fixture
def city() -> Iterator[Reading]:
    with reading_as(Viewer.CITY) as reading:
        yield reading


@pytest.fixture
def public() -> Iterator[Reading]:
    with reading_as(Viewer.PUBLIC) as reading:
        yield reading


class Counting:
    """A source that counts its statements."""

    def __init__(self, reading: Reading) -> None:
        self._source = reading.source
        self.statements = 0
        self.reading = Reading(self, reading.viewer, reading.catalogue)

    @property
    def publication_id(self) -> str:
        return self._source.publication_id

    def query(self, sql, parameters=None):  # type: ignore[no-untyped-def]
        self.statements += 1
        return self._source.query(sql, parameters)

    def arrow(self, sql, parameters=None):  # type: ignore[no-untyped-def]
        self.statements += 1
        return self._source.arrow(sql, parameters)


# Progress


def test_progress_has_every_indicator_in_catalog_order(city: Reading) -> None:
    found = progress(city, 2024)
    assert [each.indicator for each in found] == [*city.catalogue.indicators]
    assert {each.through for each in found} == {MARCH}


def test_progress_of_a_sum(city: Reading) -> None:
    (found,) = progress(city, 2024, JANUARY, [HEALTH])
    assert (found.value, found.state, found.target) == (D(230), SHOWN, D(2000))
    assert (found.gap, found.attainment, found.forecast) == (D(1770), D("0.115"), D(2760))
    assert (found.expected_to_date, found.pace) == (D("166.666667"), Pace.AHEAD)
    coverage = found.coverage
    assert (coverage.expected, coverage.reported, coverage.late) == (EXPECTED_UNITS, 6, 1)
    assert len(coverage.missing) == EXPECTED_UNITS - 6
    assert UNREPORTED in coverage.missing
    assert NIL not in coverage.missing


def test_progress_of_a_ratio_counts_again(city: Reading) -> None:
    (found,) = progress(city, 2024, indicators=[SHARE])
    assert (found.numerator, found.denominator, found.value) == (D(2), D(3), D("66.666667"))
    assert found.expected_to_date == found.target == D(30)


def test_progress_of_an_indicator_judged_by_unit_counts_units(city: Reading) -> None:
    (found,) = progress(city, 2024, indicators=[COUNTY])
    assert (found.value, found.numerator, found.denominator) == (D(6), D(1), D(EXPECTED_UNITS))
    assert (found.gap, found.pace) == (None, Pace.BEHIND)


def test_progress_starts_where_its_horizon_does(city: Reading) -> None:
    annual, programme = progress(city, 2026, date("2026-02-01"), [HEALTH, WORKERS])[::-1]
    assert (annual.first, programme.first) == (date("2026-01-01"), JANUARY)
    assert programme.value == 2


def test_coverage_counts_as_the_publication_does(city: Reading) -> None:
    for year, unit in ((2024, None), (2024, FIRST), (2025, None), (2024, NOT_EXPECTED)):
        for each in progress(city, year, unit=unit):
            [row] = city.source.query(
                "SELECT expected_units, reported_units, late_units FROM mart.indicator_progress"
                " WHERE indicator = $i AND unit IS NOT DISTINCT FROM $u AND month = $m",
                {"i": each.indicator.code, "u": unit, "m": each.through},
            )
            coverage = each.coverage
            assert (coverage.expected, coverage.reported, coverage.late) == tuple(row.values())
            assert len(coverage.missing) == coverage.expected - coverage.reported


def test_progress_sends_the_same_few_statements_for_any_number(public: Reading) -> None:
    counts = []
    for indicators in ([HEALTH], None):
        counting = Counting(public)
        progress(counting.reading, 2024, indicators=indicators, unit=FIRST)
        counts.append(counting.statements)
    assert counts == [3, 3]


@pytest.mark.parametrize(
    ("year", "through"), [(2024, MARCH), (2025, date("2025-01-01")), (2026, date("2026-01-01"))]
)
def test_through_is_the_last_month_with_data_within_the_year(
    city: Reading, year: int, through: dt.date
) -> None:
    assert {each.through for each in progress(city, year)} == {through}


@pytest.mark.parametrize(("year", "month"), [(2024, 12), (2026, 1)])
def test_through_without_data(city: Reading, year: int, month: int) -> None:
    empty = type(city.catalogue)(**{**vars(city.catalogue), "data_through": None})
    assert default_through(empty, year, date("2026-11-24")) == dt.date(year, month, 1)


# Breakdown


def values(found: dict[str | None, tuple[D | None, ValueState]]) -> dict[str | None, D | None]:
    return {code: value for code, (value, _) in found.items()}


def by_unit(reading: Reading, where: Filter | None = None) -> dict[str | None, tuple[D | None, ValueState]]:
    found = breakdown(reading, HEALTH, [Dimension.UNIT], JANUARY, JANUARY, where)
    return {group.unit: (group.figure.value, group.figure.state) for group in found.groups}


def test_breakdown_by_unit_has_every_unit_and_says_why(city: Reading) -> None:
    groups = by_unit(city)
    assert [*groups] == [*city.catalogue.unit_by_code]
    assert groups[FIRST] == (D(5), SHOWN)
    assert groups[NIL] == (D(0), ValueState.ZERO)
    assert groups[UNREPORTED] == (None, ValueState.NOT_REPORTED)
    assert groups[NOT_EXPECTED] == (None, ValueState.NOT_APPLICABLE)


def test_breakdown_by_chain_adds_up_with_the_rows_outside(city: Reading) -> None:
    found = breakdown(city, WORKERS, [Dimension.CHAIN], JANUARY, MARCH)
    assert [group.chain for group in found.groups] == [*city.catalogue.chain_by_code, None]
    assert sum(group.figure.value or 0 for group in found.groups) == found.total.value == 2
    assert any("chain is null" in note for note in found.notes)
    inside = breakdown(city, HEALTH, [Dimension.CHAIN], JANUARY, MARCH)
    assert None not in {group.chain for group in inside.groups}


def test_breakdown_by_two_dimensions_is_the_whole_product(city: Reading) -> None:
    found = breakdown(city, HEALTH, [Dimension.UNIT, Dimension.MONTH], JANUARY, MARCH)
    assert len(found.groups) == UNITS * 3
    months = breakdown(city, HEALTH, [Dimension.YEAR, Dimension.CLUSTER], JANUARY, date("2025-02-01"))
    # All check-ups lie outside the clusters, so a sixth group stands for them.
    assert len(months.groups) == 2 * 6


def test_breakdown_by_month_and_year(city: Reading) -> None:
    months = breakdown(city, HEALTH, [Dimension.MONTH], JANUARY, date("2024-04-01")).groups
    assert [group.figure.value for group in months] == [D(230), D(50), None, None]
    years = breakdown(city, HEALTH, [Dimension.YEAR], JANUARY, date("2026-12-01")).groups
    assert [(group.year, group.figure.value) for group in years] == [(2024, 280), (2025, None), (2026, None)]


def test_breakdown_of_a_ratio_divides_in_each_group(city: Reading) -> None:
    groups = breakdown(city, SHARE, [Dimension.CLUSTER], JANUARY, MARCH).groups
    assert groups[-1].cluster is None
    assert (groups[-1].figure.value, groups[2].figure.value) == (D(50), D(100))
    assert groups[0].figure.state is ValueState.NOT_APPLICABLE


def test_breakdown_keeps_to_its_filter(city: Reading) -> None:
    where = Filter(units=(SECOND, FIRST))
    found = breakdown(city, HEALTH, [Dimension.UNIT], JANUARY, JANUARY, where)
    assert [group.unit for group in found.groups] == [SECOND, FIRST]
    assert found.total.value == 45
    inside = breakdown(city, SHARE, [Dimension.UNIT], JANUARY, MARCH, Filter(in_7510=True))
    assert (inside.total.value, inside.total.denominator) == (D(100), D(2))
    chains = breakdown(city, HEALTH, [Dimension.MONTH], JANUARY, FEBRUARY, Filter(chains=("electronics",)))
    assert [group.figure.value for group in chains.groups] == [D(45), D(50)]


@pytest.mark.parametrize(
    ("order", "units"),
    [
        (Order.VALUE_DESC, [CITY, LATE, SECOND, THIRD, FIRST, NIL]),
        (Order.VALUE_ASC, [NIL, FIRST, THIRD, SECOND, LATE, CITY]),
    ],
)
def test_breakdown_by_value_puts_nothing_last(city: Reading, order: Order, units: list[str]) -> None:
    groups = breakdown(city, HEALTH, [Dimension.UNIT], JANUARY, JANUARY, order=order).groups
    assert [group.unit for group in groups][:6] == units
    assert [group.unit for group in groups][6] == next(iter(city.catalogue.unit_by_code))
    assert {group.figure.value for group in groups[6:]} == {None}


def test_an_empty_breakdown_says_so(city: Reading) -> None:
    found = breakdown(city, HEALTH, [Dimension.UNIT], date("2026-01-01"), date("2026-02-01"))
    assert found.total.state is ValueState.NOT_REPORTED
    assert f"{2 * EXPECTED_UNITS} reports" in " ".join(found.notes)


def test_notes_of_one_thing_speak_of_one(city: Reading, public: Reading) -> None:
    [missing] = breakdown(
        city, HEALTH, [Dimension.UNIT], JANUARY, JANUARY, Filter(units=(UNREPORTED, FIRST))
    ).notes
    assert missing.endswith(
        "1 report (unit × month) of this span has not come in full, not yet due ones included"
    )
    hidden = breakdown(public, HEALTH, [Dimension.UNIT], JANUARY, JANUARY, Filter(units=(FIRST,))).notes
    assert hidden[0].startswith("有 1 项数值较小")
    assert "1 value is hidden because it is small" in hidden[0]


def test_city_groups_of_the_public_hide_small_units(public: Reading, city: Reading) -> None:
    groups = by_unit(public)
    assert groups[FIRST][1] is HIDDEN
    # The next smallest goes with it, zero stays, and so do the total and the others.
    assert groups[THIRD][1] is HIDDEN
    assert groups[NIL] == (D(0), ValueState.ZERO)
    assert {unit for unit, (_, state) in groups.items() if state is HIDDEN} == {FIRST, THIRD}
    assert all(groups[unit] == each for unit, each in by_unit(city).items() if unit not in {FIRST, THIRD})
    assert breakdown(public, HEALTH, [Dimension.UNIT], JANUARY, JANUARY).total.value == 230


def test_months_of_the_whole_city_are_never_hidden(public: Reading) -> None:
    groups = breakdown(public, HEALTH, [Dimension.MONTH], JANUARY, FEBRUARY).groups
    assert [group.figure.value for group in groups] == [D(230), D(50)]


@pytest.mark.parametrize(
    "where",
    [
        Filter(units=(FIRST,)),
        # All the others: what is left out is the small one.
        Filter(units=(SECOND, CITY, LATE, NIL, FIRST)),
        Filter(units=(FIRST, SECOND)),
    ],
)
def test_a_filter_does_not_show_what_is_hidden(public: Reading, where: Filter) -> None:
    found = breakdown(public, HEALTH, [Dimension.MONTH], JANUARY, JANUARY, where)
    assert (found.groups[0].figure.state, found.total.state) == (HIDDEN, HIDDEN)


def test_other_indicators_hide_nothing(public: Reading) -> None:
    found = breakdown(public, WORKERS, [Dimension.UNIT], JANUARY, MARCH)
    assert HIDDEN not in {group.figure.state for group in found.groups}


# Series


def test_series_has_every_month(city: Reading) -> None:
    found = series(city, HEALTH, JANUARY, date("2025-01-01"))
    assert [point.month for point in found.points][:2] == [JANUARY, FEBRUARY]
    assert len(found.points) == 13
    assert [point.figure.value for point in found.points][:3] == [D(230), D(50), None]
    assert {point.target for point in found.points} == {D("166.666667")}
    assert [point.coverage.reported for point in found.points][:3] == [6, 1, 0]


def test_cumulative_series_is_progress(city: Reading) -> None:
    for unit in (None, FIRST):
        points = series(city, HEALTH, JANUARY, date("2025-01-01"), unit, cumulative=True).points
        for point in points:
            (each,) = progress(city, point.month.year, point.month, [HEALTH], unit=unit)
            assert (point.figure.value, point.figure.state) == (each.value, each.state)
            assert (point.target, point.coverage) == (each.expected_to_date, each.coverage)


def test_series_of_a_ratio_expects_the_target_each_month(city: Reading) -> None:
    assert {point.target for point in series(city, SHARE, JANUARY, MARCH).points} == {D(30)}


def test_series_of_the_programme_shares_the_target_over_it(city: Reading) -> None:
    assert series(city, WORKERS, JANUARY, JANUARY).points[0].target == D("2.5")


def test_series_of_a_unit_takes_the_target_of_each_unit(city: Reading) -> None:
    assert series(city, COUNTY, JANUARY, JANUARY, FIRST).points[0].target == D("0.416667")
    assert series(city, HEALTH, JANUARY, JANUARY, FIRST).points[0].target is None


@pytest.mark.parametrize("cumulative", [False, True])
def test_series_of_a_unit_hides_small_months(public: Reading, *, cumulative: bool) -> None:
    points = series(public, HEALTH, JANUARY, MARCH, FIRST, cumulative=cumulative).points
    assert (points[0].figure.state, points[0].figure.value) == (HIDDEN, None)
    neighbour = series(public, HEALTH, JANUARY, JANUARY, THIRD, cumulative=cumulative).points
    assert neighbour[0].figure.state is HIDDEN


def test_progress_of_a_unit_hides_all_that_gives_it_away(public: Reading) -> None:
    (found,) = progress(public, 2024, JANUARY, [HEALTH], unit=FIRST)
    assert found.state is HIDDEN
    assert (found.value, found.gap, found.attainment, found.forecast, found.numerator) == (None,) * 5
    (shown,) = progress(public, 2024, JANUARY, [HEALTH], unit=SECOND)
    assert shown.value == 40


# Reporting and returns


def test_reporting_states(city: Reading) -> None:
    found = reporting(city, JANUARY, date("2024-02-06"))
    states = {cell.unit: cell.state for cell in found.cells}
    assert [*states] == [*city.catalogue.unit_by_code]
    assert states[FIRST] is ReportingState.ON_TIME
    assert states[LATE] is ReportingState.LATE
    assert states[NIL] is ReportingState.NIL
    assert states[UNREPORTED] is ReportingState.AWAITED
    assert states[NOT_EXPECTED] is ReportingState.NOT_EXPECTED
    assert (found.expected, found.received, found.on_time) == (EXPECTED_UNITS, 6, 5)
    assert found.due_on == date("2024-02-05")


def test_nothing_is_awaited_until_it_is_due(city: Reading) -> None:
    states = {cell.unit: cell.state for cell in reporting(city, JANUARY, date("2024-02-05")).cells}
    assert states[UNREPORTED] is ReportingState.NOT_DUE


def test_reporting_names_the_last_return_and_the_first_time(city: Reading) -> None:
    cell = next(cell for cell in reporting(city, JANUARY).cells if cell.unit == FIRST)
    assert (cell.return_id, cell.ledgers_reported, cell.ledgers_nil, cell.ledgers_missing) == (
        "R000002",
        3,
        2,
        14,
    )


def test_a_rejected_return_is_not_received(city: Reading) -> None:
    cell = next(cell for cell in reporting(city, FEBRUARY).cells if cell.unit == SECOND)
    assert (cell.state, cell.return_id) == (ReportingState.AWAITED, None)
    refused = {cell.unit: cell.rejected_id for cell in reporting(city, FEBRUARY).cells if cell.rejected_id}
    assert set(refused) == {SECOND}
    assert {cell.rejected_id for cell in reporting(city, JANUARY).cells} == {None}


@pytest.mark.parametrize(("refused", "told"), [("R000001", None), ("R000002", "R000002")])
def test_a_rejected_return_is_told_of_until_another_one_comes(
    city: Reading, refused: str, told: str | None
) -> None:
    """FIRST has handed in R000001 and then R000002 for January."""

    class Refusing(Counting):
        def query(self, sql, parameters=None):  # type: ignore[no-untyped-def]
            status = f"if(return_id = '{refused}', 'REJECTED', status) AS status"
            returns = f"FROM (SELECT * REPLACE ({status}) FROM core.returns)"
            return city.source.query(sql.replace("FROM core.returns", returns), parameters)

    cell = next(cell for cell in reporting(Refusing(city).reading, JANUARY).cells if cell.unit == FIRST)
    assert cell.rejected_id == told


def test_returns_are_paged_newest_first(city: Reading) -> None:
    everything = returns(city)
    ids, after = [], None
    while True:
        page = returns(city, first=3, after=after)
        ids += [each.id for each in page.items]
        assert (page.total, page.has_previous) == (everything.total, after is not None)
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert ids == [each.id for each in everything.items] == sorted(ids, reverse=True)
    assert len(ids) == everything.total == 10


def test_returns_of_one_unit_month_and_status(city: Reading) -> None:
    first = returns(city, FIRST, JANUARY)
    assert [(each.revision, each.status) for each in first.items] == [
        (2, ReturnStatus.ACCEPTED),
        (1, ReturnStatus.REPLACED),
    ]
    rejected = returns(city, status=ReturnStatus.REJECTED)
    assert [each.unit for each in rejected.items] == [SECOND]
    assert returns(city, first=0).total == 10


def test_returns_without_a_unit_are_listed_apart(city: Reading) -> None:
    (found,) = unassigned_returns(city).items
    assert (found.id, found.unit, found.period) == ("R000010", None, FEBRUARY)
    assert returns_by_id(city, [found.id, "R000001", "none"]).keys() == {"R000001"}


def test_issues_are_counted_and_paged(city: Reading) -> None:
    (found,) = returns_by_id(city, ["R000011"]).values()
    assert found.issue_counts == ((Severity.ERROR, 3), (Severity.WARNING, 1))
    page = issues(city, ["R000011", "R000001"], first=3)
    assert [issue.number for issue in page["R000011"].items] == [1, 2, 3]
    assert (page["R000011"].total, page["R000011"].has_next) == (4, True)
    assert (page["R000001"].items, page["R000001"].total) == ((), 0)
    rest = issues(city, ["R000011"], first=3, after=page["R000011"].cursors[-1])
    assert [issue.number for issue in rest["R000011"].items] == [4]
    warnings = issues(city, ["R000011"], Severity.WARNING)
    assert [issue.number for issue in warnings["R000011"].items] == [4]


def test_the_public_does_not_see_whom_an_issue_names(public: Reading, city: Reading) -> None:
    found = [issue.found for issue in issues(public, ["R000011"])["R000011"].items]
    assert found == [None] * 4
    told = [issue.message_en for issue in issues(public, ["R000011"])["R000011"].items]
    assert all("?" not in words and "What passes" in words for words in told)
    assert None not in [issue.found for issue in issues(city, ["R000011"])["R000011"].items]


def test_contributions_go_down_to_the_row(city: Reading) -> None:
    spans = [Span(HEALTH, JANUARY, FEBRUARY), Span(SHARE, JANUARY, MARCH), Span(SUBSIDY, JANUARY, MARCH)]
    health, share, subsidy = contributions(city, spans, None, first=2)
    assert [(each.unit, each.value, each.return_id) for each in health.items] == [
        (FIRST, D(5), "R000002"),
        (SECOND, D(40), "R000003"),
    ]
    assert (health.total, health.has_next, share.total, subsidy.total) == (6, True, 3, 0)
    (rest, _, _) = contributions(city, spans, None, first=10, after=health.cursors[-1])
    assert len(rest.items) == 4
    assert (rest.items[0].happened_on, rest.items[0].sheet, rest.items[0].row) == (
        date("2024-01-05"),
        health.items[0].sheet,
        2,
    )
    (only,) = contributions(city, spans[:1], THIRD)
    assert [each.value for each in only.items] == [D(25)]


def test_contributions_are_not_for_the_public(public: Reading) -> None:
    with pytest.raises(Forbidden, match="city union"):
        contributions(public, [Span(HEALTH, JANUARY, MARCH)], None)


def test_coverage_of_no_spans(city: Reading) -> None:
    assert coverages(city, []) == []


# What cannot be answered


_QUESTIONS: list[tuple[str, Callable[[Reading], object]]] = [
    ("year", lambda r: progress(r, 2023)),
    ("through", lambda r: progress(r, 2025, JANUARY)),
    ("indicators", lambda r: progress(r, 2024, indicators=["nothing"])),
    ("measure", lambda r: progress(r, 2024, measure=11)),
    ("unit", lambda r: progress(r, 2024, unit="000000")),
    ("ledger", lambda r: r.catalogue.indicators_of(ledger="nothing")),
    ("indicator", lambda r: series(r, "nothing", JANUARY, MARCH)),
    ("from", lambda r: series(r, HEALTH, MARCH, JANUARY)),
    ("from", lambda r: series(r, HEALTH, date("2023-12-01"), JANUARY)),
    ("to", lambda r: series(r, HEALTH, JANUARY, date("2027-01-01"))),
    ("unit", lambda r: series(r, HEALTH, JANUARY, MARCH, "000000")),
    ("by", lambda r: breakdown(r, HEALTH, [], JANUARY, MARCH)),
    ("by", lambda r: breakdown(r, HEALTH, [Dimension.UNIT] * 2, JANUARY, MARCH)),
    ("by", lambda r: breakdown(r, HEALTH, [*Dimension][:3], JANUARY, MARCH)),
    ("filter.units", lambda r: breakdown(r, HEALTH, [Dimension.UNIT], JANUARY, MARCH, Filter(units=()))),
    (
        "filter.chains",
        lambda r: breakdown(r, HEALTH, [Dimension.UNIT], JANUARY, MARCH, Filter(chains=("x",))),
    ),
    ("period", lambda r: reporting(r, date("2027-01-01"))),
    ("period", lambda r: returns(r, period=date("2023-01-01"))),
    ("first", lambda r: returns(r, first=-1)),
    ("first", lambda r: returns(r, first=201)),
    ("after", lambda r: returns(r, after="nonsense")),
    ("after", lambda r: returns(r, after="☃")),
    ("after", lambda r: returns(r, after=issues(r, ["R000011"])["R000011"].cursors[0])),
    ("after", lambda r: issues(r, ["R000011"], after=returns(r).cursors[0])),
]


@pytest.mark.parametrize(
    ("argument", "ask"),
    _QUESTIONS,
    ids=[f"{number}-{argument}" for number, (argument, _) in enumerate(_QUESTIONS)],
)
def test_what_cannot_be_answered_is_said_in_words(
    city: Reading, argument: str, ask: Callable[[Reading], object]
) -> None:
    with pytest.raises(InputProblem) as caught:
        ask(city)
    assert caught.value.argument == argument
    assert caught.value.expected
    assert caught.value.given is not None
