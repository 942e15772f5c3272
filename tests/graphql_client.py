"""The real application without a network, for the tests of GraphQL."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.applications import Starlette

GRAPHQL_RESPONSE = "application/graphql-response+json"


class Client:
    """Sends requests to an application, one after the other."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def request(self, method: str, path: str = "/graphql", **options: Any) -> httpx.Response:
        """One request; options are those of ``httpx``."""
        return asyncio.run(self._request(method, path, options))

    async def _request(self, method: str, path: str, options: Mapping[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)

    def post(self, query: str, accept: str = GRAPHQL_RESPONSE, **variables: Any) -> httpx.Response:
        return self.request("POST", json={"query": query, "variables": variables}, headers={"Accept": accept})

    def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.post(query, **variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def error(self, query: str, **variables: Any) -> Any:
        """The only error of an answer."""
        (error,) = self.post(query, **variables).json()["errors"]
        return error
