"""Who asks: from the ``Authorization`` header of a request to a viewer.

What belongs here: proving a role. What does not: what a role may see (``warehouse.reading.viewer``), making
tokens (``warehouse.tokens``).

A request without the header is what the settings say, by default the public. A request with one is never
taken for the public when the header proves nothing: it is refused in words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import ClassVar

from anyio import to_thread
from starlette.requests import HTTPConnection

from graphql_api.errors import request_error
from graphql_api.identity_provider import FETCHED_AGAIN, BadToken, IdentityProvider, NoKeys
from graphql_api.settings import ApiSettings
from warehouse.reading import Viewer
from warehouse.settings import Home
from warehouse.tokens import PREFIX, TokenLog

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
#: What RFC 6750 calls a token that is wrong, revoked or expired.
_INVALID = 'Bearer realm="union7510", error="invalid_token"'
#: Longer than any token; JSON Web Tokens with many claims have some thousand characters.
_LENGTH_MAXIMUM = 8_192


class Unauthenticated(Exception):
    """The header proves no role: status 401. The message says why and what would pass."""

    status = 401
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": _INVALID}

    @property
    def payload(self) -> dict[str, object]:
        """The answer, in GraphQL's form."""
        return request_error(str(self), "UNAUTHENTICATED")


class IssuerAway(Unauthenticated):
    """What a token proves cannot be found out now: status 503. It may be a good one."""

    status = 503
    headers: ClassVar[dict[str, str]] = {"Retry-After": str(FETCHED_AGAIN)}

    @property
    def payload(self) -> dict[str, object]:
        """The answer, in GraphQL's form."""
        return request_error(str(self), "ISSUER_UNAVAILABLE")


def one_header(said: Sequence[object]) -> str | None:
    """The only one of what a client sends as ``Authorization``; None where it sends nothing.

    Raises:
        Unauthenticated: it sends several, or something else than text.
    """
    if not said:
        return None
    header, *others = said
    if others or not isinstance(header, str):
        raise Unauthenticated("send one Authorization, as “Bearer <token>” / 请只发送一个令牌")
    return header


class Authentication:
    """Knows who asks; for several threads, and for every request anew, so that revoking works at once."""

    def __init__(self, home: Home, settings: ApiSettings) -> None:
        self._tokens = TokenLog(home)
        #: Who asks without a token.
        self.without_token = settings.viewer
        self._provider = IdentityProvider(settings) if settings.oidc_issuer else None

    async def viewer(self, connection: HTTPConnection) -> Viewer:
        """The viewer of an HTTP request or a WebSocket's handshake.

        Raises:
            Unauthenticated: there is a header, and it proves nothing.
        """
        return await self.viewer_of_header(one_header(connection.headers.getlist("authorization")))

    async def viewer_of_header(self, authorization: str | None) -> Viewer:
        """The same of a header's value, or of what a WebSocket's client sends in its place.

        Raises:
            Unauthenticated: it proves nothing.
        """
        if authorization is None:
            return self.without_token
        match = _BEARER.fullmatch(authorization.strip())
        if match is None or len(authorization) > _LENGTH_MAXIMUM:
            raise Unauthenticated(
                "the Authorization header is not of the form “Bearer <token>”; send a token like that, or no "
                "such header for what everybody may see / 请求头 Authorization 的格式应为“Bearer <令牌>”"
            )
        return await to_thread.run_sync(self._viewer_of_token, match[1])

    def _viewer_of_token(self, secret: str) -> Viewer:
        if self._provider is not None and not secret.startswith(PREFIX):
            try:
                return self._provider.viewer(secret)
            except BadToken as error:
                raise Unauthenticated(f"the token proves no role: {error} / 令牌无效，请重新登录") from None
            except NoKeys:
                raise IssuerAway(
                    "tokens cannot be verified now, because their issuer does not answer; send the request "
                    "again in some seconds / 暂时无法验证令牌，请稍后重试"
                ) from None
        found = self._tokens.recognise(secret)
        if found is None:
            raise Unauthenticated(
                "the token is not known here; it may be mistyped, or of another server / 令牌无效，请核对"
            )
        state = found.state(dt.datetime.now(dt.UTC))
        if state != "valid":
            said = {"revoked": "was revoked / 令牌已被撤销", "expired": "has expired / 令牌已过期"}[state]
            raise Unauthenticated(f"token {found.id} {said}；`union7510 token create` makes a new one")
        return found.viewer
