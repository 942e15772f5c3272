"""Every argument of every field: what is wrong with it is told by argument, value and what would pass.

What belongs here: the schema walked once for all arguments. What does not: what a value means for one field
(``test_reading_questions``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_required_argument,
)

from graphql_api.app import create_app
from graphql_api.schema import core_schema
from graphql_api.settings import ApiSettings
from tests.graphql_client import Client
from tests.reading_world import copied_home
from warehouse.reading import Viewer

#: Values of required arguments that are no error.
PASS = {
    "ids": "[]",
    "number": "1",
    "year": "2024",
    "indicator": '"model_workers"',
    "by": "[UNIT]",
    "from": '"2024-01"',
    "to": '"2024-02"',
    "period": '"2024-01"',
}


@dataclass(frozen=True)
class Place:
    """A field with arguments, and the way to it: what is written before it, and behind."""

    before: str
    name: str
    field: GraphQLField
    behind: str

    def document(self, arguments: str, variables: str = "") -> str:
        inside = "{ __typename }" if isinstance(get_named_type(self.field.type), GraphQLObjectType) else ""
        inside = inside or ("{ id }" if get_named_type(self.field.type).name == "Node" else "")
        return f"{self.before.replace('%', variables)} {self.name}({arguments}) {inside} {self.behind}"

    def others(self, but: str) -> str:
        """What the field needs beside one argument."""
        return " ".join(
            f"{name}: {PASS.get(name, chr(34) + 'R000001' + chr(34))}"
            for name, each in self.field.args.items()
            if name != but and is_required_argument(each)
        )


def places() -> Iterator[Place]:
    """Every field with arguments, by the shortest way."""
    seen: set[str] = set()
    waiting: list[tuple[GraphQLObjectType, str, str]] = []
    for keyword, root in (
        ("query", core_schema.query_type),
        ("mutation", core_schema.mutation_type),
    ):
        assert root is not None
        waiting.append((root, f"{keyword} % {{", "}"))
    while waiting:
        parent, before, behind = waiting.pop(0)
        if parent.name in seen:
            continue
        seen.add(parent.name)
        for name, field in parent.fields.items():
            place = Place(before, name, field, behind)
            if field.args:
                yield place
            inside = get_named_type(field.type)
            if isinstance(inside, GraphQLObjectType):
                needed = place.others("")
                waiting.append(
                    (inside, f"{before} {name}{f'({needed})' if needed else ''} {{", "} " + behind)
                )


ARGUMENTS = [(place, name, argument) for place in places() for name, argument in place.field.args.items()]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    settings = ApiSettings(viewer=Viewer.CITY)
    return Client(create_app(copied_home(tmp_path_factory.mktemp("wrong")), settings))


def unquoted(text: str) -> str:
    return text.translate(str.maketrans("", "", "'\" "))


def told(client: Client, query: str, argument: str, given: str, variables: Any = None) -> None:
    """Asserts what is told of the wrong argument."""
    errors = client.post(query, **(variables or {})).json()["errors"]
    # No file stands in a document: it is always wrong besides.
    (error,) = [each for each in errors if len(errors) == 1 or each["extensions"]["argument"] != "file"]
    said = error["extensions"]
    assert said["code"] == "BAD_USER_INPUT", (query, error)
    assert said["argument"] == argument, (query, error)
    # What the scalars of our own tell is the value, as Python writes it.
    assert unquoted(said["given"]) == unquoted(given), (query, error)
    assert said["expected"], (query, error)
    assert "value of type" not in said["expected"], (query, error)
    assert argument.lstrip("$") in error["message"], (query, error)


def wrong(argument: GraphQLArgument) -> tuple[str, Any]:
    """A value that no argument of the type takes, as a literal and as JSON."""
    if isinstance(get_named_type(argument.type), GraphQLInputObjectType):
        return '"x"', "x"
    return "{ x: 1 }", {"x": 1}


def takes_variables(place: Place, name: str) -> bool:
    """Whether the document is valid beside the argument: a file cannot stand in one."""
    return name == "file" or "file" not in place.field.args


def test_there_are_arguments() -> None:
    names = {f"{place.name}.{name}" for place, name, _ in ARGUMENTS}
    assert {
        "series.from",
        "contributions.first",
        "issues.severity",
        "submitReturn.file",
        "nodes.ids",
    } <= names


def test_a_value_of_another_kind(client: Client) -> None:
    for place, name, argument in ARGUMENTS:
        literal, value = wrong(argument)
        others = place.others(name)
        told(client, place.document(f"{name}: {literal} {others}"), name, literal)
        if not takes_variables(place, name):
            continue
        document = place.document(f"{name}: $v {others}", f"($v: {argument.type})")
        told(client, document, "$v", json.dumps(value), {"v": value})


def test_nothing_where_something_is_needed(client: Client) -> None:
    for place, name, argument in ARGUMENTS:
        if not isinstance(argument.type, GraphQLNonNull):
            continue
        others = place.others(name)
        told(client, place.document(f"{name}: null {others}"), name, "null")
        if not takes_variables(place, name):
            continue
        document = place.document(f"{name}: $v {others}", f"($v: {argument.type})")
        told(client, document, "$v", "nothing")
        told(client, document, "$v", "null", {"v": None})
        if is_required_argument(argument):
            told(client, place.document(others or "%").replace("(%)", ""), name, "nothing")
        else:
            nullable = place.document(f"{name}: $v {others}", f"($v: {argument.type.of_type})")
            told(client, nullable, name, "null", {"v": None})


def test_a_field_that_an_input_object_does_not_have(client: Client) -> None:
    breakdown = next(place for place in places() if place.name == "breakdown")
    others = breakdown.others("filter")
    told(client, breakdown.document(f'{others} filter: {{ unit: ["360731"] }}'), "filter.unit", '["360731"]')
    document = breakdown.document(f"{others} filter: $v", "($v: Filter)")
    told(client, document, "$v", '{"unit": ["360731"]}', {"v": {"unit": ["360731"]}})
