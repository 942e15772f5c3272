"""Other people's programs work with the server: the public suite of audits, and the clients dashboards use.

What belongs here: one served publication, and each program once over it. What does not: the details of the
protocols (``test_graphql_http``, ``test_graphql_live``).
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from gql.transport.websockets import WebsocketsTransport

from tests.reading_world import copied_home
from tests.support.publications import publish_again
from tests.support.served import served
from warehouse.publications import PublicationStore
from warehouse.settings import Home

ROOT = Path(__file__).parent.parent
CLIENTS = ROOT / "tests" / "clients"
#: Longer than any of the programs takes, in seconds.
PATIENCE = 120
#: Between two publications, while a client waits for one, in seconds.
INTERVAL = 1

NODE = shutil.which("node")

needs_node = pytest.mark.skipif(
    NODE is None or not (CLIENTS / "node_modules" / "graphql-http").is_dir(),
    reason="Node's clients are not installed: it takes Node 20 with npm, and `make clients`",
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """A folder with what relay-compiler makes of the front end in tests/clients/relay; None without Node."""
    compiler = CLIENTS / "node_modules" / "relay-compiler" / "cli.js"
    if NODE is None or not compiler.is_file():
        return None
    folder = tmp_path_factory.mktemp("relay") / "front-end"
    shutil.copytree(CLIENTS / "relay", folder)
    shutil.copy(ROOT / "schema.graphql", folder)
    (folder / "artifacts").mkdir()
    (folder / "persisted.json").write_text("{}")  # the compiler adds to it
    done = subprocess.run(
        [NODE, compiler, "relay.config.json"],
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return copied_home(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def address(home: Home, compiled: Path | None) -> Iterator[str]:
    with served(home, trusted_documents=(compiled / "persisted.json") if compiled else "") as address:
        yield f"{address}/graphql"


@contextmanager
def publishing(home: Home) -> Iterator[None]:
    """Again and again another publication goes live: whoever subscribes hears of one."""
    store, ended = PublicationStore(home), threading.Event()

    def publish() -> None:
        while not ended.wait(INTERVAL):
            publish_again(store, str(store.current_id()), store)

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        yield
    finally:
        ended.set()
        publisher.join()


def node(script: str, *arguments: str | Path) -> str:
    """What a script of tests/clients prints."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, CLIENTS / script, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@needs_node
def test_all_audits_of_graphql_over_http_pass(address: str) -> None:
    audits = [line.split("\t") for line in node("audit.mjs", address).splitlines()]
    assert [audit for audit in audits if audit[0] != "ok"] == []
    assert len(audits) == 61


@pytest.fixture(scope="module")
def outcomes(address: str, home: Home, compiled: Path) -> Mapping[str, str]:
    """What became of each client of tests/clients/all.mjs: one process for all of them."""
    with publishing(home):
        lines = node("all.mjs", address, compiled).splitlines()
    return dict(line.split("\t", 1) for line in lines)


@needs_node
@pytest.mark.parametrize("client", ["types", "relay", "apollo", "urql", "streams"])
def test_a_client_of_front_ends_works(outcomes: Mapping[str, str], client: str) -> None:
    assert outcomes[client] == "ok"


PROGRESS = gql("query ($year: Int!) { progress(year: $year) { indicator { code } value state } }")


def test_pythons_gql_over_http_knows_the_schema(address: str) -> None:
    transport = HTTPXTransport(address, trust_env=False)
    with Client(transport=transport, fetch_schema_from_transport=True) as client:
        PROGRESS.variable_values = {"year": 2024}
        assert len(client.execute(PROGRESS)["progress"]) == 38
        PROGRESS.variable_values = {"year": 1900}
        with pytest.raises(TransportQueryError) as refused:
            client.execute(PROGRESS)
        assert (refused.value.errors or [{}])[0]["extensions"]["argument"] == "year"


def test_pythons_gql_over_a_websocket_hears_of_publications(address: str, home: Home) -> None:
    async def first_heard() -> Any:
        # By default it offers an older protocol too, and does not hear which one the server took: it looks
        # for the header in capitals, which HTTP does not distinguish.
        protocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
        transport = WebsocketsTransport(address.replace("http", "ws"), subprotocols=protocols)
        async with Client(transport=transport) as session:
            return await anext(session.subscribe(gql("subscription { publicationChanged { id current } }")))

    with publishing(home):
        heard = asyncio.run(first_heard())
    assert heard["publicationChanged"]["current"] is True
