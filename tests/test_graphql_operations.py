"""What operators see of the server, and what keeps it alive: answers kept, rates, metrics, logs, spans."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from unittest.mock import Mock

import brotli
import duckdb
import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from graphql_api.app import create_app
from graphql_api.observing.logs import JsonFormatter
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.reading_world import FIRST, HEALTH, SECOND, copied_home
from tests.support.metrics import numbers_of
from warehouse.reading import Viewer, exports
from warehouse.settings import Home
from warehouse.tokens import TokenLog

QUERY = "{ measures { number nameZh } }"
LONG = "{ indicators { code nameZh nameEn definition } }"
#: Much more than what is waited for.
SECONDS = 20
VIEWERS = {
    "public": None,
    "first": Viewer.of_unit(FIRST),
    "second": Viewer.of_unit(SECOND),
    "analyst": Viewer.ANALYST,
    "city": Viewer.CITY,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return copied_home(tmp_path_factory.mktemp("operations"))


@pytest.fixture(scope="module")
def headers(home: Home) -> Mapping[str, Mapping[str, str]]:
    """The header of each role."""
    log = TokenLog(home)
    secrets = {name: viewer and log.create(viewer, note=name, by=None)[0] for name, viewer in VIEWERS.items()}
    return {name: {"Authorization": f"Bearer {secret}"} if secret else {} for name, secret in secrets.items()}


def client(home: Home, **settings: Any) -> Client:
    return Client(create_app(home, ApiSettings(**settings)))


def numbers(client: Client) -> dict[str, float]:
    """The metrics, by their names and labels."""
    answer = client.request("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return numbers_of(answer.text)


# Finished answers

#: Every role reads something else by this: suppressed numbers, file names, who it is.
TELLING = f"""query ($year: Int!) {{
  me {{ role unit {{ code }} }}
  progress(year: $year, through: "2024-01", indicators: ["{HEALTH}"], unit: "{FIRST}") {{ value state }}
  returns(first: 100) {{ edges {{ node {{ issues {{ edges {{ node {{ found }} }} }} }} }} }}
}}"""


@pytest.mark.parametrize("order", [[*VIEWERS], [*reversed(VIEWERS)]], ids=["public first", "city first"])
def test_no_role_gets_what_was_made_for_another(
    home: Home, headers: Mapping[str, Mapping[str, str]], order: list[str]
) -> None:
    asked, body = client(home), {"query": TELLING, "variables": {"year": 2024}}
    first = {role: asked.request("POST", json=body, headers=headers[role]) for role in order}
    assert len({answer.content for answer in first.values()}) == len(VIEWERS)
    for role, answer in first.items():
        assert answer.json()["data"]["me"]["role"].lower() == (
            "unit" if role in {"first", "second"} else role
        )
        again = asked.request("POST", json=body, headers=headers[role])
        assert again.content == answer.content
        assert answer.json() == client(home).request("POST", json=body, headers=headers[role]).json()
    assert numbers(asked)["union7510_graphql_request_seconds_count cache=hit"] == len(VIEWERS)


def test_a_kept_answer_depends_on_all_that_is_asked(home: Home) -> None:
    asked = client(home)
    requests: list[dict[str, Any]] = [
        {
            "json": {
                "query": "query A { measures { number } } query B { chains { code } }",
                "operationName": name,
            }
        }
        for name in ("A", "B")
    ]
    requests += [
        {"json": {"query": "query ($n: Int!) { measure(number: $n) { number } }", "variables": {"n": number}}}
        for number in (1, 2)
    ]
    answers = [asked.request("POST", **each).json() for each in requests * 2]
    assert answers[:4] == answers[4:]
    assert len({json.dumps(answer) for answer in answers}) == 4


def test_an_answer_by_get_is_asked_for_again_with_its_etag(home: Home, headers: Mapping[str, Any]) -> None:
    asked = client(home)
    first = asked.request("GET", params={"query": LONG})
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Accept", "Accept-Encoding", "Authorization"} == {*first.headers["vary"].split(", ")}
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = asked.request("GET", params={"query": LONG}, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert "content-type" not in again.headers
    changed = asked.request("GET", params={"query": LONG}, headers={"If-None-Match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)
    telling = {"query": TELLING, "variables": '{"year": 2024}'}
    etags = {asked.request("GET", params=telling, headers=each).headers["etag"] for each in headers.values()}
    assert len(etags) == len(VIEWERS)
    # What was posted is nobody's to keep.
    assert "etag" not in asked.request("POST", json={"query": LONG}).headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("deflate", None),
        ("", None),
    ],
)
def test_long_answers_are_compressed_as_the_client_takes_them(
    home: Home, accepted: str, coding: str | None
) -> None:
    # httpx takes a body apart by itself; the bytes are those of the server.
    app = create_app(home, ApiSettings())
    answers = [raw(app, LONG, accepted) for _ in range(2)]
    assert answers[0] == answers[1]
    said, body = answers[0]
    assert said.get("content-encoding") == coding
    undo = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert len(json.loads(undo(body))["data"]["indicators"]) == 38
    short, _ = raw(app, "{ __typename }", accepted)
    assert "content-encoding" not in short


def raw(app: Any, query: str, accepted: str) -> tuple[Mapping[str, str], bytes]:
    """Headers and bytes of an answer as they go out, without the number of the request."""
    import asyncio

    async def asked() -> tuple[Mapping[str, str], bytes]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            said = {"Accept-Encoding": accepted}
            async with http.stream("POST", "/graphql", json={"query": query}, headers=said) as answer:
                body = b"".join([chunk async for chunk in answer.aiter_raw()])
                return {name: value for name, value in answer.headers.items() if name != "x-request-id"}, body

    return asyncio.run(asked())


def test_nothing_that_a_client_sends_fills_the_memory(home: Home) -> None:
    asked = client(home, answer_cache_bytes=20_000)
    for number in range(60):
        assert asked.post(f"{QUERY} # {number}{'x' * 500}").status_code == 200
    assert 0 < numbers(asked)["union7510_answer_cache_bytes"] <= 20_000
    # One that is larger than all room is answered, and not kept.
    assert asked.post(f"{QUERY} # {'x' * 30_000}").status_code == 200
    assert numbers(asked)["union7510_answer_cache_bytes"] <= 20_000


# Rates


def test_each_token_has_a_rate_of_its_own(home: Home, headers: Mapping[str, Mapping[str, str]]) -> None:
    asked = client(home, max_rate=2)

    def ask(role: str, number: int) -> httpx.Response:
        return asked.request("POST", json={"query": f"{QUERY} # {number}"}, headers=headers[role])

    answers = [ask("first", number) for number in range(6)]
    # Two seconds' worth may come at once.
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    refused = answers[-1]
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    # What has been answered already costs nothing, and others are not slowed down.
    assert ask("first", 0).status_code == 200
    for role in ("second", "city", "public"):
        assert ask(role, 7).status_code == 200


def test_files_count_like_operations_however_a_token_is_written(
    home: Home, headers: Mapping[str, Mapping[str, str]]
) -> None:
    asked = client(home, max_rate=1)
    token = headers["first"]["Authorization"].split()[1]
    attempts = [
        ("/export/reporting_status.csv", f"Bearer {token}"),
        ("/templates/360731/2024-03.xlsx", f"bearer   {token}"),
        ("/receipts/R000001.xlsx", f"BEARER {token} "),
        ("/export/nothing.csv", f"bEARER  {token}"),
    ]
    answers = [asked.request("GET", path, headers={"Authorization": said}) for path, said in attempts]
    assert [answer.status_code == 429 for answer in answers] == [False, False, True, True]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    query = asked.request("POST", json={"query": QUERY}, headers=headers["first"])
    assert query.status_code == 429
    assert asked.request("GET", "/export/reporting_status.csv").status_code == 200


def test_a_client_is_whom_a_trusted_proxy_asks_for(home: Home) -> None:
    app = create_app(home, ApiSettings(max_rate=1, trusted_proxies=("127.0.0.1", "10.0.0.0/8")))

    async def asked(path: str, forwarded: str, peer: str) -> Sequence[int]:
        transport = httpx.ASGITransport(app, client=(peer, 1))
        headers = {"X-Forwarded-For": forwarded}
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as some:
            return [(await some.get(path)).status_code for _ in range(4)]

    def slowed_down(path: str, forwarded: str, *, peer: str = "127.0.0.1") -> Sequence[bool]:
        return [status == 429 for status in asyncio.run(asked(path, forwarded, peer))]

    first_two_pass = [False, False, True, True]
    for path in ("/export/nothing.csv", "/graphql?query=%7B%20nothing%20%7D"):
        last = "1" if path.startswith("/export") else "2"
        assert slowed_down(path, f"192.0.2.{last}") == first_two_pass
        assert slowed_down(path, f"198.51.100.{last}") == first_two_pass
        # What a client says itself stands before what the proxies say of it.
        assert slowed_down(path, f"203.0.113.1, 192.0.2.{last}, 10.1.2.3") == [True] * 4
    # Who is no proxy is believed nothing.
    assert slowed_down("/export/nothing.csv", "192.0.2.8", peer="127.0.0.2") == first_two_pass
    assert slowed_down("/export/nothing.csv", "192.0.2.9", peer="127.0.0.2") == [True] * 4


# Bodies that do not come


def test_a_body_that_does_not_come_is_not_waited_for(
    home: Home, headers: Mapping[str, Mapping[str, str]]
) -> None:
    app = create_app(home, ApiSettings(body_seconds=1, max_request_bytes=10))
    json_type, form = (
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data; boundary=B"},
    )

    async def body(*parts: bytes) -> AsyncIterator[bytes]:
        for part in parts:
            yield part
        await asyncio.sleep(SECONDS)

    async def dripping() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.2)
            yield b" "

    async def statuses() -> Sequence[int]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test", timeout=SECONDS
        ) as some:
            sent = [
                (body(), json_type),
                (body(b"{"), json_type),
                (dripping(), json_type),
                (body(b"{"), {**json_type, **headers["city"]}),
                (body(b"--B"), {**form, **headers["city"]}),
                # The answer to who is refused anyway does not wait for long, either.
                (body(b"--B"), form),
                (body(b" " * 11), json_type),
            ]
            answers = await asyncio.gather(
                *[some.post("/graphql", content=content, headers=said) for content, said in sent]
            )
            assert "within 1 seconds" in answers[0].text
            assert answers[0].headers["connection"] == "close"
            healthy = await some.post("/graphql", content=b"{}", headers=json_type)
            return [answer.status_code for answer in (*answers, healthy)]

    began = time.monotonic()
    assert asyncio.run(statuses()) == [408, 408, 408, 408, 408, 403, 413, 400]
    assert time.monotonic() - began < SECONDS / 2


# Introspection

FILTERED = """query ($f: Filter) {
  breakdown(indicator: "x", by: [UNIT], from: "2024-01", to: "2024-02", filter: $f) { total } }"""


def test_who_may_not_read_the_schema_cannot_guess_it_either(home: Home) -> None:
    closed, open_ = client(home, introspection=False), client(home)
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'):
        assert "data" not in closed.post(query).json()
        assert "data" in open_.post(query).json()
    assert closed.data("{ __typename measures { __typename } }")["__typename"] == "Query"
    guesses: list[tuple[str, dict[str, Any]]] = [
        ("{ measurez { number } }", {}),
        ("{ measures { numbr } }", {}),
        ("{ measure(numbr: 1) { number } }", {}),
        ("{ units(kind: COUNTRY) { code } }", {}),
        ('{ breakdown(indicator: "x", by: [UNITS], from: "2024-01", to: "2024-02") { total } }', {}),
        ("query ($f: Filtr) { measures { number } }", {}),
        ("query ($k: UnitKind) { units(kind: $k) { code } }", {"k": "COUNTRY"}),
        (FILTERED, {"f": {"unitz": []}}),
    ]
    for query, variables in guesses:
        assert "Did you mean" in open_.post(query, **variables).text, query
        told = closed.post(query, **variables).text
        assert not any(hint in told for hint in ("Did you mean", "COUNTY", "chains")), told


# Metrics, logs, spans


def test_metrics_tell_what_was_asked_and_what_is_served(home: Home) -> None:
    asked = client(home)
    for _ in range(3):
        asked.post(QUERY)
    asked.post("{")
    asked.request("DELETE")
    found = numbers(asked)
    assert found["union7510_graphql_requests_total status=200"] == 3
    assert found["union7510_graphql_requests_total status=400"] == 1
    assert found["union7510_graphql_requests_total status=405"] == 1
    assert found["union7510_graphql_errors_total code=GRAPHQL_PARSE_FAILED"] == 1
    assert found["union7510_graphql_request_seconds_count cache=hit"] == 2
    assert found["union7510_graphql_request_seconds_count cache=miss"] == 3
    assert found["union7510_answer_cache_bytes"] > 0
    assert found["union7510_live_connections"] == 0
    assert found["union7510_ready"] == found["union7510_publication id=000001"] == 1
    assert found["union7510_publication_age_seconds"] > 0
    assert found["union7510_returns status=ACCEPTED"] >= 1


def test_files_are_counted_and_logged_too(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = client(home)
    path = "/export/reporting_status.csv"
    with caplog.at_level(logging.INFO, logger="graphql_api"):
        sent, unknown = asked.request("GET", path), asked.request("GET", "/export/nothing.csv")
        for error, status, code in (
            (duckdb.InterruptException("INTERRUPT"), 503, "TIMEOUT"),
            (MemoryError("secret"), 500, "INTERNAL_SERVER_ERROR"),
        ):
            monkeypatch.setitem(exports.EXPORTS, "reporting_status", Mock(side_effect=error))
            answer = asked.request("GET", path)
            assert answer.status_code == status
            [said] = answer.json()["errors"]
            assert said["extensions"]["code"] == code
            assert "secret" not in answer.text
            number = answer.headers["x-request-id"]
            assert said["extensions"].get("requestId", number) == number
    logged = [record.getMessage() for record in caplog.records if record.name == "graphql_api.requests"]
    assert logged[0].startswith(f"{sent.headers['x-request-id']} 200 answered in")
    assert logged[1].startswith(f"{unknown.headers['x-request-id']} 404 NOT_FOUND in")
    found = numbers(asked)
    for status in (200, 404, 500, 503):
        assert found[f"union7510_file_requests_total status={status}"] == 1
    assert found["union7510_file_errors_total code=TIMEOUT"] == 1
    assert found["union7510_file_request_seconds_count"] == 4


def test_metrics_before_the_first_publication(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = numbers(client(Home(tmp_path_factory.mktemp("empty"))))
    assert found["union7510_ready"] == 0
    assert not any(name.startswith("union7510_publication") for name in found)


def test_the_log_has_each_executed_request_under_its_number(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    asked = client(home)
    with caplog.at_level(logging.INFO, "graphql_api.requests"):
        answers = [asked.post(query) for query in (QUERY, QUERY, "{ nothing }")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len({*ids}) == 3
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    # The second was there already.
    assert [(line["request_id"], line["status"], line["codes"]) for line in lines] == [
        (ids[0], 200, []),
        (ids[2], 400, ["GRAPHQL_VALIDATION_FAILED"]),
    ]
    for line in lines:
        assert (line["level"], line["logger"]) == ("info", "graphql_api.requests")
        assert line["milliseconds"] > 0
        assert line["bytes"] > 0


def test_an_error_in_the_log_is_one_line_of_json() -> None:
    try:
        raise ValueError("断\n行")
    except ValueError as error:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "%s\n", ("x",), (type(error), error, None))
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "断" in json.loads(line)["exception"]


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield exporter
    provider.shutdown()


def test_each_executed_operation_is_a_span_of_its_client(home: Home, spans: InMemorySpanExporter) -> None:
    asked = client(home)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    body = {"query": "query Named { progress(year: 1) { value } }", "operationName": "Named"}
    answer = asked.request("POST", json=body, headers={"traceparent": parent})
    (span,) = spans.get_finished_spans()
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" == parent[3:-3]
    assert span.attributes is not None
    assert dict(span.attributes) == {
        "graphql.operation.name": "Named",
        "union7510.error_codes": "BAD_USER_INPUT",
        "union7510.request_id": answer.headers["x-request-id"],
    }
