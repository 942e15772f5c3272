"""Subscriptions: graphql-transport-ws and server-sent events, their limits, and their end."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession

from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from tests.reading_world import copied_home
from tests.support.metrics import numbers_of
from tests.support.publications import publish_again
from warehouse.publications import PublicationStore
from warehouse.settings import Home

PROTOCOL = "graphql-transport-ws"
SUBSCRIPTION = "subscription { publicationChanged { id current } }"
MEASURE = "{ measure(number: 1) { number } }"
EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return copied_home(tmp_path_factory.mktemp("live"))


@pytest.fixture(scope="module")
def client(home: Home) -> Iterator[TestClient]:
    settings = ApiSettings(
        websocket_init_seconds=1,
        websocket_operations=2,
        max_live_connections_of_a_client=2,
        max_request_bytes=5_000,
        max_depth=3,
    )
    with TestClient(create_app(home, settings)) as client:
        yield client


def publish_next(home: Home) -> str:
    store = PublicationStore(home)
    return publish_again(store, str(store.current_id()), store)


def connect(client: TestClient) -> Any:
    return client.websocket_connect("/graphql", subprotocols=[PROTOCOL])


def initialise(socket: WebSocketTestSession, **payload: str) -> None:
    socket.send_json({"type": "connection_init", "payload": payload})
    assert socket.receive_json() == {"type": "connection_ack"}


def subscribe(socket: WebSocketTestSession, identifier: str, query: str, **variables: Any) -> None:
    payload = {"query": query, "variables": variables}
    socket.send_json({"type": "subscribe", "id": identifier, "payload": payload})


def sync(socket: WebSocketTestSession) -> None:
    """Until the server has read all that was sent, and has begun to wait."""
    socket.send_json({"type": "ping", "payload": {"n": 1}})
    assert socket.receive_json() == {"type": "pong", "payload": {"n": 1}}
    subscribe(socket, "sync", "{ __typename }")
    assert [socket.receive_json()["type"] for _ in range(2)] == ["next", "complete"]


def closing_code(socket: WebSocketTestSession) -> int:
    """The code with which the server closes."""
    while (message := socket.receive())["type"] != "websocket.close":
        pass
    return int(message["code"])


def test_who_waits_hears_of_every_publication(client: TestClient, home: Home) -> None:
    with connect(client) as socket:
        initialise(socket)
        subscribe(socket, "a", SUBSCRIPTION)
        sync(socket)
        for _ in range(2):
            published = publish_next(home)
            data = {"publicationChanged": {"id": published, "current": True}}
            assert socket.receive_json() == {"type": "next", "id": "a", "payload": {"data": data}}
        socket.send_json({"type": "complete", "id": "a"})
        # The identifier is free again.
        subscribe(socket, "a", "{ measure(number: 1) { number } }")
        data = {"measure": {"number": 1}}
        assert socket.receive_json() == {"type": "next", "id": "a", "payload": {"data": data}}
        assert socket.receive_json() == {"type": "complete", "id": "a"}


def test_what_cannot_be_executed_is_an_error_of_its_operation(client: TestClient) -> None:
    with connect(client) as socket:
        initialise(socket)
        for query, code in (
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ measures { indicators { measure { number } } } }", "QUERY_TOO_LARGE"),
            ("query ($n: Int!) { measure(number: $n) { number } }", "BAD_USER_INPUT"),
        ):
            subscribe(socket, "a", query)
            answer = socket.receive_json()
            assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", code)


def test_errors_of_fields_are_answers(client: TestClient) -> None:
    with connect(client) as socket:
        initialise(socket)
        subscribe(socket, "a", "{ progress(year: 1) { value } }")
        answer = socket.receive_json()
        assert (answer["type"], answer["payload"]["data"]) == ("next", None)


def test_more_operations_than_allowed_on_one_connection(client: TestClient) -> None:
    with connect(client) as socket:
        initialise(socket)
        for identifier in "abc":
            subscribe(socket, identifier, SUBSCRIPTION)
        answer = socket.receive_json()
        assert (answer["type"], answer["id"]) == ("error", "c")
        assert answer["payload"][0]["extensions"]["code"] == "BUSY"


_INIT = '{"type": "connection_init"}'
_SUBSCRIBE = json.dumps({"type": "subscribe", "id": "a", "payload": {"query": SUBSCRIPTION}})
_BROKEN = [
    (4401, [_SUBSCRIBE]),
    (4429, [_INIT, _INIT]),
    (4409, [_INIT, _SUBSCRIBE, _SUBSCRIBE]),
    (4400, ["nonsense"]),
    (4400, ["null"]),
    (4400, ['{"type": "start"}']),
    (4400, ["[" * 4_000]),
    (4400, ['{"type": "connection_init", "payload": 1}']),
    (4400, [_INIT, '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}']),
    (4400, [_INIT, '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}']),
    (4400, [_INIT, '{"type": "subscribe", "id": "a"}']),
    (4400, [_INIT, '{"type": "subscribe", "id": "a", "payload": {"query": 1}}']),
    (4400, [_INIT, '{"type": "complete"}']),
    (1009, [_INIT, " " * 6_000]),
    (4403, ['{"type": "connection_init", "payload": {"Authorization": "Bearer unknown"}}']),
    # A client that meant to say who it is is never taken for the public.
    (4403, ['{"type": "connection_init", "payload": {"Authorization": 5}}']),
    (4403, ['{"type": "connection_init", "payload": {"Authorization": null, "authorization": null}}']),
    (4408, []),
]


@pytest.mark.parametrize(("code", "messages"), _BROKEN, ids=range(len(_BROKEN)))
def test_broken_protocol_closes_the_connection(client: TestClient, code: int, messages: list[str]) -> None:
    with connect(client) as socket:
        for message in messages:
            socket.send_text(message)
        assert closing_code(socket) == code


def test_binary_messages_close_the_connection(client: TestClient) -> None:
    with connect(client) as socket:
        socket.send_bytes(b"\0")
        assert closing_code(socket) == 4400


@pytest.mark.parametrize("protocols", [[], ["graphql-ws"]])
def test_other_subprotocols_are_not_spoken(client: TestClient, protocols: list[str]) -> None:
    with client.websocket_connect("/graphql", subprotocols=protocols) as socket:
        assert closing_code(socket) == 4406


def test_more_connections_than_allowed(client: TestClient) -> None:
    with connect(client) as one, connect(client) as two, connect(client) as three:
        initialise(one)
        initialise(two)
        assert closing_code(three) == 1013
        refused = client.post("/graphql", json={"query": SUBSCRIPTION}, headers=EVENTS)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")


def test_idle_connections_are_closed(home: Home) -> None:
    settings = ApiSettings(websocket_idle_seconds=1)
    with TestClient(create_app(home, settings)) as client:
        with connect(client) as unused:
            initialise(unused)
            assert closing_code(unused) in {1000, 1001}
        with connect(client) as silent:
            initialise(silent)
            subscribe(silent, "a", SUBSCRIPTION)
            assert silent.receive_json() == {"type": "ping"}
            assert closing_code(silent) == 1001


# Server-sent events. Starlette's test client reads a stream when it has ended; streams that go on are read by
# other clients in test_graphql_clients.


def test_a_query_as_a_stream(client: TestClient) -> None:
    query = "{ measure(number: 1) { number } }"
    for answer in (
        client.post("/graphql", json={"query": query}, headers=EVENTS),
        client.get("/graphql", params={"query": query}, headers=EVENTS),
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text == (
            ':\n\nevent: next\ndata: {"data": {"measure": {"number": 1}}}\n\nevent: complete\ndata: \n\n'
        )


def test_a_stream_of_what_cannot_be_executed(client: TestClient) -> None:
    answer = client.post("/graphql", json={"query": "{ nothing }"}, headers=EVENTS)
    assert (answer.status_code, "errors" in answer.json()) == (400, True)


def test_what_goes_on_over_connections_is_counted_and_logged(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO, logger="graphql_api.requests"),
        TestClient(create_app(home, ApiSettings())) as alone,
    ):
        with connect(alone) as socket:
            initialise(socket)
            subscribe(socket, "a", SUBSCRIPTION)
            sync(socket)
            publish_next(home)
            assert socket.receive_json()["id"] == "a"
            socket.send_json({"type": "complete", "id": "a"})
            subscribe(socket, "b", "{ nothing }")
            assert socket.receive_json()["type"] == "error"
            subscribe(socket, "c", "{ progress(year: 1) { value } }")
            assert [socket.receive_json()["type"] for _ in range(2)] == ["next", "complete"]
        assert "measure" in alone.post("/graphql", json={"query": MEASURE}, headers=EVENTS).text
        found = numbers_of(alone.get("/metrics").text)
    # Those of the connection: the subscription, the one of `sync`, two wrong ones; and the stream.
    assert found["union7510_live_operations_total"] == 5
    assert found["union7510_live_answers_total"] == 4
    assert found["union7510_graphql_errors_total code=GRAPHQL_VALIDATION_FAILED"] == 1
    assert found["union7510_graphql_errors_total code=BAD_USER_INPUT"] == 1
    assert len([each for each in caplog.messages if " live " in each]) == 5


def test_the_schema_has_the_subscription(client: TestClient) -> None:
    query = '{ __type(name: "Subscription") { fields { name } } }'
    answer = client.post("/graphql", json={"query": query}).json()
    assert answer["data"]["__type"]["fields"] == [{"name": "publicationChanged"}]


def test_before_the_first_publication(tmp_path: Path, home: Home) -> None:
    empty = Home(tmp_path)
    with TestClient(create_app(empty, ApiSettings())) as client, connect(client) as socket:
        initialise(socket)
        subscribe(socket, "a", SUBSCRIPTION)
        subscribe(socket, "b", "{ measures { number } }")
        answer = socket.receive_json()
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", "NO_PUBLICATION")
        store = PublicationStore(home)
        published = publish_again(store, str(store.current_id()), PublicationStore(empty))
        assert socket.receive_json()["payload"]["data"]["publicationChanged"]["id"] == published
