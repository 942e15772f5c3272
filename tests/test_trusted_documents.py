"""Trusted documents: asked for by their hash, or the only ones that are served."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from graphql_api.app import create_app
from graphql_api.settings import ApiSettings, SettingsError
from tests.graphql_client import GRAPHQL_RESPONSE, Client
from tests.reading_world import published_home

LISTED = "query Named($n: Int!) { measure(number: $n) { number } }"
OTHER = "{ measures { number } }"
ANSWER = {"data": {"measure": {"number": 2}}}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "documents.json"
    file.write_text(json.dumps({sha256(LISTED): LISTED}))
    return file


def client(file: Path, *, only: bool = False) -> Client:
    settings = ApiSettings(trusted_documents=(file,), trusted_only=only)
    return Client(create_app(published_home(), settings))


def ask(client: Client, **parameters: Any) -> httpx.Response:
    return client.request("POST", json=parameters, headers={"Accept": GRAPHQL_RESPONSE})


def code(answer: httpx.Response) -> tuple[int, str]:
    (error,) = answer.json()["errors"]
    assert len(error["message"]) > 40
    return answer.status_code, error["extensions"]["code"]


@pytest.mark.parametrize("only", [False, True])
def test_a_listed_document_is_asked_for_by_its_hash(listed: Path, only: bool) -> None:
    asked = client(listed, only=only)
    for document_id in (sha256(LISTED), f"sha256:{sha256(LISTED)}", sha256(LISTED).upper()):
        assert ask(asked, documentId=document_id, variables={"n": 2}).json() == ANSWER
    by_get = {"documentId": sha256(LISTED), "variables": '{"n": 2}'}
    assert asked.request("GET", params=by_get).json() == ANSWER
    # Its text is as good as its hash.
    assert ask(asked, query=LISTED, variables={"n": 2}).json() == ANSWER
    for unknown in (sha256(OTHER), "x", ""):
        assert code(ask(asked, documentId=unknown)) == (400, "DOCUMENT_NOT_FOUND")


def test_in_strict_mode_nothing_else_is_executed(listed: Path) -> None:
    strict = client(listed, only=True)
    for query in (OTHER, f"{LISTED} ", "{ __schema { types { name } } }", "{"):
        assert code(ask(strict, query=query)) == (400, "DOCUMENT_NOT_TRUSTED")
        events = strict.request("POST", json={"query": query}, headers={"Accept": "text/event-stream"})
        assert code(events) == (400, "DOCUMENT_NOT_TRUSTED")
    # The others still are, where it is off.
    assert "data" in ask(client(listed), query=OTHER).json()


@pytest.mark.parametrize(
    "parameters",
    [{"query": LISTED, "documentId": sha256(LISTED)}, {"documentId": 1}, {"documentId": None}, {}],
)
def test_what_names_no_document_is_refused(listed: Path, parameters: dict[str, Any]) -> None:
    answer = ask(client(listed), **parameters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


def test_the_manifest_of_apollos_tools_is_a_list_too(tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    operation = {"id": sha256(LISTED), "name": "Named", "type": "query", "body": LISTED}
    file.write_text(json.dumps({"format": "apollo-persisted-query-manifest", "operations": [operation]}))
    assert ask(client(file), documentId=sha256(LISTED), variables={"n": 2}).json() == ANSWER


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "cannot be read"),
        ("[]", "is no list"),
        (json.dumps({sha256(OTHER): LISTED}), "another hash"),
        (json.dumps({sha256(OTHER): 1}), "has no text"),
        ("{}", "names no document"),
    ],
    ids=["empty", "array", "hash", "number", "nothing"],
)
def test_a_list_that_is_wrong_stops_the_server_in_words(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "documents.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match=words):
        client(file, only=True)
