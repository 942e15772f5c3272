"""Tokens on the command line, and what a request may see by the token that it brings."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from etl.cli.main import command
from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.reading_world import FIRST, HEALTH, SECOND, copied_home
from warehouse.reading import Viewer
from warehouse.reading.discretion import file_name_for_all
from warehouse.settings import Home

SMALL = (
    f'{{ progress(year: 2024, through: "2024-01", indicators: ["{HEALTH}"], unit: "%s") {{ value state }} }}'
)
ROWS = f'{{ progress(year: 2024, indicators: ["{HEALTH}"]%s) {{ contributions {{ totalCount }} }} }}'
CONTENTS = """{ returns(first: 100) { edges { node { id unit { code } fileName
    issues { edges { node { rule severity sheet cell label found expected messageZh messageEn } } } } } } }"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return copied_home(tmp_path_factory.mktemp("roles"))


@pytest.fixture(scope="module")
def client(served: Home) -> Client:
    return Client(create_app(served, ApiSettings()))


@pytest.fixture(autouse=True)
def _in_the_home(served: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNION7510_HOME", str(served.root))


@pytest.fixture(scope="module")
def headers(served: Home) -> Iterator[dict[str, dict[str, str]]]:
    """The header of each role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNION7510_HOME", str(served.root))
        yield {
            "public": {},
            "first": bearer(made("--role", "unit", "--unit", "于都县")["token"]),
            "second": bearer(made("--role", "unit", "--unit", SECOND)["token"]),
            "analyst": bearer(made("--role", "analyst")["token"]),
            "city": bearer(made("--role", "city")["token"]),
        }


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["token", *arguments])


def made(*arguments: str) -> Any:
    result = run("create", *arguments, "--note", "测试", "--by", "tester", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


# Tokens


def test_a_token_is_shown_once_and_kept_as_its_hash(served: Home) -> None:
    result = run(
        "create", "--role", "unit", "--unit", FIRST, "--note", "于都县工会", "--expires", "2999-12-31"
    )
    assert result.exit_code == 0
    secret = result.stdout.strip()
    assert re.fullmatch(r"u7510_[A-Za-z0-9_-]{43}", secret)
    assert "this once" in result.stderr
    kept = "".join(path.read_text() for path in served.tokens.glob("*.json"))
    assert secret not in kept
    assert hashlib.sha256(secret.encode()).hexdigest() in kept
    listed = json.loads(run("list", "--json").stdout)[0]
    assert (listed["role"], listed["unit"], listed["state"], listed["note"]) == (
        "unit",
        FIRST,
        "valid",
        "于都县工会",
    )
    assert listed["expiresAt"] == "3000-01-01T00:00:00+08:00"
    assert secret not in json.dumps(listed)
    assert "until" not in run("list").stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--role", "unit"], "needs --unit"),
        (["--role", "city", "--unit", FIRST], "takes no --unit"),
        (["--role", "unit", "--unit", "北京市"], "is no unit"),
        (["--role", "public"], "public"),
        (["--role", "city", "--expires", "2020-01-01"], "is over"),
        (["--role", "city", "--expires", "soon"], "is no day"),
    ],
)
def test_a_wrong_call_makes_no_token(arguments: list[str], words: str, served: Home) -> None:
    before = {*served.tokens.glob("*")}
    result = run("create", *arguments, "--note", "x")
    assert result.exit_code == 2
    assert words in result.stderr
    assert {*served.tokens.glob("*")} == before


def test_a_revoked_token_is_refused_at_once(client: Client) -> None:
    token = made("--role", "city")
    asked = {"query": "{ measures { number } }"}
    assert client.request("POST", headers=bearer(token["token"]), json=asked).status_code == 200
    assert run("revoke", token["id"]).exit_code == 0
    answer = client.request("POST", headers=bearer(token["token"]), json=asked)
    assert answer.status_code == 401
    assert "revoked" in answer.json()["errors"][0]["message"]
    again = json.loads(run("revoke", token["id"], "--json").stdout)
    assert again["state"] == "revoked"
    assert run("revoke", "T999999").exit_code == 2


def test_an_expired_token_is_refused(served: Home) -> None:
    token = made("--role", "city", "--expires", "2999-12-31")
    (path,) = (path for path in served.tokens.glob("*.json") if token["id"] in path.read_text())
    # As if years had gone by; the client is a server that starts then.
    path.write_text(path.read_text().replace("3000-01-01", "2024-01-01"))
    later = Client(create_app(served, ApiSettings()))
    answer = later.request("POST", headers=bearer(token["token"]), json={"query": "{ measures { number } }"})
    assert answer.status_code == 401
    assert "expired" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer u7510_wrong",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "u7510_x",
        "Bearer a b",
        "",
        "Bearer 令",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_header_is_never_the_public(client: Client, header: str, method: str) -> None:
    query = "{ measures { number } }"
    options: dict[str, Any] = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
    answer = client.request(method, headers={"Authorization": header.encode()}, **options)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "data" not in answer.json()


def test_two_headers_are_refused(client: Client, headers: dict[str, dict[str, str]]) -> None:
    several = [("Authorization", headers[role]["Authorization"]) for role in ("city", "analyst")]
    answer = client.request("POST", headers=several, json={"query": "{ measures { number } }"})
    assert answer.status_code == 401


# Roles


def ask(client: Client, header: dict[str, str], query: str) -> Any:
    return client.request("POST", headers=header, json={"query": query}).json()


@pytest.mark.parametrize(
    ("role", "unit", "shown"),
    [
        ("public", FIRST, False),
        ("first", FIRST, True),
        ("second", FIRST, False),
        ("analyst", FIRST, True),
        ("city", FIRST, True),
    ],
)
def test_small_numbers(
    client: Client, headers: dict[str, dict[str, str]], role: str, unit: str, shown: bool
) -> None:
    (found,) = ask(client, headers[role], SMALL % unit)["data"]["progress"]
    assert found == ({"value": "5", "state": "REPORTED"} if shown else {"value": None, "state": "SUPPRESSED"})


@pytest.mark.parametrize(
    ("role", "unit", "shown"),
    [
        ("public", None, False),
        ("public", FIRST, False),
        ("analyst", None, False),
        ("analyst", FIRST, False),
        ("first", None, False),
        ("first", FIRST, True),
        ("first", SECOND, False),
        ("city", None, True),
        ("city", SECOND, True),
    ],
)
def test_rows(
    client: Client, headers: dict[str, dict[str, str]], role: str, unit: str | None, shown: bool
) -> None:
    answer = ask(client, headers[role], ROWS % ("" if unit is None else f', unit: "{unit}"'))
    if shown:
        assert answer["data"]["progress"][0]["contributions"]["totalCount"] > 0
    else:
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


@pytest.mark.parametrize("role", ["public", "first", "second", "analyst", "city"])
def test_what_stands_in_a_return(client: Client, headers: dict[str, dict[str, str]], role: str) -> None:
    own = {"first": FIRST, "second": SECOND}.get(role)
    told = ask(client, headers["city"], CONTENTS)["data"]["returns"]["edges"]
    found = ask(client, headers[role], CONTENTS)["data"]["returns"]["edges"]
    assert [edge["node"]["id"] for edge in found] == [edge["node"]["id"] for edge in told]
    hidden = 0
    for edge, whole in zip(found, told, strict=True):
        shown, all_of_it = edge["node"], whole["node"]
        if role == "city" or shown["unit"]["code"] == own:
            assert shown == all_of_it
            continue
        for issue, full in zip(shown["issues"]["edges"], all_of_it["issues"]["edges"], strict=True):
            hidden += full["node"]["found"] is not None
            assert issue["node"]["found"] is None
            assert (issue["node"]["rule"], issue["node"]["cell"]) == (
                full["node"]["rule"],
                full["node"]["cell"],
            )
            assert issue["node"]["messageZh"]
            assert issue["node"]["messageEn"]
    assert hidden or role in {"city", "first"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("于都县_2024-03_师带徒.csv", True),
        ("于都县2024年3月报表（定稿）(2).xlsx", True),
        ("360731_2024-03.xlsx", True),
        ("张三_于都县_2024-03.xlsx", False),
        ("Zhang San 2024-03.xlsx", False),
        ("于都县", False),
    ],
)
def test_a_name_of_a_file_is_public_when_it_names_nobody(name: str, shown: bool) -> None:
    told = file_name_for_all(name, "R000001")
    assert told == name if shown else told.startswith("R000001")


def test_a_viewer_has_a_unit_exactly_when_it_is_one() -> None:
    assert Viewer.of_unit(FIRST) == Viewer.of_unit(FIRST)
    assert len({Viewer.PUBLIC, Viewer.CITY, Viewer.of_unit(FIRST), Viewer.of_unit(SECOND)}) == 4
    for role, unit in ((Viewer.CITY.role, FIRST), (Viewer.of_unit(FIRST).role, None)):
        with pytest.raises(ValueError, match="unit"):
            Viewer(role, unit)


@pytest.mark.parametrize("role", ["city", "analyst"])
def test_only_the_public_is_served_to_other_machines(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    monkeypatch.setenv("UNION7510_VIEWER", role)
    result = CliRunner().invoke(command, ["serve", "--host", "0.0.0.0"])  # noqa: S104 - it is refused
    assert result.exit_code == 2
    assert "token" in result.stderr
