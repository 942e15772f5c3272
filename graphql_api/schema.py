"""The schema as one object."""

from __future__ import annotations

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from graphql_api.mutation import Mutation
from graphql_api.query import Query
from graphql_api.scalars import SCALARS
from graphql_api.subscription import Subscription

schema = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, config=StrawberryConfig(scalar_map=SCALARS)
)

#: The same for graphql-core, which executes; Strawberry has no public name for it.
core_schema: GraphQLSchema = schema._schema
