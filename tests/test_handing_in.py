"""Handing a file in through GraphQL: by whom, in what form, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.intake.workbooks import csv_file, sheet
from tests.support.pipeline import publish
from warehouse.landing import Landing
from warehouse.reading import Viewer
from warehouse.settings import Home
from warehouse.tokens import TokenLog

UNIT, OTHER = "360731", "360732"
GOOD = csv_file(sheet("师带徒"), "于都县_2024-03_师带徒.csv")
SUBMIT = """mutation ($file: Upload!, $unit: ID, $period: YearMonth, $dryRun: Boolean! = false) {
  submitReturn(file: $file, unit: $unit, period: $period, dryRun: $dryRun) {
    accepted duplicate returnId issues { rule severity cell messageZh }
    return { id unit { code nameZh } period revision status fileName sha256 rowsAccepted rowsHeldOut
      issueCounts { severity count } issues { totalCount edges { node { rule } } } decisions { id } } } }"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home without a publication: the first return is handed in before there is one."""
    return Home(tmp_path_factory.mktemp("handing-in") / "home")


@pytest.fixture(scope="module")
def client(served: Home) -> Client:
    return Client(create_app(served, ApiSettings(max_upload_bytes=200_000)))


@pytest.fixture(scope="module")
def tokens(served: Home) -> Mapping[str, str]:
    viewers = {
        "unit": Viewer.of_unit(UNIT),
        "other": Viewer.of_unit(OTHER),
        "analyst": Viewer.ANALYST,
        "city": Viewer.CITY,
    }
    return {name: TokenLog(served).create(viewer, note=name, by=None)[0] for name, viewer in viewers.items()}


def hand_in(
    client: Client,
    token: str | None,
    content: bytes = GOOD.content,
    name: str = GOOD.name,
    headers: Mapping[str, str] | None = None,
    **variables: Any,
) -> httpx.Response:
    operations = {"query": SUBMIT, "variables": {"file": None, **variables}}
    said = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    return client.request(
        "POST",
        headers=said,
        data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.file"]})},
        files={"0": (name, content, "text/csv")},
    )


def traces(home: Home) -> set[Path]:
    """All files of the home but the tokens, and the empty locks."""
    return {
        path
        for path in home.root.rglob("*")
        if path.is_file() and home.tokens not in path.parents and path.name != ".lock"
    }


def test_a_dry_run_leaves_no_trace(client: Client, served: Home, tokens: Mapping[str, str]) -> None:
    before = traces(served)
    answer = hand_in(client, tokens["unit"], dryRun=True)
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]["submitReturn"]
    assert (found["accepted"], found["return"], found["returnId"]) == (True, None, None)
    assert traces(served) == before


@pytest.mark.parametrize("role", [None, "analyst"])
def test_who_may_not_hand_in_is_told(
    client: Client, served: Home, tokens: Mapping[str, str], role: str | None
) -> None:
    before = traces(served)
    answer = hand_in(client, role and tokens[role], headers={"GraphQL-Preflight": "1"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (403, "FORBIDDEN")
    assert "token" in error["message"]
    assert traces(served) == before


def test_a_unit_hands_in_for_itself_only(client: Client, served: Home, tokens: Mapping[str, str]) -> None:
    refused = hand_in(client, tokens["other"], unit=UNIT)
    assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    told = hand_in(client, tokens["other"], dryRun=True).json()["data"]["submitReturn"]
    assert told["accepted"] is False
    assert [issue["rule"] for issue in told["issues"]] == ["R005"]
    assert not Landing(served).receptions()


def test_a_file_is_landed_checked_and_counts_with_the_next_publication(
    client: Client, served: Home, tokens: Mapping[str, str]
) -> None:
    # Another unit's hand in the same file before: it is turned away, and stands in nobody's way.
    before = hand_in(client, tokens["other"]).json()["data"]["submitReturn"]
    again = hand_in(client, tokens["other"]).json()["data"]["submitReturn"]
    assert (before["accepted"], again["duplicate"], again["returnId"]) == (False, True, before["returnId"])
    found = hand_in(client, tokens["unit"]).json()["data"]["submitReturn"]
    _, reception = Landing(served).receptions()
    told = found["return"]
    assert (found["accepted"], found["duplicate"], found["returnId"]) == (True, False, told["id"])
    assert (told["id"], told["sha256"]) == (reception.return_id, reception.sha256)
    assert (told["unit"]["code"], told["period"], told["fileName"]) == (UNIT, "2024-03", GOOD.name)
    assert told["status"] == "ACCEPTED"
    assert told["rowsAccepted"] > 0
    assert (told["issues"]["totalCount"], told["decisions"]) == (len(found["issues"]), [])
    assert reception.submitter == UNIT
    # The same again is the same return.
    again = hand_in(client, tokens["city"]).json()["data"]["submitReturn"]
    assert (again["duplicate"], again["return"]["id"]) == (True, told["id"])
    # Its receipt may be fetched by the unit itself, and nobody else's unit.
    for role, status in (("unit", 200), ("other", 403), ("city", 200), ("analyst", 403)):
        header = {"Authorization": f"Bearer {tokens[role]}"}
        receipt = client.request("GET", f"/receipts/{told['id']}.xlsx", headers=header)
        assert receipt.status_code == status
        assert receipt.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in receipt.headers["Cache-Control"]
    publish(served)
    published = client.data(f'{{ return(id: "{told["id"]}") {{ status rowsAccepted }} }}')["return"]
    assert published == {"status": "ACCEPTED", "rowsAccepted": told["rowsAccepted"]}


def test_what_changed_and_what_was_before(client: Client, served: Home, tokens: Mapping[str, str]) -> None:
    """Goes on where the test before ended: with publication 000001."""
    more = csv_file(sheet("师带徒", {"师傅": "王秀英"}), "兴国县_2024-03_师带徒.csv")
    assert hand_in(client, tokens["city"], more.content, more.name).json()["data"]["submitReturn"]["accepted"]
    assert publish(served) == "000002"
    asked = """query ($after: String) { changes(from: "000001", to: "000002", first: 1, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      edges { node { indicator { code } unit { code } month before after } } } }"""
    page = client.data(asked)["changes"]
    told = [edge["node"] for edge in page["edges"]]
    while page["pageInfo"]["hasNextPage"]:
        page = client.data(asked, after=page["pageInfo"]["endCursor"])["changes"]
        told += [edge["node"] for edge in page["edges"]]
    assert len(told) == page["totalCount"] > 1
    assert {one["unit"] and one["unit"]["code"] for one in told} == {None, OTHER}
    assert [one["unit"] is None for one in told] == sorted(
        [one["unit"] is None for one in told], reverse=True
    )
    city = next(one for one in told if one["unit"] is None)
    for publication, value in (("000001", city["before"]), ("000002", city["after"])):
        code = city["indicator"]["code"]
        (point,) = client.data(
            f'{{ series(indicator: "{code}", from: "2024-03", to: "2024-03", publication: "{publication}")'
            " { points { value } } }"
        )["series"]["points"]
        assert point["value"] == value
    counts = client.data(
        '{ before: returns(publication: "000001") { totalCount } after: returns { totalCount } }'
    )
    assert [one["totalCount"] for one in counts.values()] == [2, 3]
    error = client.error('{ changes(from: "000001", to: "9") { totalCount } }')
    assert (error["extensions"]["argument"], error["extensions"]["given"]) == ("to", "9")


def test_a_form_of_another_site_is_refused(served: Home) -> None:
    """Where no token is needed, it would be sent in the name of whoever looks at the other page."""
    local = Client(create_app(served, ApiSettings(viewer=Viewer.CITY)))
    answer = hand_in(local, None, dryRun=True)
    assert answer.status_code == 400
    assert "GraphQL-Preflight" in answer.json()["errors"][0]["message"]


def test_a_file_that_is_too_large_is_refused(client: Client, tokens: Mapping[str, str]) -> None:
    answer = hand_in(client, tokens["city"], content=b"x" * 300_000)
    assert answer.status_code == 413
    assert "larger than" in answer.json()["errors"][0]["message"]


def test_a_file_that_cannot_be_read_is_told(client: Client, tokens: Mapping[str, str]) -> None:
    found = hand_in(client, tokens["city"], b"\x00\x01", "于都县_2024-03.xlsx", dryRun=True)
    told = found.json()["data"]["submitReturn"]
    assert (told["accepted"], told["issues"][0]["rule"]) == (False, "R001")


@pytest.mark.parametrize(
    ("operations", "places"),
    [
        ("[]", '{"0": ["variables.file"]}'),
        ("{", '{"0": ["variables.file"]}'),
        ('{"query": "{ me { role } }"}', '{"0": ["variables.file"]}'),
        ('{"query": "{ me { role } }", "variables": {"file": 1}}', '{"0": ["variables.file"]}'),
        ('{"query": "{ me { role } }", "variables": {"file": null}}', '{"1": ["variables.file"]}'),
        ('{"query": "{ me { role } }", "variables": {"file": null}}', '{"0": "variables.file"}'),
        ('{"query": "{ me { role } }", "variables": {"file": null}}', '{"0": ["query"]}'),
        ('{"query": 1, "variables": {"file": null}}', '{"0": ["variables.file"]}'),
        ('{"query": "{ me { role } }", "variables": {"file": null, "a": NaN}}', '{"0": ["variables.file"]}'),
        # Half of a surrogate pair cannot be told again in an answer.
        (
            '{"query": "{ me { role } }", "variables": {"file": null, "c": "\\ud800"}}',
            '{"0": ["variables.file"]}',
        ),
    ],
)
def test_a_wrong_form_is_told(
    client: Client, tokens: Mapping[str, str], operations: str, places: str
) -> None:
    answer = client.request(
        "POST",
        headers={"Authorization": f"Bearer {tokens['city']}"},
        data={"operations": operations, "map": places},
        files={"0": ("a.csv", b"x", "text/csv")},
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


def test_a_text_is_no_file(client: Client, tokens: Mapping[str, str]) -> None:
    answer = client.request(
        "POST",
        headers={"Authorization": f"Bearer {tokens['city']}"},
        json={"query": SUBMIT, "variables": {"file": "于都县.csv"}},
    )
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "multipart" in error["message"]


@pytest.mark.parametrize(
    "name",
    ["..\\..\\于都县_2024-03_师带徒.csv", "/etc/于都县_2024-03_师带徒.csv", "\x00于都县_2024-03_师带徒.csv"],
)
def test_a_name_never_leads_out_of_its_folder(client: Client, tokens: Mapping[str, str], name: str) -> None:
    found = hand_in(client, tokens["city"], name=name, dryRun=True)
    assert found.status_code in {200, 400}, found.text
    if found.status_code == 200:
        assert found.json()["data"]["submitReturn"]["accepted"] is True
