"""The server as it is run in earnest: several workers, news in all of them, and its end."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from tests.reading_world import copied_home
from tests.support.processes import free_port, start
from tests.support.publications import publish_again
from tests.support.served import wait_until_ready
from warehouse.publications import PublicationStore

WORKERS = 2
#: So many new connections never all go to one of two workers.
CONNECTIONS = 24
SUBSCRIPTION = "subscription { publicationChanged { id } }"
PROTOCOL = Subprotocol("graphql-transport-ws")
#: Much less than a worker that waits for its connections would be given.
QUICKLY = 10


def test_workers_serve_as_one_and_end_together(tmp_path: Path) -> None:
    home, metrics = copied_home(tmp_path / "home"), tmp_path / "metrics"
    metrics.mkdir()
    _leave_numbers_of_a_killed_worker(metrics)
    port = free_port()
    address, environment = f"http://127.0.0.1:{port}", {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    options = "serve", "--port", str(port), "--workers", str(WORKERS)
    with start(home, *options, environment=environment) as process:
        wait_until_ready(process, address)
        _answers_as_one(address, metrics)

        async def lives() -> None:
            listening = [await _subscribed(address) for _ in range(CONNECTIONS)]
            assert _metric(address, "union7510_live_connections") == CONNECTIONS
            store = PublicationStore(home)
            published = publish_again(store, str(store.current_id()), store)
            assert {await _heard(each) for each in listening} == {published}
            await _ends(address, listening, lambda: process.send_signal(signal.SIGTERM))

        asyncio.run(lives())
        began = time.monotonic()
        assert process.wait(timeout=QUICKLY) == 0
        assert time.monotonic() - began < QUICKLY


def _leave_numbers_of_a_killed_worker(metrics: Path) -> None:
    left = MmapedDict(str(metrics / "gauge_livesum_999999999.db"))  # type: ignore[no-untyped-call]
    name = "union7510_live_connections"
    left.write_value(mmap_key(name, name, [], [], ""), 7.0, 0.0)  # type: ignore[no-untyped-call]
    left.close()  # type: ignore[no-untyped-call]


def _answers_as_one(address: str, metrics: Path) -> None:
    for _ in range(CONNECTIONS):
        answer = httpx.post(f"{address}/graphql", json={"query": "{ progress(year: 2024) { value } }"})
        assert len(answer.json()["data"]["progress"]) == 38
    # Whoever is asked tells of all.
    assert len([*metrics.glob("counter_*.db")]) == WORKERS
    for _ in range(4):
        assert _metric(address, "union7510_graphql_requests_total") == CONNECTIONS
    assert httpx.post(f"{address}/graphql", content=b"\xff" * 200_000).status_code in {413, 415}
    long = {"content": b" " * 200_000, "headers": {"Content-Type": "application/json"}}
    assert httpx.post(f"{address}/graphql", **long).status_code == 413  # type: ignore[arg-type]


def _metric(address: str, name: str) -> float:
    """The sum of a metric over its labels."""
    text = httpx.get(f"{address}/metrics").text
    families = text_string_to_metric_families(text)
    return sum(each.value for family in families for each in family.samples if each.name == name)


async def _subscribed(address: str) -> ClientConnection:
    socket = await connect(f"{address.replace('http', 'ws')}/graphql", subprotocols=[PROTOCOL])
    await socket.send('{"type": "connection_init"}')
    await socket.send(json.dumps({"type": "subscribe", "id": "a", "payload": {"query": SUBSCRIPTION}}))
    await socket.send(json.dumps({"type": "subscribe", "id": "b", "payload": {"query": "{ __typename }"}}))
    for _ in ("acknowledged", "an answer", "complete"):
        await socket.recv()
    return socket


async def _heard(socket: ClientConnection) -> str:
    answer = json.loads(await asyncio.wait_for(socket.recv(), QUICKLY))
    return str(answer["payload"]["data"]["publicationChanged"]["id"])


async def _ends(address: str, listening: Sequence[ClientConnection], stop: Callable[[], object]) -> None:
    """Whoever waits for news is told at once that the server ends."""
    async with httpx.AsyncClient(timeout=QUICKLY) as client:
        asked = {"json": {"query": SUBSCRIPTION}, "headers": {"Accept": "text/event-stream"}}
        async with client.stream("POST", f"{address}/graphql", **asked) as stream:  # type: ignore[arg-type]
            events = stream.aiter_text()
            assert await anext(events) == ":\n\n"
            stop()
            assert [event async for event in events] == ["event: complete\ndata: \n\n"]
    for socket in listening:
        # Which says to a client that it may connect again.
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), QUICKLY)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.GOING_AWAY
