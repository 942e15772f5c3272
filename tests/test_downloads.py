"""Files to take away: exports that say what GraphQL says, and forms."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

from graphql_api.app import create_app
from graphql_api.export_formats import FORMATS
from graphql_api.generations import StoppableSource
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.reading_world import CITY, FIRST, HEALTH, LATE, SECOND, copied_home
from warehouse.reading import Viewer
from warehouse.reading.exports import EXPORTS
from warehouse.tokens import TokenLog

MONTHS = ("2024-01", "2024-02", "2024-03")
FIELDS = (
    "value state numerator denominator target expectedToDate attainment gap pace forecast".split()  # noqa: SIM905
)
VIEWERS = {
    "public": None,
    "first": Viewer.of_unit(FIRST),
    "analyst": Viewer.ANALYST,
    "city": Viewer.CITY,
}


@pytest.fixture(scope="module")
def headers(client: Client) -> Mapping[str, Mapping[str, str]]:
    log = TokenLog(client.app.graphql._generations.home)  # type: ignore[attr-defined]
    return {
        name: {}
        if viewer is None
        else {"Authorization": f"Bearer {log.create(viewer, note=name, by=None)[0]}"}
        for name, viewer in VIEWERS.items()
    }


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(create_app(copied_home(tmp_path_factory.mktemp("downloads")), ApiSettings(max_cost=10**6)))


def rows(client: Client, header: Mapping[str, str], path: str) -> list[dict[str, str]]:
    answer = client.request("GET", path, headers=header)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return [*csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]


def ask(client: Client, header: Mapping[str, str], query: str) -> Any:
    answer = client.request("POST", headers=header, json={"query": query}).json()
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.mark.parametrize("role", VIEWERS)
def test_progress_is_what_graphql_says(
    client: Client, headers: Mapping[str, Mapping[str, str]], role: str
) -> None:
    exported = {
        (row["indicator"], row["unit"], row["month"]): row
        for row in rows(client, headers[role], "/export/indicator_progress.csv?year=2024")
    }
    assert {month for _, _, month in exported} == {*MONTHS}
    fields = [
        f'm{number}: progress(year: 2024, through: "{month}"{unit and f", unit: {unit!r}"})'.replace("'", '"')
        + f" {{ indicator {{ code }} unit {{ code }} through {' '.join(FIELDS)} }}"
        for number, (month, unit) in enumerate(
            (month, unit) for month in MONTHS for unit in ("", FIRST, SECOND, LATE, CITY)
        )
    ]
    compared = 0
    for some in ask(client, headers[role], f"{{ {' '.join(fields)} }}").values():
        for told in some:
            unit = told["unit"]["code"] if told["unit"] else ""
            row = exported[told["indicator"]["code"], unit, told["through"]]
            names = dict(zip(FIELDS, (*FIELDS[:5], "expected_to_date", *FIELDS[6:]), strict=True))
            assert {name: told[name] or "" for name in FIELDS} == {name: row[names[name]] for name in FIELDS}
            compared += 1
    assert compared == len(MONTHS) * 5 * len({indicator for indicator, _, _ in exported})
    small = exported[HEALTH, FIRST, "2024-01"]
    hidden = role == "public"
    assert (small["value"], small["state"]) == (("", "SUPPRESSED") if hidden else ("5", "REPORTED"))


@pytest.mark.parametrize("role", VIEWERS)
def test_months_add_up_to_what_graphql_says(
    client: Client, headers: Mapping[str, Mapping[str, str]], role: str
) -> None:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    hidden = set()
    for row in rows(client, headers[role], "/export/indicator_monthly.csv?year=2024"):
        key = (row["indicator"], row["unit"], row["month"])
        if row["state"] == "SUPPRESSED":
            assert (row["value"], row["numerator"], row["chain"]) == ("", "", "")
            hidden.add(key)
        else:
            sums[key] += Decimal(row["numerator"] or 0)
    codes = [each["code"] for each in ask(client, {}, "{ indicators { code } }")["indicators"]]
    fields = [
        f'{code}: breakdown(indicator: "{code}", by: [UNIT, MONTH], from: "2024-01", to: "2024-03")'
        " { groups { unit { code } month value numerator state } }"
        for code in codes
    ]
    for code, found in ask(client, headers[role], f"{{ {' '.join(fields)} }}").items():
        for group in found["groups"]:
            key = (code, group["unit"]["code"], group["month"])
            if role == "first" and key[1] == FIRST:
                # Its own small numbers, which a breakdown of all units hides.
                continue
            assert (key in hidden) == (group["state"] == "SUPPRESSED")
            assert sums.get(key, 0) == Decimal(group["numerator"] or group["value"] or 0)
    assert bool(hidden) == (role in {"public", "first"})
    assert ((HEALTH, FIRST, "2024-01") in hidden) == (role == "public")


def test_reporting_is_what_graphql_says(client: Client) -> None:
    exported = {
        (row["unit"], row["month"]): row
        for row in rows(client, {}, "/export/reporting_status.csv?year=2024&through=2024-03")
    }
    for month in MONTHS:
        cells = ask(
            client,
            {},
            f'{{ reporting(period: "{month}")'
            " { cells { unit { code } state receivedAt ledgersNil } } }",
        )["reporting"]["cells"]
        for cell in cells:
            row = exported[cell["unit"]["code"], month]
            assert (row["state"], row["ledgers_nil"]) == (cell["state"], str(cell["ledgersNil"]))
            assert row["received_at"].replace("+0800", "+08:00") == (cell["receivedAt"] or "")


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_has_the_same_rows(client: Client, name: str) -> None:
    exported = rows(client, {}, f"/export/{name}.csv?year=2024&unit={FIRST}")
    found = {
        suffix: client.request("GET", f"/export/{name}.{suffix}?year=2024&unit={FIRST}").content
        for suffix in FORMATS
    }
    arrow = pa.ipc.open_stream(found["arrow"]).read_all()
    assert arrow == pyarrow.parquet.read_table(io.BytesIO(found["parquet"]))
    assert arrow.column_names == [*exported[0]]
    sheet = openpyxl.load_workbook(io.BytesIO(found["xlsx"])).active
    assert sheet is not None
    assert [[cell.value for cell in sheet[1]]] == [[*exported[0]]]
    assert len(exported) == arrow.num_rows == sheet.max_row - 1
    assert [row["unit"] for row in exported] == arrow.column("unit").to_pylist()


def test_statements_do_not_grow_with_the_units(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    for name in ("query", "arrow"):
        asked = getattr(StoppableSource, name)

        def counted(source: StoppableSource, sql: str, parameters: Any = None, asked: Any = asked) -> Any:
            statements.append(sql)
            return asked(source, sql, parameters)

        monkeypatch.setattr(StoppableSource, name, counted)
    for path in (
        "/export/indicator_progress.arrow?year=2024",
        f"/export/indicator_progress.arrow?unit={FIRST}",
    ):
        statements.clear()
        assert client.request("GET", path).status_code == 200
        assert len(statements) == 3


def test_a_text_is_never_a_formula() -> None:
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "中文", None, 'a"b']
    table = pa.table({"unit": texts, "value": [Decimal("-5.50")] * len(texts)})
    for suffix in ("csv", "xlsx"):
        file = io.BytesIO()
        FORMATS[suffix].write(table, file)
        if suffix == "csv":
            found = [*csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig")))]
            assert [row["unit"] for row in found] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "中文", "", 'a"b']
            assert {row["value"] for row in found} == {"-5.5"}
        else:
            sheet = openpyxl.load_workbook(file).active
            assert sheet is not None
            assert {sheet.cell(row, 1).data_type for row in range(2, 8)} <= {"s"}
            assert sheet["B2"].value == -5.5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/export/nothing.csv", 404),
        ("/export/indicator_progress.pdf", 404),
        ("/export/indicator_progress.csv?year=1999", 400),
        ("/export/indicator_progress.csv?year=many", 400),
        ("/export/indicator_progress.csv?year=2024&year=2025", 400),
        ("/export/indicator_progress.csv?years=2024", 400),
        ("/export/indicator_progress.csv?through=2024-13", 400),
        ("/export/indicator_progress.csv?year=2024&through=2025-01", 400),
        ("/export/indicator_progress.csv?unit=000000", 400),
        ("/export/indicator_progress.csv?measure=99", 400),
        ("/export/indicator_progress.csv?unit=", 400),
        ("/export/indicator_progress.csv?year=0", 400),
        ("/export/indicator_progress.csv?through=2023-03", 400),
        ("/export/indicator_progress.csv?publication=99", 404),
        ("/templates/000000/2024-03.xlsx", 404),
        ("/templates/360731/2099-03.xlsx", 404),
        ("/templates/360731/March.xlsx", 404),
        ("/receipts/R000001.xlsx", 403),
    ],
)
def test_what_cannot_be_given_is_told(client: Client, path: str, status: int) -> None:
    answer = client.request("GET", path)
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert len(error["message"]) > 20
    assert error["extensions"]["code"]
    if status == 400:
        # The parameter that was given, and no other one.
        assert f"{error['extensions']['argument']}=" in path
        assert error["extensions"]["expected"] in error["message"]


def test_a_wrong_token_gets_nothing(client: Client) -> None:
    for path in (
        "/export/indicator_progress.csv",
        "/templates/360731/2024-03.xlsx",
        "/receipts/R000001.xlsx",
    ):
        answer = client.request("GET", path, headers={"Authorization": "Bearer u7510_wrong"})
        assert (answer.status_code, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


def test_headers(client: Client, headers: Mapping[str, Mapping[str, str]]) -> None:
    path = f"/export/indicator_progress.csv?year=2024&unit={FIRST}"
    public, city = (client.request("GET", path, headers=headers[role]) for role in ("public", "city"))
    assert public.headers["Cache-Control"] == "public, no-cache"
    assert city.headers["Cache-Control"] == "private, no-cache"
    assert public.headers["ETag"] != city.headers["ETag"]
    for answer in (public, city):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert f'filename="indicator_progress_2024_{FIRST}.csv"' in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    known = {"If-None-Match": city.headers["ETag"]}
    assert client.request("GET", path, headers={**headers["city"], **known}).status_code == 304
    assert client.request("GET", path, headers=known).status_code == 200
    assert client.request("GET", path, headers={"If-None-Match": "*"}).status_code == 304
    head = client.request("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(public.content))


def test_a_form_is_for_everybody(client: Client) -> None:
    answer = client.request("GET", "/templates/360731/2024-03.xlsx")
    assert answer.status_code == 200
    assert "%E4%BA%8E%E9%83%BD%E5%8E%BF_2024-03.xlsx" in answer.headers["Content-Disposition"]
    assert "封面" in openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True).sheetnames
