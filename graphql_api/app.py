"""The web application: routes, and what lives as long as the server.

Started with ``granian --interface asgi --factory graphql_api.app:create_app`` or ``union7510 serve``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import duckdb
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from graphql_api.execution import Executor
from graphql_api.generations import Generations
from graphql_api.http import GraphQLEndpoint
from graphql_api.page import DashboardPage
from graphql_api.settings import ApiSettings
from warehouse.publications import NoPublication, PublicationStore
from warehouse.settings import Home


def create_app(home: Home | None = None, settings: ApiSettings | None = None) -> Starlette:
    """The application over a home; both arguments come from the environment when they are left out.

    Raises:
        SettingsError: the environment has a value that cannot be used.
    """
    settings = settings or ApiSettings.from_environment()
    generations = Generations(PublicationStore(home or Home.from_environment()), settings.viewer)
    endpoint = GraphQLEndpoint(Executor(generations, settings), settings)

    async def readyz(_: Request) -> Response:
        return await anyio.to_thread.run_sync(_readiness, generations)

    async def graphql(request: Request) -> Response:
        return await endpoint(request)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        generations.close()

    return Starlette(
        routes=[
            Route("/graphql", graphql, methods=["GET", "POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *DashboardPage().routes(),
        ],
        lifespan=lifespan,
    )


async def healthz(_: Request) -> Response:
    """Whether the process answers."""
    return PlainTextResponse("ok\n")


def _readiness(generations: Generations) -> Response:
    """Whether there is a publication that can be read."""
    try:
        with generations.open() as opened:
            return JSONResponse({"ready": True, "publication": opened.source.publication_id})
    except (NoPublication, LookupError, OSError, duckdb.Error) as error:
        return JSONResponse({"ready": False, "reason": str(error)}, status_code=503)
