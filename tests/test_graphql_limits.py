"""How much one request may ask for, and that finding out is quick."""

from __future__ import annotations

import time

import pytest
from graphql import get_introspection_query

from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.reading_world import copied_home

#: Plenty on a busy machine; what is not refused takes longer, or never ends.
SECONDS = 4


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    settings = ApiSettings(max_depth=8, max_root_fields=10, max_cost=5_000)
    return Client(create_app(copied_home(tmp_path_factory.mktemp("limits")), settings))


def nested(levels: int) -> str:
    return (
        "{ measure(number: 1) { " + "indicators { measure { " * levels + "number" + " } }" * levels + " } }"
    )


def issues_of_returns(returns: int, issues: int) -> str:
    page = f"issues(first: {issues}) {{ edges {{ node {{ rule }} }} }}"
    return f"{{ returns(first: {returns}) {{ edges {{ node {{ {page} }} }} }} }}"


def spreads(levels: int) -> str:
    """Every fragment spreads the next one twice: 2 to the power of ``levels`` fields."""
    fragments = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return " ".join(["{ ...F0 }", *fragments, f"fragment F{levels} on Query {{ measures {{ number }} }}"])


def two_dimensions(breakdowns: int, by: str = "[UNIT, MONTH]") -> str:
    return " ".join(
        f'a{n}: breakdown(indicator: "model_workers", by: {by}, from: "2024-01", to: "2026-12") '
        "{ groups { value state } }"
        for n in range(breakdowns)
    )


#: All types, with all fields and their arguments.
TYPES = "types { name fields { name args { name } } }"


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        (nested(4), "depth"),
        ("{" + " ".join(f"a{n}: measures {{ number }}" for n in range(11)) + "}", "fields of the query type"),
        (spreads(60), "fields of the query type"),
        (issues_of_returns(200, 200), "cost"),
        (issues_of_returns(9, 2_000_000_000), "cost"),
        (f"{{ {two_dimensions(5)} }}", "cost"),
        ('{ changes(from: "000001", to: "000001") { totalCount } }', "cost"),
        ("{ __schema {" + " ".join(f"a{n}: {TYPES}" for n in range(5)) + "} }", "cost"),
        ("mutation {" + " ".join(f"a{n}: __typename" for n in range(6)) + "}", "changes"),
    ],
    ids=[
        "depth",
        "aliases",
        "fragments",
        "pages",
        "huge page",
        "dimensions",
        "comparison",
        "introspection",
        "changes",
    ],
)
def test_too_much_is_refused(client: Client, query: str, limit: str) -> None:
    answer = client.post(query)
    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("QUERY_TOO_LARGE", limit)
    assert str(error["extensions"]["maximum"]) in error["message"]


def test_a_page_size_in_a_variable_counts(client: Client) -> None:
    query = """query ($n: Int!) { returns(first: $n) { edges { node { issues(first: $n) { edges {
      node { rule } } } } } } }"""
    assert client.post(query, n=2).status_code == 200
    assert client.error(query, n=100)["extensions"]["limit"] == "cost"


def test_dimensions_in_a_variable_count(client: Client) -> None:
    query = f"query ($by: [Dimension!]!) {{ {two_dimensions(5, '$by')} }}"
    for one_dimension in ("UNIT", ["UNIT"]):
        assert client.post(query, by=one_dimension).status_code == 200
    assert client.error(query, by=["UNIT", "MONTH"])["extensions"]["limit"] == "cost"


@pytest.mark.parametrize(
    "query",
    [
        "{ measures {" + " ".join("a: nameZh a: nameEn" for _ in range(600)) + "} }",
        "{"
        + " ".join(f"measures {{ {' '.join(f'a{n}: number' for n in range(12))} }}" for _ in range(99))
        + "}",
        "{ measures {"
        + " ".join(f"...F{n}" for n in range(350))
        + "} } "
        + " ".join(f"fragment F{n} on Measure {{ number }}" for n in range(350)),
        "{ measures { ...F0 } } "
        + " ".join(f"fragment F{n} on Measure {{ number ...F{n + 1} }}" for n in range(400))
        + " fragment F400 on Measure { number }",
    ],
    ids=["conflicts", "equal fields", "fragments beside", "fragments inside"],
)
def test_what_is_costly_to_check_is_refused_in_words(client: Client, query: str) -> None:
    started = time.process_time()
    error = client.error(query)
    assert time.process_time() - started < SECONDS / 4
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("QUERY_TOO_LARGE", "validation")
    assert "use fewer fragments" in error["message"]


def test_a_fragment_that_is_used_often_is_measured_once(client: Client) -> None:
    started = time.perf_counter()
    client.post(spreads(150))
    assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize(
    "query",
    [
        "{ " + "measures { number } " * 12_000 + "}",
        "{ measures { number " + "@include(if: true) " * 5_000 + "} }",
        "# a comment\n" * 8_000 + "{ measures { number } }",
        "{ " + " ".join(f"a{n}: nothing" for n in range(6_000)) + "}",
        "{ measures " * 5_000,
    ],
    ids=["fields", "directives", "comments", "aliases", "depth"],
)
def test_hostile_documents_are_refused_quickly(client: Client, query: str) -> None:
    started = time.perf_counter()
    answer = client.post(query)
    assert time.perf_counter() - started < SECONDS
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(
    "query",
    [
        "{ " + "measures { number } " * 480 + "}",
        "{ " + " ".join(f"measures {{ a{n}: number }}" for n in range(300)) + " }",
        "{ ...A ...B } "
        + " ".join(f"fragment {n} on Query {{ {'measures { number } ' * 200} }}" for n in "AB"),
    ],
    ids=["fields", "aliases", "fragments"],
)
def test_repetition_is_refused_before_it_is_compared(client: Client, query: str) -> None:
    error = client.error(query)
    assert error["extensions"]["limit"] == "fields named measures"


def test_introspection_is_answered(tmp_path_factory: pytest.TempPathFactory) -> None:
    client = Client(create_app(copied_home(tmp_path_factory.mktemp("introspection")), ApiSettings()))
    whole = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert client.data(whole)["__schema"]["queryType"]["name"] == "Query"


def test_a_dashboard_fits_the_limits(tmp_path_factory: pytest.TempPathFactory) -> None:
    client = Client(create_app(copied_home(tmp_path_factory.mktemp("dashboard")), ApiSettings()))
    series = " ".join(
        f's{n}: series(indicator: "model_workers", from: "2024-01", to: "2026-12") {{'
        " points { month value state target coverage { expected reported late missing { code nameZh } } } }"
        for n in range(38)
    )
    assert client.post(f"{{ {series} }}").status_code == 200
