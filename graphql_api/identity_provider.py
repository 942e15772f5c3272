"""Tokens of an OpenID Connect issuer: JSON Web Tokens whose claims say a role.

What belongs here: verifying them. What does not: this installation's own tokens (``warehouse.tokens``), what
a role may see (``warehouse.reading.viewer``).

Only signatures with the issuer's public keys are accepted, never a shared secret: whoever verifies those
could make them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt

from graphql_api.settings import ApiSettings, SettingsError
from warehouse.catalog import load_catalog
from warehouse.reading import Role, Viewer

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_REQUIRED = ["exp", "iss", "aud"]
#: By how much clocks may differ, in seconds.
_LEEWAY = 30
#: How long the issuer's keys are kept, and how long fetching them may take, in seconds.
_KEYS_KEPT, _TIMEOUT = 300, 5


class BadToken(Exception):
    """The token is not one that proves a role; the message says why."""


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
        is_address = settings.oidc_keys.startswith(("https://", "http://"))
        self._client = (
            jwt.PyJWKClient(settings.oidc_keys, lifespan=_KEYS_KEPT, timeout=_TIMEOUT) if is_address else None
        )

    def viewer(self, token: str) -> Viewer:
        """Whom the claims of a token name.

        Raises:
            BadToken: the token or its claims prove nothing.
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
        except (jwt.PyJWTError, OSError, ValueError) as error:
            raise BadToken(str(error)) from None
        return self._named(claims)

    def _key(self, token: str) -> jwt.PyJWK:
        if self._client is not None:
            return self._client.get_signing_key_from_jwt(token)
        wanted = jwt.get_unverified_header(token).get("kid")
        keys = jwt.PyJWKSet.from_json(Path(self._settings.oidc_keys).read_text(encoding="utf-8")).keys
        found = [key for key in keys if wanted is None or key.key_id == wanted]
        if len(found) != 1:
            raise BadToken("it names none of the issuer's keys")
        return found[0]

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
