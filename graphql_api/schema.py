"""The schema as one object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from graphql_api.mutation import Mutation
from graphql_api.query import Query
from graphql_api.scalars import SCALARS
from graphql_api.subscription import Subscription

schema = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, config=StrawberryConfig(scalar_map=SCALARS)
)


#: Under which a field without a function has the name of its attribute, among its extensions.
ATTRIBUTE = "attribute"


def _attribute(name: str) -> Callable[..., Any]:
    return lambda source, _: getattr(source, name)


def _with_attributes(core: GraphQLSchema) -> GraphQLSchema:
    """Lets fields without a function give their attribute at once; Strawberry takes three calls for it."""
    for each in core.type_map.values():
        if isinstance(each, GraphQLObjectType):
            for field in each.fields.values():
                if getattr(field.resolve, "_is_default", False):
                    name = field.extensions["strawberry-definition"].python_name
                    field.extensions[ATTRIBUTE] = name
                    field.resolve = _attribute(name)
    return core


#: The same for graphql-core, which executes; Strawberry has no public name for it.
core_schema: GraphQLSchema = _with_attributes(schema._schema)
