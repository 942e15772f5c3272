"""Every field with every role: what a role may not see is on a list here, and nothing else differs.

What belongs here: the whole schema walked once for each role. What does not: single rules (``test_roles``,
``test_small_numbers``).

A field that is added is walked by itself. Where its value differs between roles the test fails until it is on
the list, with the roles that see it whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from graphql_api.app import create_app
from graphql_api.schema import core_schema
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.reading_world import FIRST, HEALTH, SECOND, copied_home
from warehouse.reading import Viewer
from warehouse.tokens import TokenLog

OF_FIRST = f', unit: "{FIRST}"'
ROLES = {
    "public": None,
    "first": Viewer.of_unit(FIRST),
    "second": Viewer.of_unit(SECOND),
    "analyst": Viewer.ANALYST,
    "city": Viewer.CITY,
}
#: What the queries are asked for, by field; several times where several stand here.
ASKED = {
    "changes": ['from: "000001", to: "000001"'],
    "words": [""],
    "node": ['id: "Unit:360731"'],
    "nodes": ['ids: ["Unit:360731", "R000001", "000001"]'],
    "measure": ["number: 1"],
    "indicator": [f'code: "{HEALTH}"'],
    "unit": [f'code: "{FIRST}"'],
    "progress": [
        f'year: 2024, through: "2024-01", indicators: ["{HEALTH}"]{unit}' for unit in ("", OF_FIRST)
    ],
    "breakdown": [f'indicator: "{HEALTH}", by: [UNIT], from: "2024-01", to: "2024-03"'],
    "series": [f'indicator: "{HEALTH}", from: "2024-01", to: "2024-03", unit: "{FIRST}"'],
    "reporting": ['period: "2024-01"'],
    "return": ['id: "R000011"'],
}
#: Depth to which objects within objects are walked, each type once on a way.
DEEPEST = 5
#: Refused as a whole to who may not see it, with all that it is part of; walked apart.
REFUSED = {"Progress.contributions"}
#: What the published home of these tests has none of: rows behind figures, changes, decisions.
EMPTY = {
    "Contribution",
    "ContributionConnection",
    "ContributionEdge",
    "Change",
    "ChangeEdge",
    "Decision",
    "Ending",
}
#: The answer to a mutation.
ELSEWHERE = {"SubmitReturnResult"}
#: What is not told to everybody, with what stands in its place: small numbers, and what stands in a return.
SMALL_NUMBERS = {
    *("Progress.value", "Progress.state", "Progress.forecast", "Group.value", "Group.state"),
    *("Point.value", "Point.state", "Breakdown.notes", "Series.notes"),
}
CONTENTS = {"Issue.found", "Issue.messageZh", "Issue.messageEn"}
#: What is told otherwise than to the city, by role. A unit sees its own small numbers and returns; a cut
#: of all units shows it no other's, and so none.
HIDDEN = {
    "public": SMALL_NUMBERS | CONTENTS,
    "second": SMALL_NUMBERS | CONTENTS,
    "first": {"Group.value", "Group.state", "Breakdown.notes"},
    "analyst": CONTENTS,
    "city": set[str](),
}


def shown(name: str, field: GraphQLField, arguments: str, way: tuple[str, ...]) -> str | None:
    """A field with all that is below it; None where its type is on the way already, or nothing is left."""
    called = f"{name}({arguments})" if arguments else name
    type_ = get_named_type(field.type)
    if is_leaf_type(type_):
        return called
    below = selection(type_, way)
    return f"{called} {{ {below} }}" if below else None


def selection(type_: GraphQLNamedType, way: tuple[str, ...]) -> str:
    if isinstance(type_, GraphQLInterfaceType):
        parts = [
            f"... on {each.name} {{ {inside} }}"
            for each in core_schema.get_possible_types(type_)
            if (inside := leaves(each))
        ]
        return " ".join(["__typename", *parts])
    assert isinstance(type_, GraphQLObjectType)
    if type_.name in way or len(way) >= DEEPEST:
        return ""
    fields = [
        shown(name, field, "", (*way, type_.name))
        for name, field in type_.fields.items()
        if f"{type_.name}.{name}" not in REFUSED
    ]
    return " ".join(["__typename", *filter(None, fields)])


def leaves(type_: GraphQLObjectType) -> str:
    """The values of an object of its own; under names of their own, for types differ in what may be null."""
    return " ".join(
        f"{type_.name}_{name}: {name}"
        for name, field in type_.fields.items()
        if is_leaf_type(get_named_type(field.type))
    )


def queries() -> Iterator[str]:
    query = core_schema.query_type
    assert query is not None
    for name, field in query.fields.items():
        if name == "me":  # tells of the role itself
            continue
        required = any(is_required_argument(each) for each in field.args.values())
        assert not required or name in ASKED, f"{name} is new: say here what to ask it for"
        for arguments in ASKED.get(name, [""]):
            yield f"{{ {shown(name, field, arguments, ())} }}"


def values(told: Any, type_name: str, place: str) -> Iterator[tuple[str, str, Any]]:
    """Each value of an answer: Type.field, its place, and what it is."""
    if isinstance(told, list):
        for number, each in enumerate(told):
            yield from values(each, type_name, f"{place}[{number}]")
    elif isinstance(told, dict):
        own = told.get("__typename", type_name)
        for name, value in told.items():
            if isinstance(value, dict | list) and name != "__typename":
                yield from values(value, f"{own}.{name}", f"{place}.{name}")
                if value == []:
                    yield f"{own}.{name}", f"{place}.{name}", value
            else:
                yield f"{own}.{name}", f"{place}.{name}", value
    else:
        yield type_name, place, told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[tuple[str, str], Any]]:
    """By role: the value of each place of all queries."""
    home = copied_home(tmp_path_factory.mktemp("matrix"))
    generous = ApiSettings(max_cost=10**9, max_depth=60, max_tokens=10**6, max_request_bytes=10**7)
    client, log = Client(create_app(home, generous)), TokenLog(home)
    found: dict[str, dict[tuple[str, str], Any]] = {}
    for role, viewer in ROLES.items():
        headers = {"Authorization": f"Bearer {log.create(viewer, note=role, by=None)[0]}"} if viewer else {}
        found[role] = {}
        for number, query in enumerate(queries()):
            answer = client.request("POST", json={"query": query}, headers=headers).json()
            assert "errors" not in answer, (role, query, answer["errors"])
            for name, place, value in values(answer["data"], "Query", str(number)):
                found[role][name, place] = value
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_told_all_but_what_is_listed(
    told: Mapping[str, Mapping[tuple[str, str], Any]], role: str
) -> None:
    own, whole = told[role], told["city"]
    different = {key[0] for key in own.keys() | whole.keys() if own.get(key) != whole.get(key)}
    assert different == HIDDEN[role]


@pytest.mark.parametrize("role", ["public", "second", "analyst"])
def test_what_is_hidden_is_null_or_says_that_it_is(
    told: Mapping[str, Mapping[tuple[str, str], Any]], role: str
) -> None:
    for (name, place), value in told[role].items():
        if value != told["city"].get((name, place)):
            if name.endswith((".value", ".found", ".forecast")):
                assert value is None, place
            elif name.endswith(".state"):
                assert value == "SUPPRESSED", place


def test_every_value_of_the_schema_was_asked_for(told: Mapping[str, Mapping[tuple[str, str], Any]]) -> None:
    declared = {
        f"{type_.name}.{name}"
        for type_ in core_schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if is_leaf_type(get_named_type(field.type))
    }
    missed = declared - {name for name, _ in told["city"]}
    assert {name.partition(".")[0] for name in missed} <= EMPTY | ELSEWHERE | {"Viewer"}
