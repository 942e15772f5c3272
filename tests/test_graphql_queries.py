"""Queries through the whole application: names, states, pages, errors, one publication a request."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from graphql_api.app import create_app
from graphql_api.generations import StoppableSource
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.lake_world import World
from tests.reading_world import FIRST, NOT_EXPECTED, SECOND, THIRD, UNITS, copied_home
from warehouse.publications import PublicationStore
from warehouse.reading import Reading, Viewer
from warehouse.settings import Home


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return client(copied_home(tmp_path_factory.mktemp("public")), Viewer.PUBLIC)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return client(copied_home(tmp_path_factory.mktemp("city")), Viewer.CITY)


def client(home: Home, viewer: Viewer) -> Client:
    return Client(create_app(home, ApiSettings(viewer=viewer)))


def test_code_lists(public: Client) -> None:
    data = public.data(
        """{
          measures { number nameZh nameEn indicators { code } }
          measure(number: 1) { indicators { code nameZh unitOfMeasure unitOfMeasureEn measure { number }
            horizon comparison target scope definition dimensions } }
          none: measure(number: 99) { number }
          indicators(ledger: "health_checkups") { code sensitive }
          nothing: indicator(code: "nothing") { code }
          indicator(code: "health_checkups") { formula }
          programme { firstMonth lastMonth years }
          units(kind: ZONE) { code kind expected shortZh shortEn host { code nameZh } }
          unit(code: "360799") { kind host { code } }
          chains { code confirmed } clusters { code confirmed }
        }"""
    )
    assert [each["number"] for each in data["measures"]] == [*range(1, 11)]
    assert data["measure"]["indicators"][0]["dimensions"] == ["UNIT", "CHAIN", "CLUSTER", "MONTH", "YEAR"]
    assert data["measure"]["indicators"][0]["target"] == "90"
    first = data["measure"]["indicators"][0]
    assert (first["unitOfMeasure"], first["unitOfMeasureEn"]) == ("人", "people")
    assert data["none"] is data["nothing"] is None
    assert " / " in data["indicator"]["formula"]
    assert data["programme"] == {"firstMonth": "2024-01", "lastMonth": "2026-12", "years": [2024, 2025, 2026]}
    assert [each["sensitive"] for each in data["indicators"]] == [True]
    assert [each["expected"] for each in data["units"]] == [True, False, False]
    assert data["units"][0]["host"]["code"] == "360702"
    assert (data["units"][0]["shortZh"], data["units"][0]["shortEn"]) == ("赣州经开区", "Ganzhou ETDZ")
    assert data["unit"] == {"kind": "MUNICIPAL", "host": None}
    assert (len(data["chains"]), len(data["clusters"])) == (7, 5)


def test_publications(public: Client) -> None:
    data = public.data(
        """{ publication { id publishedAt dataThrough returnCount rowCount catalogVersion current }
             named: publication(id: "1") { id }
             publications { totalCount edges { cursor node { id current } } pageInfo { hasNextPage } } }"""
    )
    assert data["publication"]["dataThrough"] == "2024-03"
    assert data["publication"]["publishedAt"].endswith("+08:00")
    assert data["publication"]["current"] is True
    assert data["named"]["id"] == data["publication"]["id"] == "000001"
    assert data["publications"]["totalCount"] == 1


def test_progress(public: Client) -> None:
    data = public.data(
        """query ($through: YearMonth) { progress(year: 2024, through: $through, measure: 6) {
          indicator { code } unit { code } from through value state numerator denominator target
          expectedToDate attainment gap pace forecast
          coverage { expected reported late missing { code } } } }""",
        through="2024-01",
    )
    assert data["progress"][0] == {
        "indicator": {"code": "health_checkups"},
        "unit": None,
        "from": "2024-01",
        "through": "2024-01",
        "value": "230",
        "state": "REPORTED",
        "numerator": None,
        "denominator": None,
        "target": "2000",
        "expectedToDate": "166.666667",
        "attainment": "0.115",
        "gap": "1770",
        "pace": "AHEAD",
        "forecast": "2760",
        "coverage": data["progress"][0]["coverage"],
    }
    assert data["progress"][0]["coverage"]["reported"] == 6
    assert len(data["progress"][0]["coverage"]["missing"]) == 14


def test_small_numbers_are_for_the_city(public: Client, city: Client) -> None:
    query = f"""{{ progress(year: 2024, through: "2024-01", measure: 6, unit: "{FIRST}") {{
      unit {{ code }} value state }} }}"""
    assert public.data(query)["progress"][0] == {
        "unit": {"code": FIRST},
        "value": None,
        "state": "SUPPRESSED",
    }
    assert city.data(query)["progress"][0]["value"] == "5"


def test_breakdown(public: Client) -> None:
    data = public.data(
        """query ($filter: Filter) { breakdown(indicator: "health_checkups", by: [UNIT, MONTH],
          from: "2024-01", to: "2024-02", filter: $filter, order: null) {
          indicator { code } total totalState notes
          groups { unit { code } chain { code } cluster { code } month year value state } } }""",
        filter={"chains": None},
    )["breakdown"]
    assert (data["total"], len(data["groups"])) == ("280", UNITS * 2)
    states = {(group["unit"]["code"], group["month"]): group["state"] for group in data["groups"]}
    assert states[FIRST, "2024-01"] == states[THIRD, "2024-01"] == "SUPPRESSED"
    assert states[NOT_EXPECTED, "2024-02"] == "NOT_APPLICABLE"
    assert any("hidden" in note for note in data["notes"])


def test_series(public: Client) -> None:
    data = public.data(
        """{ series(indicator: "health_checkups", from: "2024-01", to: "2024-02", cumulative: true) {
          unit { code } notes
          points { month value state target coverage { reported missing { code } } } } }"""
    )["series"]
    assert [point["value"] for point in data["points"]] == ["230", "280"]


def test_reporting_and_its_returns(public: Client) -> None:
    data = public.data(
        """{ reporting(period: "2024-01") { period dueOn expected received onTime cells {
          unit { code } state receivedAt ledgersReported ledgersNil ledgersMissing
          return { id revision status issueCounts { severity count } } } } }"""
    )["reporting"]
    assert (data["dueOn"], data["received"], len(data["cells"])) == ("2024-02-05", 6, UNITS)
    cell = next(cell for cell in data["cells"] if cell["unit"]["code"] == FIRST)
    assert cell["receivedAt"] == "2024-01-28T08:00:00+08:00"
    assert cell["return"] == {"id": "R000002", "revision": 2, "status": "ACCEPTED", "issueCounts": []}


def test_reporting_names_returns_that_have_to_be_mended(public: Client) -> None:
    cells = public.data(
        """{ reporting(period: "2024-02") {
          cells { unit { code } state return { id } rejected { status } } } }"""
    )["reporting"]["cells"]
    rejected = {
        "unit": {"code": SECOND},
        "state": "AWAITED",
        "return": None,
        "rejected": {"status": "REJECTED"},
    }
    assert [cell for cell in cells if cell["rejected"]] == [rejected]


def test_returns_and_their_issues(public: Client) -> None:
    data = public.data(
        """{ returns(first: 2) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { cursor node { id unit { code } period revision status receivedAt fileName sha256
            rowsAccepted rowsHeldOut issueCounts { severity count }
            issues(first: 2, severity: ERROR) { totalCount pageInfo { endCursor }
              edges { node { rule severity sheet cell column found expected messageZh messageEn } } } } } }
          return(id: "R000002") { status } none: return(id: "R9") { id }
          unassignedReturns { edges { node { id unit { code } period fileName issueCounts { count } issues {
            totalCount } } } } }"""
    )
    newest = data["returns"]["edges"][0]["node"]
    assert (newest["id"], newest["issueCounts"]) == (
        "R000011",
        [{"severity": "ERROR", "count": 3}, {"severity": "WARNING", "count": 1}],
    )
    found = newest["issues"]
    assert found["totalCount"] == 3
    assert [edge["node"]["found"] for edge in found["edges"]] == [None, None]
    assert data["returns"]["pageInfo"]["hasNextPage"] is True
    assert data["none"] is None
    assert data["unassignedReturns"]["edges"][0]["node"]["id"] == "R000010"
    rest = public.data(
        "query ($a: String) { returns(first: 200, after: $a) { edges { node { id } } } }",
        a=data["returns"]["pageInfo"]["endCursor"],
    )
    assert len(rest["returns"]["edges"]) == data["returns"]["totalCount"] - 2


CONTRIBUTIONS = """{ progress(year: 2024, measure: 6) { indicator { code }
  contributions(first: 2) { totalCount pageInfo { endCursor } edges { node {
  ledger unit { code } happenedOn value sheet row return { id fileName issues { totalCount } } } } } } }"""


def test_contributions(city: Client) -> None:
    found = city.data(CONTRIBUTIONS)["progress"][0]["contributions"]
    assert found["totalCount"] == 6
    assert found["edges"][0]["node"]["value"] == "5"
    assert found["edges"][0]["node"]["return"]["id"] == "R000002"


def test_contributions_are_forbidden_to_the_public(public: Client) -> None:
    assert public.error(CONTRIBUTIONS)["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "query",
    [
        CONTRIBUTIONS,
        "{ returns(first: 200) { edges { node { issueCounts { count } issues { totalCount } } } } }",
        '{ reporting(period: "2024-01") { cells { return { issues { totalCount } } } } }',
        "{ progress(year: 2024) { coverage { missing { code } } } }",
    ],
    ids=["contributions", "issues", "cells", "progress"],
)
def test_statements_do_not_grow_with_the_answer(
    city: Client, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    query_of = StoppableSource.query

    def counted(source: StoppableSource, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
        statements.append(sql)
        return query_of(source, sql, parameters)

    monkeypatch.setattr(StoppableSource, "query", counted)
    # The comment makes it a request of its own, whose answer is not there already.
    city.data(f"{query} # counted")
    assert 0 < len(statements) <= 8


# Errors


def test_what_would_pass_is_said_by_type(public: Client) -> None:
    """Where the type alone refuses a value."""
    query = """query ($y: Int!, $k: UnitKind, $d: [Dimension!]!, $f: Filter) {
      units(kind: $k) { code } progress(year: $y) { value }
      breakdown(indicator: "x", by: $d, from: "2024-01", to: "2024-01", filter: $f) { total } }"""
    errors = public.post(query, y="2024", k="VILLAGE", d="DAY", f={"unit": 1}).json()["errors"]
    said = {each["extensions"]["argument"]: each["extensions"]["expected"] for each in errors}
    assert said == {
        "$y": "a whole number of at most 32 bits, for example 2024",
        "$k": "one of MUNICIPAL, DISTRICT, COUNTY, COUNTY_CITY, ZONE",
        "$d": "a list; as each of its items one of UNIT, CHAIN, CLUSTER, MONTH, YEAR",
        "$f": "an object with some of the fields units, chains, clusters, in7510",
    }


FILTERED = """query ($f: Filter) {
  breakdown(indicator: "x", by: [UNIT], from: "2024-01", to: "2024-02", filter: $f) { total } }"""


@pytest.mark.parametrize(
    ("query", "variables", "argument", "given"),
    [
        ('{ reporting(period: "2024-13") { dueOn } }', {}, "period", "2024-13"),
        ("{ reporting(period: 202401) { dueOn } }", {}, "period", "202401"),
        ("query ($p: YearMonth!) { reporting(period: $p) { dueOn } }", {"p": "x"}, "$p", "x"),
        (FILTERED, {"f": {"units": 3.5}}, "$f", '{"units": 3.5}'),
        ('{ progress(year: 2024, through: "2025-01") { value } }', {}, "through", "2025-01"),
        ('{ progress(year: 2024, unit: "1") { value } }', {}, "unit", "1"),
        ('{ progress(year: 2024, indicators: ["x"]) { value } }', {}, "indicators", "x"),
        ('{ series(indicator: "x", from: "2024-01", to: "2024-02") { notes } }', {}, "indicator", "x"),
        ('{ returns(after: "x") { totalCount } }', {}, "after", "x"),
        ("{ returns(first: 1000) { totalCount } }", {}, "first", "1000"),
        ('{ publication(id: "999999") { id } }', {}, "id", "999999"),
        ('{ publication(id: "../x") { id } }', {}, "id", "../x"),
        ('{ progress(year: 2024, publication: "") { value } }', {}, "publication", ""),
        ('{ words(enum: "Nothing") { value } }', {}, "enum", "Nothing"),
        ('{ progress(year: "2024") { value } }', {}, "year", '"2024"'),
        ("{ progress(year: null) { value } }", {}, "year", "null"),
        ("{ units(kind: VILLAGE) { code } }", {}, "kind", "VILLAGE"),
        (FILTERED.partition(") ")[2].replace("$f", "{units: [1.5]}"), {}, "filter.units", "1.5"),
        ("query ($y: Int!) { progress(year: $y) { value } }", {"y": None}, "$y", "null"),
        ("query ($y: Int!) { progress(year: $y) { value } }", {}, "$y", "nothing"),
    ],
    ids=range(20),
)  # fmt: skip
def test_wrong_arguments_are_explained(
    public: Client, query: str, variables: dict[str, object], argument: str, given: str
) -> None:
    error = public.error(query, **variables)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["argument"] == argument
    assert error["extensions"]["given"] == given
    assert error["extensions"]["expected"]
    assert argument in error["message"]


def test_the_unexpected_is_logged_and_not_told(
    public: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("graphql_api.return_queries.returns.returns", broken)
    answer = public.post("{ returns { totalCount } measures { number } }")
    (error,) = answer.json()["errors"]
    assert "a secret" not in answer.text
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["requestId"] in caplog.text
    assert "a secret" in caplog.text


def test_what_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(reading: Reading, *_: object) -> None:
        reading.source.query("SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(1000000) b")

    monkeypatch.setattr("graphql_api.return_queries.returns.returns", endless)
    app = create_app(copied_home(tmp_path), ApiSettings(timeout_seconds=1))
    started = time.monotonic()
    answer = Client(app).post("{ returns { totalCount } again: returns { totalCount } }")
    assert time.monotonic() - started < 10
    assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {"TIMEOUT"}


def test_many_requests_at_a_time(public: Client) -> None:
    async def many() -> list[httpx.Response]:
        transport = httpx.ASGITransport(public.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            query = {"query": "{ progress(year: 2024) { value coverage { reported } } }"}
            return await asyncio.gather(*(client.post("/graphql", json=query) for _ in range(40)))

    answers = asyncio.run(many())
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


# Publications come and go


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return copied_home(tmp_path)


def test_a_new_publication_answers_the_next_request(home: Home) -> None:
    asked = client(home, Viewer.PUBLIC)
    query = "{ publication { id current } publications { edges { node { id current } } } }"
    assert asked.data(query)["publication"]["id"] == "000001"
    candidate = home.publications / "candidate.duckdb"
    candidate.write_bytes((home.publications / "warehouse-000001.duckdb").read_bytes())
    PublicationStore(home).publish(candidate)
    data = asked.data(query)
    assert data["publication"] == {"id": "000002", "current": True}
    assert data["publications"]["edges"] == [
        {"node": {"id": "000002", "current": True}},
        {"node": {"id": "000001", "current": False}},
    ]
    page = asked.data("{ publications(first: 1) { pageInfo { endCursor } } }")["publications"]["pageInfo"]
    rest = asked.data(f'{{ publications(after: "{page["endCursor"]}") {{ edges {{ node {{ id }} }} }} }}')
    assert rest["publications"]["edges"] == [{"node": {"id": "000001"}}]


def test_before_the_first_publication(tmp_path: Path) -> None:
    asked = client(Home(tmp_path), Viewer.PUBLIC)
    assert asked.request("GET", "/healthz").status_code == 200
    ready = asked.request("GET", "/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert "first ingest" in ready.json()["reason"]
    answer = asked.post("{ measures { number } }")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (503, "NO_PUBLICATION")


@pytest.mark.parametrize(
    ("current", "content"), [(b"000077", None), (b"000077", b"not a database"), (b"\xff00001", None)]
)
def test_a_current_publication_that_is_gone_or_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, current: bytes, content: bytes | None
) -> None:
    home = copied_home(tmp_path)
    asked = client(home, Viewer.PUBLIC)
    store = PublicationStore(home)
    pointed = store.pointer.read_bytes()
    store.pointer.write_bytes(current)
    if content is not None:
        (home.publications / "warehouse-000077.duckdb").write_bytes(content)
    with caplog.at_level(logging.ERROR, logger="graphql_api"):
        ready = asked.request("GET", "/readyz")
        answers = [
            asked.post("{ measures { number } }"),
            asked.request("GET", "/export/reporting_status.csv"),
        ]
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    for answer in answers:
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (503, "NO_PUBLICATION")
        assert "doctor" in error["message"]
        assert str(tmp_path) not in answer.text + ready.text
    assert current.decode(errors="replace") in caplog.text
    assert "union7510_ready 0.0" in asked.request("GET", "/metrics").text
    # What is mended serves at once.
    store.pointer.write_bytes(pointed)
    assert asked.data("{ publication { id } }")["publication"]["id"] == "000001"


def test_a_publication_without_returns(tmp_path: Path) -> None:
    world = World(tmp_path)
    result, connection = world.build()
    connection.close()
    PublicationStore(world.home).publish(result.candidate)
    asked = client(world.home, Viewer.PUBLIC)
    data = asked.data(
        """{ publication { dataThrough } progress(year: 2025) { through state }
          returns { totalCount edges { cursor } pageInfo { endCursor } }
          series(indicator: "model_workers", from: "2024-01", to: "2024-01") { notes } }"""
    )
    assert data["publication"]["dataThrough"] is None
    assert {each["state"] for each in data["progress"]} == {"NOT_REPORTED"}
    assert data["returns"] == {"totalCount": 0, "edges": [], "pageInfo": {"endCursor": None}}
    assert (
        "nothing has been reported" in data["series"]["notes"][0] or "not come" in data["series"]["notes"][0]
    )


def test_a_ready_server_says_what_it_serves(public: Client) -> None:
    assert public.request("GET", "/readyz").json() == {"ready": True, "publication": "000001"}
