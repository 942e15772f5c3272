"""Plans: byte for byte the answers of graphql-core, of whatever is asked, by whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any, NoReturn

import duckdb
import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from graphql_api import execution
from graphql_api.app import create_app
from graphql_api.plans import NoPlan, Plans
from graphql_api.schema import core_schema
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.reading_world import FIRST, HEALTH, SECOND, copied_home
from warehouse.publications import Reader
from warehouse.reading import Viewer
from warehouse.tokens import TokenLog

VIEWERS = [None, Viewer.of_unit(FIRST), Viewer.CITY]
#: What is asked for, by field, right and wrong.
ASKED = {
    "publication": ["", '(id: "1")', '(id: "x")'],
    "changes": ['(from: "000001", to: "000001")'],
    "measure": ["(number: 1)", "(number: 77)", "(number: $number)"],
    "indicators": ["", '(ledger: "honours")', '(ledger: "x")'],
    "indicator": [f'(code: "{HEALTH}")', '(code: "x")', "(code: $indicator)"],
    "units": ["", "(kind: ZONE)", "(kind: $kind)"],
    "unit": [f'(code: "{FIRST}")'],
    "progress": [
        f'(year: 2024, through: "2024-01", unit: "{FIRST}")',
        "(year: $year, indicators: [$indicator])",
        "(year: 1999)",
    ],
    "breakdown": [
        f'(indicator: "{HEALTH}", by: [UNIT], from: "2024-01", to: "2024-03")',
        '(indicator: $indicator, by: [CHAIN, MONTH], from: $from, to: "2024-03", filter: {in7510: true})',
        "(indicator: $indicator, by: UNIT, from: $from, to: $from, order: VALUE_DESC)",
        '(indicator: $indicator, by: [UNIT, UNIT], from: $from, to: "2024-13")',
    ],
    "series": [
        f'(indicator: "{HEALTH}", from: "2024-01", to: "2024-03", unit: "{FIRST}", cumulative: $yes)',
        "(indicator: $indicator, from: $from, to: $from)",
    ],
    "reporting": ['(period: "2024-01")'],
    "returns": ["(first: 3)", "(first: $number)", '(after: "x")'],
    "return": ['(id: "R000002")', '(id: "R000011")'],
    "node": ['(id: "R000011")', f'(id: "Unit:{SECOND}")', '(id: "x")'],
    "nodes": [f'(ids: ["Unit:{FIRST}", "R000011", "000001", "x", "Chain:electronics"])'],
    "words": ['(enum: "Pace")'],
    "contributions": ["", "(first: 2)", "(first: -1)"],
    "issues": ["", "(severity: ERROR, first: $number)"],
}
VARIABLES = {
    "number": "Int! = 2",
    "indicator": "ID!",
    "kind": "UnitKind",
    "year": "Int!",
    "from": "YearMonth!",
    "yes": "Boolean!",
    "no": "Boolean = false",
}
GIVEN = {"indicator": "model_workers", "year": 2024, "from": "2024-02", "yes": True, "kind": "COUNTY"}
DIRECTIVES = [
    "",
    "",
    "",
    "",
    " @include(if: $yes)",
    " @skip(if: $yes)",
    " @skip(if: $no)",
    " @include(if: true)",
]


class Both:
    """One application with plans, and one without."""

    def __init__(self, folder: Path) -> None:
        home = copied_home(folder)
        log, limits = TokenLog(home), ApiSettings(max_cost=10**9, max_depth=30, answer_cache_bytes=1)
        self.planned = 0
        self._headers: list[dict[str, str]] = []
        for viewer in VIEWERS:
            secret = None if viewer is None else log.create(viewer, note="test", by=None)[0]
            self._headers.append({} if secret is None else {"Authorization": f"Bearer {secret}"})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(execution, "Plans", lambda: self)
            self._with = Client(create_app(home, limits))
            patch.setattr(execution, "Plans", _Without)
            self._without = Client(create_app(home, limits))
        self._plans = Plans()

    def data(self, *asked: Any) -> Any:
        data = self._plans.data(*asked)
        self.planned += 1
        return data

    def agree(self, query: str, variables: Mapping[str, Any], name: str | None = None) -> None:
        """Asks both as each viewer; from the second one on with a plan that is kept."""
        body = {"query": query, "variables": variables, "operationName": name}
        for headers in self._headers:
            with_, without = (
                client.request("POST", json=body, headers=headers) for client in (self._with, self._without)
            )
            assert (with_.status_code, with_.text) == (without.status_code, without.text), query


class _Without:
    def data(self, *_: Any) -> NoReturn:
        raise NoPlan


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both(tmp_path_factory.mktemp("plans"))


class _Document:
    """A random document: fields, aliases, fragments in fragments, directives."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._fragments: list[str] = []
        query = core_schema.query_type
        assert query is not None
        text = "\n".join([self._selections(query, 3), *self._fragments])
        used = ", ".join(f"${name}: {kind}" for name, kind in VARIABLES.items() if f"${name}" in text)
        self.text = f"query {f'({used})' if used else ''} {text}"

    def _selections(self, kind: GraphQLNamedType, depth: int) -> str:
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        parts = [self._selection(kind, depth) for _ in range(self._random.randint(1, 3))]
        return f"{{ {' '.join(parts)} __typename }}"

    def _selection(self, kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        way, directive = self._random.random(), self._random.choice(DIRECTIVES)
        if way < 0.15:
            inside = self._inside(kind)
            return f"... on {inside.name}{directive} {self._selections(inside, depth)}"
        if way < 0.25:
            inside = self._inside(kind)
            selections = self._selections(inside, depth)
            name = f"F{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {inside.name} {selections}")
            return f"...{name}{directive} ...{name}"
        name, field = self._random.choice([*kind.fields.items()])
        inner = get_named_type(field.type)
        if not is_leaf_type(inner) and depth == 0:
            return "__typename"
        arguments = self._random.choice(ASKED.get(name, [""])) if field.args else ""
        # One name stands for one question only.
        alias = f"{name}_{ASKED[name].index(arguments)}: " if field.args and name in ASKED else ""
        below = "" if is_leaf_type(inner) else self._selections(inner, depth - 1)
        return f"{alias}{name}{arguments}{directive} {below}"

    def _inside(
        self, kind: GraphQLObjectType | GraphQLInterfaceType
    ) -> GraphQLObjectType | GraphQLInterfaceType:
        kinds: list[GraphQLObjectType | GraphQLInterfaceType] = [kind, *kind.interfaces]
        if isinstance(kind, GraphQLInterfaceType):
            kinds += core_schema.get_possible_types(kind)
        return self._random.choice(kinds)


@settings(settings.get_profile("tables"))
@given(random=st.randoms(use_true_random=False), yes=st.booleans())
def test_any_document_is_answered_as_by_graphql_core(both: Both, random: Random, yes: bool) -> None:
    both.agree(_Document(random).text, {**GIVEN, "yes": yes})


CELLS = """query ($to: YearMonth!) {
  breakdown(indicator: "model_workers", by: [UNIT], from: "2024-01", to: $to) { total } }"""
SLOW = '{ reporting(period: "2024-01") { received } }'


@pytest.fixture
def client(tmp_path: Path) -> Client:
    settings = ApiSettings(threads=1, timeout_seconds=0.2)  # type: ignore[arg-type]  # for a test
    return Client(create_app(copied_home(tmp_path), settings))


def test_what_is_known_waits_for_nobody(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.data(CELLS, to="2024-01")
    going, done = threading.Event(), threading.Event()

    def slow(*_: Any) -> NoReturn:
        going.set()
        done.wait(5)
        raise duckdb.InterruptException("stopped")

    monkeypatch.setattr(Reader, "query", slow)
    monkeypatch.setattr(Reader, "interrupt", lambda _: done.set())
    with ThreadPoolExecutor() as threads:
        # The only thread there is for executing.
        waiting = threads.submit(client.error, SLOW)
        assert going.wait(5)
        assert client.data(CELLS, to="2024-02")["breakdown"]["total"] is not None
        assert not done.is_set()
        assert waiting.result()["extensions"]["code"] == "TIMEOUT"


def test_what_was_stopped_does_not_begin_anew(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.data(CELLS, to="2024-01")
    stopped, asked = threading.Event(), list[None]()

    def slow(*_: Any) -> NoReturn:
        asked.append(None)
        stopped.wait(5)
        raise duckdb.InterruptException("stopped")

    monkeypatch.setattr(Reader, "query", slow)
    monkeypatch.setattr(Reader, "interrupt", lambda _: stopped.set())
    error = client.error(SLOW)
    assert (error["extensions"]["code"], error["path"], len(asked)) == ("TIMEOUT", ["reporting"], 1)
