"""The schema: as dashboards rely on it, as it is checked in, described throughout."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    print_ast,
)

from graphql_api.print_schema import printed_schema
from graphql_api.schema import core_schema

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
            assert [*ours.args] == [*field.args]
            for argument, its in field.args.items():
                assert str(ours.args[argument].type) == str(its.type)
                assert default(ours.args[argument]) == default(its)


@pytest.mark.parametrize("name", own_types(core_schema))
def test_everything_is_described_in_both_languages(name: str) -> None:
    each = core_schema.type_map[name]
    described = {name: each.description}
    if isinstance(each, GraphQLObjectType | GraphQLInputObjectType):
        for key, field in each.fields.items():
            described[f"{name}.{key}"] = field.description
            for argument, its in getattr(field, "args", {}).items():
                described[f"{name}.{key}({argument})"] = its.description
    for place, text in described.items():
        assert text, place
        assert any("\u4e00" <= character <= "\u9fff" for character in text), place
