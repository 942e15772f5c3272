"""The root of the queries."""

from __future__ import annotations

import strawberry

from graphql_api.catalogue_queries import CatalogueQueries
from graphql_api.figure_queries import FigureQueries
from graphql_api.node_queries import NodeQueries
from graphql_api.publication_queries import PublicationQueries
from graphql_api.return_queries import ReturnQueries


@strawberry.type(description="All that can be asked; one request reads one publication throughout (查询).")
class Query(PublicationQueries, CatalogueQueries, FigureQueries, ReturnQueries, NodeQueries):
    """The root: what the modules of the queries have, and nothing of its own."""
