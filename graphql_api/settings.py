"""Settings of the server: who its readers are, and how large a request may be."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from warehouse.reading import Role, Viewer


class SettingsError(Exception):
    """An environment variable has a value that cannot be used; the message says which and what can."""


@dataclass(frozen=True)
class ApiSettings:
    """All settings, with their defaults; each is the environment variable ``UNION7510_`` + its name."""

    #: Who asks without a token: ``public``; for local use also ``analyst`` or ``city``.
    viewer: Viewer = Viewer.PUBLIC
    #: Largest body, and longest query string.
    max_request_bytes: int = 100_000
    #: Largest request with a file.
    max_upload_bytes: int = 104_857_600
    #: How long, in seconds, a request may take to come; of a file, each part.
    body_seconds: int = 30
    #: Most lexical tokens of a document.
    max_tokens: int = 5_000
    #: Deepest nesting of fields.
    max_depth: int = 12
    #: Most fields of the query type in one operation, aliases counted one by one.
    max_root_fields: int = 100
    #: Most values that an operation may ask for, as ``graphql_api.limits`` estimates them.
    max_cost: int = 100_000
    #: How many operations are executed at a time; the others wait.
    threads: int = 8
    #: How many may wait; more are sent away at once (503).
    max_waiting: int = 500
    #: Operations and files a second of one client, by token or address; finished answers are free.
    max_rate: int = 2_000
    #: Addresses and networks of proxies, separated by ``,``, that are believed whom they ask for.
    trusted_proxies: tuple[str, ...] = ()
    #: After this long an operation's database query is stopped.
    timeout_seconds: int = 20
    #: Bytes of finished answers that a worker keeps.
    answer_cache_bytes: int = 64_000_000
    #: Whether the schema may be asked for; off, errors give no hints either.
    introspection: bool = True
    #: Lists of trusted documents, JSON files, separated by ``:``.
    trusted_documents: tuple[Path, ...] = ()
    #: Whether only the documents on these lists are executed.
    trusted_only: bool = False
    #: Clients that wait for publications at a time, by WebSocket or server-sent events; all of a worker.
    max_live_connections: int = 1_000
    #: The same of one address.
    max_live_connections_of_a_client: int = 100
    #: Operations that run on one WebSocket at a time.
    websocket_operations: int = 20
    #: How long a WebSocket may take to say connection_init.
    websocket_init_seconds: int = 10
    #: After this long a WebSocket without an operation, or whose client does not answer, is closed.
    websocket_idle_seconds: int = 120
    #: Form of the log: ``text`` or ``json``.
    log: str = "text"

    #: An OpenID Connect issuer whose tokens prove a role, as they name it; none when empty.
    oidc_issuer: str = ""
    #: For whom its tokens must be.
    oidc_audience: str = ""
    #: Its public keys, a JSON Web Key Set: an address, or a file.
    oidc_keys: str = ""
    #: The claim that names the role, and the one that names the code of the unit.
    oidc_role_claim: str = "role"
    oidc_unit_claim: str = "unit"
    #: Which values of the claim mean which role, ``city=union-admins``; else the names of roles.
    oidc_roles: str = ""

    @classmethod
    def from_environment(cls) -> ApiSettings:
        """Raises: SettingsError: a variable's value cannot be used."""
        return cls(**{each.name: _value(each.name, each.default) for each in fields(cls)})


def _value(name: str, default: Any) -> Any:
    """A setting's value, of the type of its default."""
    match name, default:
        case "viewer", _:
            return _viewer()
        case "trusted_proxies", _:
            return _networks(name)
        case "log", _:
            return _word(name, ("text", "json"), default)
        case _, bool():
            return _word(name, ("on", "off"), "on" if default else "off") == "on"
        case _, int():
            return _whole_number(name, default)
        case _, str():
            return _variable(name)[1] or default
    return tuple(Path(part) for part in _variable(name)[1].split(os.pathsep) if part)


def _word(name: str, words: tuple[str, ...], default: str) -> str:
    variable, text = _variable(name)
    if text and text not in words:
        raise SettingsError(f"{variable} is {text!r}; expected {' or '.join(words)}")
    return text or default


def _variable(name: str) -> tuple[str, str]:
    variable = f"UNION7510_{name.upper()}"
    return variable, os.environ.get(variable, "").strip()


def _viewer() -> Viewer:
    variable, text = _variable("viewer")
    try:
        return Viewer(Role(text or Role.PUBLIC))
    except ValueError:
        expected = " or ".join(role for role in Role if role is not Role.UNIT)
        raise SettingsError(f"{variable} is {text!r}; expected {expected}") from None


def _networks(name: str) -> tuple[str, ...]:
    variable, text = _variable(name)
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for each in found:
        try:
            ipaddress.ip_network(each)
        except ValueError:
            raise SettingsError(
                f"{variable} has {each!r}; expected addresses and networks such as 127.0.0.1,10.0.0.0/8"
            ) from None
    return found


def _whole_number(name: str, default: int) -> int:
    variable, text = _variable(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 12 and int(text) > 0):
        raise SettingsError(f"{variable} is {text!r}; expected a whole number above 0, such as {default}")
    return int(text)
