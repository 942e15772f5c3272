"""Tokens of an OpenID Connect issuer: which prove a role, and which prove nothing."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from graphql_api import identity_provider
from graphql_api.app import create_app
from graphql_api.settings import ApiSettings, SettingsError
from tests.graphql_client import Client
from tests.reading_world import FIRST, copied_home
from warehouse.settings import Home

ISSUER, AUDIENCE = "https://login.example", "union7510"
KEY, OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def key_set(private: ec.EllipticCurvePrivateKey = KEY, kid: str = "1") -> str:
    numbers = private.public_key().public_numbers()
    x, y = (
        base64.urlsafe_b64encode(one.to_bytes(32, "big")).decode().rstrip("=")
        for one in (numbers.x, numbers.y)
    )
    key = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "alg": "ES256", "use": "sig"}
    return json.dumps({"keys": [key]})


def token(key: Any = KEY, algorithm: str = "ES256", kid: str = "1", **claims: Any) -> str:
    expires = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)
    whole = {"iss": ISSUER, "aud": AUDIENCE, "exp": expires, "role": "city", **claims}
    said = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(said, key, algorithm, headers={"kid": kid})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return copied_home(tmp_path_factory.mktemp("oidc"))


@dataclass
class Issuer:
    """A server that gives keys: which ones, whether it does, and how often it has been asked."""

    address: str = ""
    keys: str = field(default_factory=key_set)
    status: int = 200
    asked: int = 0


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    known = Issuer()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked += 1
            self.send_response(known.status)
            self.end_headers()
            self.wfile.write(known.keys.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    known.address = f"http://127.0.0.1:{server.server_port}/keys"
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module", params=["file", "address"])
def client(request: pytest.FixtureRequest, home: Home, tmp_path_factory: pytest.TempPathFactory) -> Client:
    keys = request.getfixturevalue("issuer").address
    if request.param == "file":
        path: Path = tmp_path_factory.mktemp("keys") / "keys.json"
        path.write_text(key_set())
        keys = str(path)
    return application(home, keys)


def application(home: Home, keys: str) -> Client:
    settings = ApiSettings(
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_keys=keys,
        oidc_roles="city=city,unit=county-users,analyst=statistics",
    )
    return Client(create_app(home, settings))


def me(client: Client, secret: str) -> tuple[int, Mapping[str, Any]]:
    answer = client.request(
        "POST",
        headers={"Authorization": f"Bearer {secret}"},
        json={"query": "{ me { role unit { code } } }"},
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("claims", "role", "unit"),
    [
        ({}, "CITY", None),
        ({"role": ["somebody", "statistics"]}, "ANALYST", None),
        ({"role": "county-users", "unit": FIRST}, "UNIT", FIRST),
        ({"role": ["county-users", "city"], "unit": FIRST}, "CITY", None),
    ],
)
def test_claims_say_the_role(client: Client, claims: dict[str, Any], role: str, unit: str | None) -> None:
    status, answer = me(client, token(**claims))
    assert status == 200, answer
    found = answer["data"]["me"]
    assert (found["role"], found["unit"] and found["unit"]["code"]) == (role, unit)


@pytest.mark.parametrize(
    "secret",
    [
        token(exp=dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
        token(exp=None),
        token(iss="https://other.example"),
        token(aud="others"),
        token(aud=None),
        token(key=OTHER_KEY),
        token(kid="2"),
        token(key=b"x" * 32, algorithm="HS256"),
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "role": "city"}, "", "none"),
        token(role=None),
        token(role="unit", unit=FIRST),
        token(role="county-users"),
        token(role="county-users", unit="000000"),
        token(role=1),
        "u7510_not-one-of-ours",
        "nonsense",
    ],
)
def test_what_proves_nothing_is_refused(client: Client, secret: str) -> None:
    status, answer = me(client, secret)
    assert status == 401
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


def test_the_issuer_is_not_asked_for_every_key_that_somebody_makes_up(home: Home, issuer: Issuer) -> None:
    client, before = application(home, issuer.address), issuer.asked
    assert [me(client, token(kid=f"made up {number}"))[0] for number in range(5)] == [401] * 5
    assert me(client, token())[0] == 200
    assert issuer.asked == before + 1


def test_keys_that_are_changed_are_found(home: Home, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    client = application(home, issuer.address)
    assert me(client, token())[0] == 200
    new = token(key=OTHER_KEY, kid="2")
    assert me(client, new)[0] == 401
    monkeypatch.setattr(identity_provider, "FETCHED_AGAIN", 0)
    monkeypatch.setattr(issuer, "keys", key_set(OTHER_KEY, "2"))
    assert me(client, new)[0] == 200
    assert me(client, token())[0] == 401


@pytest.mark.parametrize("of_file", [False, True])
def test_an_issuer_that_is_away_locks_nobody_out(
    home: Home, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, of_file: bool
) -> None:
    path = tmp_path / "keys.json"
    client = application(home, str(path) if of_file else issuer.address)
    monkeypatch.setattr(issuer, "status", 500)
    # Nobody can tell yet whether the token is a good one, so its owner is not told to log in again.
    status, answer = me(client, token())
    assert status == 503
    assert answer["errors"][0]["extensions"]["code"] == "ISSUER_UNAVAILABLE"
    assert issuer.address not in str(answer)
    assert str(path) not in str(answer)
    said = {"Authorization": f"Bearer {token()}"}
    file = client.request("GET", "/export/reporting_status.csv", headers=said)
    assert (file.status_code, int(file.headers["retry-after"]) > 0) == (503, True)
    monkeypatch.setattr(identity_provider, "FETCHED_AGAIN", 0)
    monkeypatch.setattr(issuer, "status", 200)
    path.write_text(key_set())
    assert me(client, token())[0] == 200
    # What was had once counts until something else can be had.
    monkeypatch.setattr(identity_provider, "_KEYS_KEPT", 0)
    monkeypatch.setattr(issuer, "status", 500)
    path.unlink()
    assert me(client, token())[0] == 200


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"oidc_issuer": ISSUER, "oidc_keys": "keys.json"}, "UNION7510_OIDC_AUDIENCE"),
        ({"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE}, "UNION7510_OIDC_KEYS"),
        (
            {"oidc_issuer": ISSUER, "oidc_audience": "a", "oidc_keys": "k", "oidc_roles": "boss=x"},
            "UNION7510_OIDC_ROLES",
        ),
    ],
)
def test_settings_that_lack_something_are_told(home: Home, settings: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        create_app(home, ApiSettings(**settings))  # type: ignore[arg-type]
