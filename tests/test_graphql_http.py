"""GraphQL over HTTP: media types, status codes, and requests of every wrong shape."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationType

from graphql_api.app import create_app
from graphql_api.http import endpoint
from graphql_api.http.negotiation import JSON_TYPE, RESPONSE_TYPE, negotiated
from graphql_api.settings import ApiSettings, SettingsError
from tests.graphql_client import GRAPHQL_RESPONSE, Client
from tests.reading_world import copied_home
from warehouse.reading import Viewer
from warehouse.settings import Home

QUERY = "{ measure(number: 1) { number } }"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(create_app(copied_home(tmp_path_factory.mktemp("http")), ApiSettings()))


# Media types


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON_TYPE),
        ("", JSON_TYPE),
        ("*/*", JSON_TYPE),
        ("application/*", JSON_TYPE),
        ("application/json", JSON_TYPE),
        ("application/json; charset=utf-8", JSON_TYPE),
        ("application/json; charset=utf-16", None),
        ("application/graphql-response+json", RESPONSE_TYPE),
        ("APPLICATION/GraphQL-Response+JSON", RESPONSE_TYPE),
        ("application/graphql-response+json, application/json", RESPONSE_TYPE),
        ("application/graphql-response+json;q=0.5, application/json", JSON_TYPE),
        ("application/json, */*;q=0.1", JSON_TYPE),
        ("application/graphql-response+json;q=0, */*", JSON_TYPE),
        ("application/json;q=0, */*", RESPONSE_TYPE),
        ("application/json;q=0", None),
        ("application/json;q=nonsense", None),
        ("text/html", None),
        ("image/png, text/*", None),
    ],
)
def test_negotiation(accept: str | None, chosen: str | None) -> None:
    assert negotiated(accept) == chosen


@pytest.mark.parametrize("accept", [JSON_TYPE, RESPONSE_TYPE])
def test_answers_have_the_media_type_asked_for(client: Client, accept: str) -> None:
    answer = client.post(QUERY, accept)
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert answer.json() == {"data": {"measure": {"number": 1}}}


def test_an_unknown_media_type_is_not_acceptable(client: Client) -> None:
    assert client.post(QUERY, "text/csv").status_code == 406


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/json; charset=gbk", "application/graphql"]
)
def test_requests_of_other_types_are_not_read(client: Client, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = client.request("POST", content=json.dumps({"query": QUERY}), headers=headers)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    answer = client.request(method, content=b"")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= {each.strip() for each in answer.headers["allow"].split(",")}


# Status codes

_WRONG: list[tuple[str, dict[str, Any]]] = [
    ("GRAPHQL_PARSE_FAILED", {"query": "{"}),
    ("GRAPHQL_VALIDATION_FAILED", {"query": "{ nothing }"}),
    ("GRAPHQL_VALIDATION_FAILED", {"query": "mutation { nothing }"}),
    ("GRAPHQL_VALIDATION_FAILED", {"query": "query A { __typename } query B { __typename }"}),
    ("GRAPHQL_VALIDATION_FAILED", {"query": "query A { __typename }", "operationName": "B"}),
    ("BAD_USER_INPUT", {"query": "query ($n: Int!) { measure(number: $n) { number } }"}),
    (
        "BAD_USER_INPUT",
        {"query": "query ($n: Int!) { measure(number: $n) { number } }", "variables": {"n": "one"}},
    ),
]


@pytest.mark.parametrize(
    ("code", "body"), _WRONG, ids=[f"{number}-{code}" for number, (code, _) in enumerate(_WRONG)]
)
def test_what_cannot_be_executed(client: Client, code: str, body: dict[str, Any]) -> None:
    for accept, status in ((RESPONSE_TYPE, 400), (JSON_TYPE, 200)):
        answer = client.request("POST", json=body, headers={"Accept": accept})
        assert (answer.status_code, "data" in answer.json()) == (status, False), answer.text
        assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {code}


def test_errors_of_fields_are_partial_answers(client: Client) -> None:
    answer = client.post('{ measures { number } indicator(code: "x") { code } progress(year: 1) { value } }')
    assert (answer.status_code, answer.json()["data"]) == (200, None)


def test_the_operation_that_is_named_is_executed(client: Client) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    answer = client.request("POST", json={"query": query, "operationName": "B", "extensions": {}})
    assert answer.json() == {"data": {"b": "Query"}}


# GET


def test_queries_by_get(client: Client) -> None:
    parameters = {
        "query": "query ($n: Int!) { measure(number: $n) { number } }",
        "variables": '{"n": 2}',
        "operationName": "",
    }
    answer = client.request("GET", params=parameters, headers={"Accept": GRAPHQL_RESPONSE})
    assert (answer.status_code, answer.json()) == (200, {"data": {"measure": {"number": 2}}})


def test_head_is_get_without_a_body(client: Client) -> None:
    assert client.request("HEAD", params={"query": QUERY}).status_code == 200


def test_by_get_only_queries_are_executed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if queries were not among what is executed by GET.
    monkeypatch.setitem(endpoint._EXECUTED, "GET", (OperationType.MUTATION,))
    answer = client.request("GET", params={"query": QUERY})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_subscription_is_no_single_answer(client: Client, method: str) -> None:
    asked = {"query": "subscription { publicationChanged { id } }"}
    options: dict[str, Any] = {"params": asked} if method == "GET" else {"json": asked}
    answer = client.request(method, headers={"Accept": GRAPHQL_RESPONSE}, **options)
    assert answer.status_code == 400
    assert "text/event-stream" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "parameters",
    [{}, {"query": ""}, {"query": QUERY, "variables": "{"}, {"query": QUERY, "variables": "[1]"}],
    ids=range(4),
)
def test_wrong_parameters_by_get(client: Client, parameters: dict[str, str]) -> None:
    answer = client.request("GET", params=parameters, headers={"Accept": GRAPHQL_RESPONSE})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


def test_a_browser_gets_words_where_graphiql_is_not_built(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("graphql_api.http.page.BUILT", tmp_path)
    answer = client.request("GET", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    assert "//" not in answer.text.replace("http://HOST/graphql", "")


# Shapes that are no request

_DEEP = "[" * 50_000 + "]" * 50_000


def _with_variable(value: bytes) -> bytes:
    return b'{"query": "{ __typename }", "variables": {"a": ' + value + b"}}"


_SHAPES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "number": b"5",
    "string": b'"{ measures { number } }"',
    "list": b"[]",
    "batch": b'[{"query": "{ __typename }"}]',
    "no json": b"NONSENSE",
    "half": b'{"query":',
    "not utf-8": b'{"query": "\xff"}',
    "utf-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "gzip": gzip.compress(b'{"query": "{ __typename }"}'),
    "no query": b"{}",
    "typo": b'{"qeury": "{ __typename }"}',
    "query null": b'{"query": null}',
    "query number": b'{"query": 1}',
    "query list": b'{"query": ["{ __typename }"]}',
    "variables list": b'{"query": "{ __typename }", "variables": [7]}',
    "variables text": b'{"query": "{ __typename }", "variables": "{}"}',
    "name number": b'{"query": "{ __typename }", "operationName": 1}',
    "extensions list": b'{"query": "{ __typename }", "extensions": []}',
    "nan": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "surrogate in name": b'{"query": "{ __typename }", "operationName": "\\ud800"}',
    "surrogate in variables": b'{"query": "{ __typename }", "variables": {"a": "\\udfff"}}',
    "surrogate in query": b'{"query": "{ \\ud800 }"}',
    "deep body": _DEEP.encode()[: 45_000] + _DEEP.encode()[-45_000:],
    "deep variables": _with_variable(b"[" * 40_000 + b"]" * 40_000),
    "deeper than it is written": _with_variable(b"[" * 980 + b"]" * 980),
    "huge integer": _with_variable(b"9" * 5_000),
    "huge literal": b'{"query": "{ measure(number: ' + b"9" * 5_000 + b') { number } }"}',
    "huge exponent": b'{"query": "{ measure(number: 1e999999) { number } }"}',
    "deep query": json.dumps({"query": "{ a" * 900 + "}" * 900}).encode(),
    "deep value": b'{"query": "{ measure(number: ' + b"[" * 900 + b"]" * 900 + b') { number } }"}',
    "control characters": b'{"query": "{ \\u0000 }"}',
    "comments only": b'{"query": "# nothing"}',
    "no definitions": b'{"query": "   "}',
    "type definition": b'{"query": "type A { a: Int }"}',
    "defer": b'{"query": "{ ... @defer { __typename } }"}',
    "cycle": b'{"query": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"}',
}  # fmt: skip


@pytest.mark.parametrize("shape", _SHAPES)
def test_no_shape_breaks_the_server(client: Client, shape: str) -> None:
    headers = {"Content-Type": "application/json", "Accept": GRAPHQL_RESPONSE}
    answer = client.request("POST", content=_SHAPES[shape], headers=headers)
    if shape == "deeper than it is written":
        # Python's own depth decides; both ends are well-formed answers.
        assert answer.status_code in {200, 400}
        return
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["message"]
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($c: ID!) { unit(code: $c) { code } }", {"c": "\0"}),
        ("query ($c: ID!) { return(id: $c) { id } }", {"c": "\0'\";--"}),
        ("query ($c: ID!) { return(id: $c) { id } }", {"c": 10**30}),
        ("query ($c: ID!) { unit(code: $c) { code } }", {"c": "x" * 50_000}),
        ("query ($c: String) { returns(after: $c) { totalCount } }", {"c": "\0"}),
        ("query ($c: String) { returns(after: $c) { totalCount } }", {"c": "W10"}),
        # The kind of a cursor of returns, with a number beyond 64 bits.
        (
            "query ($c: String) { returns(after: $c) { totalCount } }",
            {"c": "WyJyZXR1cm5zIiwgOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"},
        ),
        ("query ($c: YearMonth!) { reporting(period: $c) { dueOn } }", {"c": "0000-01"}),
        ("query ($c: YearMonth!) { reporting(period: $c) { dueOn } }", {"c": "２０２４-０１"}),
        ("query ($c: YearMonth!) { reporting(period: $c) { dueOn } }", {"c": {}}),
        ("query ($c: Int!) { progress(year: $c) { value } }", {"c": -(2**31)}),
        ("query ($c: Int!) { progress(year: $c) { value } }", {"c": 2024.0}),
    ],
    ids=range(12),
)
def test_no_value_breaks_the_server(client: Client, query: str, variables: dict[str, Any]) -> None:
    answer = client.post(query, **variables)
    assert answer.status_code in {200, 400}
    for error in answer.json().get("errors", ()):
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert len(error["message"]) < 1_000


def test_a_compressed_body_is_refused(client: Client) -> None:
    answer = client.request(
        "POST",
        content=gzip.compress(b'{"query": "{ __typename }"}'),
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    assert answer.status_code == 400
    assert "Content-Encoding" in answer.json()["errors"][0]["message"]


def test_long_requests_are_refused(tmp_path: Path) -> None:
    client = Client(create_app(Home(tmp_path), ApiSettings(max_request_bytes=1_000)))
    long = QUERY + "#" * 1_000
    assert client.post(long).status_code == 413
    assert client.request("GET", params={"query": long}).status_code == 413


# Settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNION7510_VIEWER", "city")
    monkeypatch.setenv("UNION7510_MAX_TOKENS", " 10 ")
    monkeypatch.setenv("UNION7510_TRUSTED_PROXIES", "127.0.0.1, fd00::/8,")
    settings = ApiSettings.from_environment()
    assert (settings.viewer, settings.max_tokens) == (Viewer.CITY, 10)
    assert settings.trusted_proxies == ("127.0.0.1", "fd00::/8")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("VIEWER", "everyone"),
        ("THREADS", "0"),
        ("MAX_COST", "many"),
        ("MAX_DEPTH", "９"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.0/8 192.168.0.1"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(f"UNION7510_{variable}", text)
    with pytest.raises(SettingsError, match=f"UNION7510_{variable}"):
        ApiSettings.from_environment()


def test_the_home_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNION7510_HOME", str(tmp_path))
    assert Client(create_app()).request("GET", "/readyz").status_code == 503
