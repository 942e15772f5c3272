"""The schema: as dashboards rely on it, as it is checked in, described throughout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
import strawberry
from graphql import (
    BreakingChangeType,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    is_introspection_type,
    is_required_argument,
    is_specified_scalar_type,
    print_ast,
)

from graphql_api.fields import resolved
from graphql_api.print_schema import printed_schema
from graphql_api.schema import core_schema
from warehouse.reading.words import words

ROOT = Path(__file__).parent.parent
OURS = build_schema(printed_schema())
CONTRACT = build_schema(
    (Path(__file__).parent / "contract" / "schema_core.graphql").read_text(encoding="utf-8")
)


def own_types(schema: GraphQLSchema) -> list[str]:
    return [
        name
        for name, each in schema.type_map.items()
        if not is_introspection_type(each) and not is_specified_scalar_type(each)
    ]


def default(argument: GraphQLArgument) -> str | None:
    """The default as it is written in the schema."""
    node = argument.ast_node.default_value if argument.ast_node else None
    return print_ast(node) if node else None


def test_nothing_that_was_released_is_broken() -> None:
    """How to change this on purpose: see "Changing the schema" in docs/api.md."""
    released = build_schema((ROOT / "schema.released.graphql").read_text(encoding="utf-8"))
    assert [change.description for change in find_breaking_changes(released, OURS)] == []


def test_every_value_of_an_enum_is_described() -> None:
    for name, each in core_schema.type_map.items():
        if isinstance(each, GraphQLEnumType) and not is_introspection_type(each):
            listed = [word.value for word in words() if word.enum == name]
            assert [*each.values] == listed
            assert all(value.description for value in each.values.values())


def test_what_is_deprecated_is_printed_as_such_and_told_to_clients() -> None:
    """The way docs/api.md names, "Changing the schema"; nothing is deprecated at present."""

    @strawberry.type
    class Query:
        @resolved(description="Old (旧).", deprecated="since 0.2: ask for fresh")
        def old(self) -> str | None:
            """To go."""

        @resolved(description="Fresh (新).")
        def fresh(
            self, old: Annotated[int | None, strawberry.argument(deprecation_reason="no use")] = 1
        ) -> int:
            """To stay."""
            return old or 0

    deprecating = strawberry.Schema(Query)
    printed = printed_schema(deprecating)
    assert 'old: String @deprecated(reason: "since 0.2: ask for fresh")' in printed
    assert 'old: Int = 1 @deprecated(reason: "no use")' in printed
    told = deprecating.execute_sync(
        """{ __type(name: "Query") {
            fields(includeDeprecated: true) { name isDeprecated deprecationReason } } }"""
    )
    assert told.data is not None
    assert told.data["__type"]["fields"] == [
        {"name": "old", "isDeprecated": True, "deprecationReason": "since 0.2: ask for fresh"},
        {"name": "fresh", "isDeprecated": False, "deprecationReason": None},
    ]
    # Whoever still asks for it is answered; taking it away would be told as breaking.
    kept, gone = build_schema(printed), build_schema("type Query { fresh(old: Int = 1): Int! }")
    assert [change.type for change in find_breaking_changes(kept, gone)] == [BreakingChangeType.FIELD_REMOVED]


def test_every_argument_that_was_added_is_optional() -> None:
    for name in ("Query", "Progress", "Return"):
        found, wanted = OURS.type_map[name], CONTRACT.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        assert isinstance(wanted, GraphQLObjectType)
        for key, field in wanted.fields.items():
            added = [*found.fields[key].args.items()][len(field.args) :]
            assert not any(is_required_argument(its) for _, its in added)


def test_the_checked_in_schema_is_the_printed_one() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == printed_schema()


@pytest.mark.parametrize("name", own_types(CONTRACT))
def test_what_dashboards_rely_on_is_there(name: str) -> None:
    wanted, found = CONTRACT.type_map[name], OURS.type_map[name]
    assert type(found) is type(wanted)
    if isinstance(wanted, GraphQLEnumType):
        assert isinstance(found, GraphQLEnumType)
        assert [*found.values] == [*wanted.values]
    if isinstance(wanted, GraphQLInputObjectType):
        assert isinstance(found, GraphQLInputObjectType)
        assert {key: str(field.type) for key, field in found.fields.items()} == {
            key: str(field.type) for key, field in wanted.fields.items()
        }
    if isinstance(wanted, GraphQLObjectType):
        assert isinstance(found, GraphQLObjectType)
        for key, field in wanted.fields.items():
            ours = found.fields[key]
            assert str(ours.type) == str(field.type)
            # What was added is optional and stands behind.
            assert [*ours.args][: len(field.args)] == [*field.args]
            for argument, its in field.args.items():
                assert str(ours.args[argument].type) == str(its.type)
                assert default(ours.args[argument]) == default(its)


@pytest.mark.parametrize("name", own_types(core_schema))
def test_everything_is_described_in_both_languages(name: str) -> None:
    each = core_schema.type_map[name]
    described = {name: each.description}
    if isinstance(each, GraphQLObjectType | GraphQLInputObjectType | GraphQLInterfaceType):
        for key, field in each.fields.items():
            described[f"{name}.{key}"] = field.description
            for argument, its in getattr(field, "args", {}).items():
                described[f"{name}.{key}({argument})"] = its.description
    for place, text in described.items():
        assert text, place
        assert any("\u4e00" <= character <= "\u9fff" for character in text), place
