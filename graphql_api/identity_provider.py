"""Tokens of an OpenID Connect issuer: JSON Web Tokens whose claims say a role.

What belongs here: verifying them. What does not: this installation's own tokens (``warehouse.tokens``), what
a role may see (``warehouse.reading.viewer``).

Only signatures with the issuer's public keys are accepted, never a shared secret: whoever verifies those
could make them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jwt

from graphql_api.settings import ApiSettings, SettingsError
from warehouse.catalog import load_catalog
from warehouse.reading import Role, Viewer

_logger = logging.getLogger(__name__)
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_REQUIRED = ["exp", "iss", "aud"]
#: By how much clocks may differ, in seconds.
_LEEWAY = 30
#: After so many seconds the issuer's keys are fetched again; fetching may take so long.
_KEYS_KEPT, _TIMEOUT = 300, 5
#: Between two attempts to fetch them, in seconds: anybody can send tokens that name any key.
FETCHED_AGAIN = 10


class BadToken(Exception):
    """The token is not one that proves a role; the message says why."""


class NoKeys(Exception):
    """The issuer's keys cannot be had now, so that nobody knows what a token proves."""


class IdentityProvider:
    """Verifies tokens of one issuer; for several threads.

    Raises:
        SettingsError: the settings name an issuer, and not all that is needed with it.
    """

    def __init__(self, settings: ApiSettings) -> None:
        for name in ("oidc_audience", "oidc_keys"):
            if not getattr(settings, name):
                raise SettingsError(
                    f"UNION7510_OIDC_ISSUER is set, so UNION7510_{name.upper()} must be set as well"
                )
        self._settings = settings
        self._roles = _roles(settings.oidc_roles)
        self._keys = _Keys(_source(settings.oidc_keys))

    def viewer(self, token: str) -> Viewer:
        """Whom the claims of a token name.

        Raises:
            BadToken: the token or its claims prove nothing.
            NoKeys: the issuer cannot be asked, and has not been before.
        """
        try:
            claims = jwt.decode(
                token,
                self._key(token),
                algorithms=_ALGORITHMS,
                audience=self._settings.oidc_audience,
                issuer=self._settings.oidc_issuer,
                leeway=_LEEWAY,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise BadToken(str(error)) from None
        return self._named(claims)

    def _key(self, token: str) -> jwt.PyJWK:
        key = self._keys.named(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise BadToken("it names none of the issuer's keys")
        return key

    def _named(self, claims: Mapping[str, Any]) -> Viewer:
        """The widest role that the claims name."""
        said = claims.get(self._settings.oidc_role_claim)
        several = said if isinstance(said, list) else [said]
        values = {one for one in several if isinstance(one, str)}
        named = {self._roles[value] for value in values if value in self._roles}
        for role, viewer in ((Role.CITY, Viewer.CITY), (Role.ANALYST, Viewer.ANALYST)):
            if role in named:
                return viewer
        unit = claims.get(self._settings.oidc_unit_claim)
        if Role.UNIT in named and isinstance(unit, str) and unit in load_catalog().unit_by_code:
            return Viewer.of_unit(unit)
        raise BadToken(f"its claim {self._settings.oidc_role_claim!r} names no role of this server")


class _Keys:
    """The issuer's keys as they were had last: an issuer that cannot be reached locks nobody out at once."""

    def __init__(self, fetch: Callable[[], Sequence[jwt.PyJWK]]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._keys: Sequence[jwt.PyJWK] = ()
        self._fetched = self._tried = float("-inf")

    def named(self, name: str | None) -> jwt.PyJWK | None:
        """The key of this name; without a name, the only one that there is.

        Raises:
            NoKeys: none have been had yet.
        """
        found = self._found(name)
        if found is None or time.monotonic() - self._fetched > _KEYS_KEPT:
            self._refresh()
            found = self._found(name)
        if not self._keys:
            raise NoKeys
        return found

    def _found(self, name: str | None) -> jwt.PyJWK | None:
        found = [key for key in self._keys if name is None or key.key_id == name]
        return found[0] if len(found) == 1 else None

    def _refresh(self) -> None:
        # One thread asks; the others wait only where they have nothing to go by.
        if not self._lock.acquire(blocking=not self._keys):
            return
        try:
            if time.monotonic() - self._tried < FETCHED_AGAIN:
                return
            self._tried = time.monotonic()
            self._keys = self._fetch()
            self._fetched = self._tried
        except (jwt.PyJWTError, OSError, ValueError) as error:
            _logger.error("the keys of the issuer cannot be read: %s", error)
        finally:
            self._lock.release()


def _source(keys: str) -> Callable[[], Sequence[jwt.PyJWK]]:
    """What reads the keys from an address or a file."""
    if keys.startswith(("https://", "http://")):
        client = jwt.PyJWKClient(keys, cache_jwk_set=False, timeout=_TIMEOUT)
        return lambda: client.get_jwk_set().keys
    return lambda: jwt.PyJWKSet.from_json(Path(keys).read_text(encoding="utf-8")).keys


def _roles(text: str) -> dict[str, Role]:
    """From a claim's value to a role: ``city=union-admins,unit=county-users``, else the roles' own names.

    Raises:
        SettingsError: the text says something else.
    """
    named = [Role.CITY, Role.ANALYST, Role.UNIT]
    if not text:
        return {role.value: role for role in named}
    roles: dict[str, Role] = {}
    for part in text.split(","):
        role, _, value = (piece.strip() for piece in part.partition("="))
        if role not in named or not value:
            raise SettingsError(
                f"UNION7510_OIDC_ROLES is {text!r}; expected for example city=union-admins,unit=county-users"
            )
        roles[value] = Role(role)
    return roles
