"""The application in the server that runs it in earnest."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.reading_world import copied_home

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_granian_serves_the_application(tmp_path: Path) -> None:
    home = copied_home(tmp_path)
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "graphql_api.app:create_app"],
        cwd=ROOT,
        env={**os.environ, "UNION7510_HOME": str(home.root), "UNION7510_VIEWER": "city"},
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_until_healthy(client, server)
            assert client.get("/readyz").json()["publication"] == "000001"
            answer = client.post("/graphql", json={"query": "{ progress(year: 2024) { value state } }"})
            assert answer.status_code == 200
            assert len(answer.json()["data"]["progress"]) == 38
            assert client.post("/graphql", content=b"\xff" * 200_000).status_code in {413, 415}
            long = client.post(
                "/graphql", content=b" " * 200_000, headers={"Content-Type": "application/json"}
            )
            assert long.status_code == 413
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_until_healthy(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers, which takes some seconds on a busy machine."""
    for _ in range(200):
        assert server.poll() is None
        try:
            if client.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the server did not start")
