"""Every field of the schema with every role, by the rules of ``field_rules.yaml``.

The city's answer is the whole truth; what another role is told of the same question is held against it, field
by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_introspection_type,
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

RULES: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "field_rules.yaml").read_text(encoding="utf-8")
)
RULE_OF = {
    f"{type_}.{field}": rule
    for rule, types in RULES.items()
    for type_, fields in types.items()
    for field in fields
}
#: An example of each question; those without arguments need none.
ASKED = {
    "publication": [""],
    "publications": [""],
    "changes": ['(from: "000001", to: "000001")'],
    "measure": ["(number: 1)"],
    "indicators": [""],
    "indicator": [f'(code: "{HEALTH}")'],
    "units": [""],
    "unit": [f'(code: "{FIRST}")'],
    "progress": [f'(year: 2024, through: "2024-01", unit: "{unit}")' for unit in (FIRST, SECOND)],
    "breakdown": [f'(indicator: "{HEALTH}", by: [UNIT], from: "2024-01", to: "2024-03")'],
    "series": [f'(indicator: "{HEALTH}", from: "2024-01", to: "2024-03", unit: "{FIRST}")'],
    "reporting": ['(period: "2024-01")'],
    "returns": ["(first: 100)"],
    "return": ['(id: "R000002")', '(id: "R000011")'],
    "unassignedReturns": [""],
    "node": ['(id: "R000011")'],
    "nodes": [f'(ids: ["Unit:{FIRST}", "R000011", "000001"])'],
    "words": ['(enum: "Pace")'],
}
VIEWERS = {
    "public": Viewer.PUBLIC,
    "first": Viewer.of_unit(FIRST),
    "second": Viewer.of_unit(SECOND),
    "analyst": Viewer.ANALYST,
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """The answer to every question, by role."""
    home = copied_home(tmp_path_factory.mktemp("field-rules"))
    client = Client(create_app(home, ApiSettings(max_cost=10**9, max_depth=20)))
    log = TokenLog(home)

    def asked_as(viewer: Viewer) -> dict[str, Any]:
        header = {}
        if viewer != Viewer.PUBLIC:
            secret, _ = log.create(viewer, note="test", by=None)
            header = {"Authorization": f"Bearer {secret}"}
        found: dict[str, Any] = {}
        for name, question in questions():
            answer = client.request("POST", headers=header, json={"query": f"{{ {question} }}"}).json()
            assert "errors" not in answer, (question, answer["errors"])
            found[f"{name} {len(found)}"] = answer["data"]
        return found

    return {"city": asked_as(Viewer.CITY), **{name: asked_as(viewer) for name, viewer in VIEWERS.items()}}


def questions() -> Iterator[tuple[str, str]]:
    """Each field of the query type with all below it but rows, which are asked for elsewhere."""
    assert core_schema.query_type is not None
    for name, field in core_schema.query_type.fields.items():
        below = selection(get_named_type(field.type), (), 5)
        for arguments in ASKED.get(name, [""]):
            yield name, f"{name}{arguments}{below}"


def selection(type_: GraphQLNamedType, above: tuple[str, ...], depth: int) -> str:
    if is_leaf_type(type_):
        return ""
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    parts = ["__typename"]
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        required = any(map(is_required_argument, field.args.values()))
        if required or RULE_OF.get(f"{type_.name}.{name}") == "rows":
            continue
        if not is_leaf_type(inner) and (inner.name in (*above, type_.name) or depth == 0):
            continue
        parts.append(name + selection(inner, (*above, type_.name), depth - 1))
    return f" {{ {' '.join(parts)} }}"


def test_every_field_has_a_rule() -> None:
    fields = {
        f"{name}.{field}"
        for name, each in core_schema.type_map.items()
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType) and not is_introspection_type(each)
        for field in each.fields
    }
    assert fields - {*RULE_OF} == set(), "say in tests/field_rules.yaml who may see it"
    assert {*RULE_OF} - fields == set(), "no longer in the schema"
    assert len(RULE_OF) == sum(len(some) for types in RULES.values() for some in types.values())


class Comparison:
    """Holds what a viewer is told against the whole truth."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.seen: set[str] = set()
        self.hidden: set[str] = set()

    def objects(self, whole: Any, told: Any, unit: str | None) -> None:
        """Compares two values; ``unit`` is that of the return in which they stand."""
        if isinstance(whole, list):
            assert len(told) == len(whole)
            for left, right in zip(whole, told, strict=True):
                self.objects(left, right, unit)
            return
        if whole is None:
            assert told is None
            return
        assert told is not None
        assert told["__typename"] == whole["__typename"]
        type_ = whole["__typename"]
        if type_ in {"Return", "UnassignedReturn"}:
            unit = (whole.get("unit") or {}).get("code")
        for name in whole:
            if name != "__typename":
                self._field(f"{type_}.{name}", whole, told, name, unit)

    def _field(
        self, field: str, whole: Mapping[str, Any], told: Mapping[str, Any], name: str, unit: str | None
    ) -> None:
        self.seen.add(field)
        left, right = whole[name], told[name]
        if isinstance(left, dict) or (isinstance(left, list) and left and isinstance(left[0], dict)):
            self.objects(left, right, unit)
            return
        match RULE_OF[field]:
            case "everybody":
                assert right == left, field
            case "numbers":
                state = told.get("state", told.get("totalState"))
                if right != left:
                    assert not self.viewer.sees_small_numbers, field
                    assert name == "notes" or state == "SUPPRESSED", field
                    assert right in (None, "SUPPRESSED", "NOT_REPORTED") or name == "notes", field
                    self.hidden.add(field)
            case "contents":
                if right != left:
                    assert not self.viewer.sees_contents_of(unit), field
                    self.hidden.add(field)
                elif name in {"found", "decidedBy", "note", "expected", "corrected"} and left is not None:
                    assert self.viewer.sees_contents_of(unit), field
            case "viewer":
                pass
            case other:
                pytest.fail(f"{field} is {other}, and was told")


@pytest.mark.parametrize("role", VIEWERS)
def test_each_role_is_told_what_its_rules_say(answers: Mapping[str, Mapping[str, Any]], role: str) -> None:
    comparison = Comparison(VIEWERS[role])
    for name, whole in answers["city"].items():
        for key, value in whole.items():
            if isinstance(value, dict | list) and key != "me":
                comparison.objects(value, answers[role][name][key], None)
    assert len(comparison.seen) > 100
    # All issues stand in a return of the first unit; its small number is hidden from the second one too.
    assert ("Issue.found" in comparison.hidden) == (role != "first")
    assert ("Progress.value" in comparison.hidden) == (role in {"public", "second"})


def test_the_viewer_is_told_who_it_is(answers: Mapping[str, Mapping[str, Any]]) -> None:
    told = {
        role: next(found["me"] for found in some.values() if "me" in found) for role, some in answers.items()
    }
    assert {role: one["role"] for role, one in told.items()} == {
        "city": "CITY",
        "public": "PUBLIC",
        "first": "UNIT",
        "second": "UNIT",
        "analyst": "ANALYST",
    }
    assert [one["maySubmit"] for one in told.values()] == [True, False, True, True, False]
    assert told["first"]["unit"]["code"] == FIRST
