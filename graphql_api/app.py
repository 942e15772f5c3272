"""The web application: routes, and what lives as long as the server.

Started with ``granian --interface asgi --factory graphql_api.app:served_app`` or ``union7510 serve``.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import duckdb
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_api.authentication import Authentication
from graphql_api.downloads import Downloads
from graphql_api.execution import Executor
from graphql_api.generations import Generations
from graphql_api.http.endpoint import GraphQLEndpoint
from graphql_api.http.page import GraphiQL
from graphql_api.live.answers import LiveAnswers
from graphql_api.live.changes import Changes
from graphql_api.live.websocket import WebSockets
from graphql_api.observing.logs import log_to_stderr
from graphql_api.observing.metrics import Metrics, Served
from graphql_api.observing.observer import Observer
from graphql_api.page import DashboardPage
from graphql_api.running import Runner
from graphql_api.settings import ApiSettings
from graphql_api.stopping import when_told_to_end
from graphql_api.throttle import Rate
from graphql_api.trusted import TrustedDocuments
from warehouse.incoming import remove_leftovers
from warehouse.publications import NoPublication, PublicationStore
from warehouse.reading import Viewer
from warehouse.reading.publication import publication
from warehouse.settings import Home

_GRAPHQL = "/graphql"
_METRICS_TYPE = "text/plain; version=1.0.0; charset=utf-8"


class Application(Starlette):
    """The application; requests of GraphQL go to their endpoint without a search among the routes."""

    graphql: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == _GRAPHQL:
            await self.graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def served_app() -> Application:
    """The application as a server's process runs it: by the environment, with its log on stderr.

    Raises:
        SettingsError: the environment has a value that cannot be used.
    """
    settings = ApiSettings.from_environment()
    log_to_stderr(settings.log)
    app = create_app(settings=settings)
    # What there is now stays to the end: to look for garbage in it each time holds up hundreds of requests.
    gc.collect()
    gc.freeze()
    return app


def create_app(home: Home | None = None, settings: ApiSettings | None = None) -> Application:
    """The application over a home; both arguments come from the environment when they are left out.

    Raises:
        SettingsError: the environment, or a list of trusted documents, has a value that cannot be used.
    """
    settings = settings or ApiSettings.from_environment()
    home = home or Home.from_environment()
    generations = Generations(PublicationStore(home))
    authentication = Authentication(home, settings)
    trusted = TrustedDocuments(settings.trusted_documents, only=settings.trusted_only)
    runner = Runner(Executor(generations, settings, trusted), settings)
    metrics = Metrics(lambda: _served(generations))
    observer = Observer(metrics)
    changes = Changes(generations.current_id)
    live = LiveAnswers(runner, changes, observer, settings)
    rate = Rate(settings.max_rate)
    sockets = WebSockets(runner, live, authentication, rate, settings)

    async def readyz(_: Request) -> Response:
        return await anyio.to_thread.run_sync(_readiness, generations)

    async def measured(_: Request) -> Response:
        return Response(await anyio.to_thread.run_sync(metrics.text), media_type=_METRICS_TYPE)

    async def end_waiting() -> None:
        # A connection that is closed is opened again by its client; an operation that has ended is not.
        await sockets.close()
        changes.close()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(remove_leftovers, home)
        when_told_to_end(end_waiting)
        yield
        await end_waiting()
        generations.close()
        metrics.close()

    app = Application(
        routes=[
            WebSocketRoute(_GRAPHQL, sockets),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", measured),
            *Downloads(generations, runner, authentication, rate, observer).routes,
            *GraphiQL().routes(),
            *DashboardPage().routes(),
        ],
        middleware=[Middleware(_behind_proxies, settings)],
        lifespan=lifespan,
    )
    graphql = GraphQLEndpoint(generations, runner, live, authentication, rate, observer, settings)
    app.graphql = _behind_proxies(graphql, settings)
    return app


def _behind_proxies(app: ASGIApp, settings: ApiSettings) -> ASGIApp:
    """The application, for which a client is whom a trusted proxy asks for (X-Forwarded-For)."""
    if not settings.trusted_proxies:
        return app
    wrapped: ASGIApp = wrap_asgi_with_proxy_headers(app, [*settings.trusted_proxies])
    return wrapped


async def healthz(_: Request) -> Response:
    """Whether the process answers."""
    return PlainTextResponse("ok\n")


def _readiness(generations: Generations) -> Response:
    """Whether there is a publication that can be read."""
    try:
        with generations.open(Viewer.PUBLIC) as opened:
            return JSONResponse({"ready": True, "publication": opened.source.publication_id})
    except NoPublication as error:
        return JSONResponse({"ready": False, "reason": str(error)}, status_code=503)


def _served(generations: Generations) -> Served | None:
    """What is served now, for the metrics; None when nothing can be read."""
    try:
        with generations.open(Viewer.PUBLIC) as opened:
            current = publication(opened.reading.source)
            rows = opened.source.query("SELECT status, count(*) AS returns FROM core.returns GROUP BY status")
    except (NoPublication, duckdb.Error):
        return None
    return Served(current.id, current.published_at, {row["status"]: row["returns"] for row in rows})
