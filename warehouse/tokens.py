"""The secrets by which readers prove their role: an append-only log of tokens made and revoked.

What belongs here: making, revoking and recognising tokens. What does not: what a role may see
(``warehouse.reading.viewer``), HTTP (``graphql_api.authentication``).

A token is 256 random bits, shown once; the log keeps its SHA-256. A slow hash, as for passwords, would buy
nothing: nobody can try 2^256 of them, and each request would pay for it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warehouse import storage
from warehouse.reading.viewer import Role, Viewer
from warehouse.settings import Home

#: Begins every token, so that one that got out is recognised as such, by people and by scanners.
PREFIX = "u7510_"
_RANDOM_BYTES = 32
#: How long making or revoking waits for another one to be written, in seconds.
LOCK_TIMEOUT = 60


class UnknownToken(LookupError):
    """There is no token with this id; the message says which."""


@dataclass(frozen=True)
class Token:
    """A token as it is kept: for whom, why, and until when; the times are ISO 8601 with their offset.

    ``expires_at`` None: it holds until it is revoked.
    """

    id: str
    role: Role
    unit: str | None
    note: str
    created_at: str
    created_by: str | None
    expires_at: str | None
    sha256: str
    revoked_at: str | None = None
    revoked_by: str | None = None

    @property
    def viewer(self) -> Viewer:
        """Who asks with it."""
        return Viewer(self.role, self.unit)

    def state(self, now: dt.datetime) -> str:
        """``valid``, ``revoked`` or ``expired``."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and now >= dt.datetime.fromisoformat(self.expires_at):
            return "expired"
        return "valid"


class TokenLog:
    """The tokens of a home: one file for each that was made, one for each that was revoked."""

    def __init__(self, home: Home) -> None:
        self.root = home.tokens
        self._read: tuple[frozenset[str], dict[str, Token]] = (frozenset(), {})

    def tokens(self) -> list[Token]:
        """Every token that was ever made, the first one first."""
        return [*self._current().values()]

    def recognise(self, secret: str) -> Token | None:
        """The token, valid or not; None when there never was one like this.

        Sees at once what another process has made or revoked.
        """
        digest = _digest(secret)
        return next((token for token in self._current().values() if token.sha256 == digest), None)

    def create(
        self, viewer: Viewer, *, note: str, by: str | None, expires_at: dt.datetime | None = None
    ) -> tuple[str, Token]:
        """A new secret and its token; when this returns it is safe on disk.

        Raises:
            ValueError: everybody has the public role, without a token.
            storage.Busy: another process is writing for too long.
        """
        if viewer.role is Role.PUBLIC:
            raise ValueError("the public role needs no token")
        secret = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            number = self._next_number()
            token = Token(
                id=f"T{number:06d}",
                role=viewer.role,
                unit=viewer.unit,
                note=note,
                created_at=_now(),
                created_by=by,
                expires_at=None if expires_at is None else expires_at.isoformat(),
                sha256=_digest(secret),
            )
            made = asdict(token)
            del made["revoked_at"], made["revoked_by"]
            self._write(number, made)
        return secret, token

    def revoke(self, token_id: str, *, by: str | None) -> Token:
        """The token, which no longer holds; one that was revoked before stays as it is.

        Raises:
            UnknownToken: there is none with this id.
            storage.Busy: another process is writing for too long.
        """
        with storage.exclusive(self.root, LOCK_TIMEOUT):
            known = self._current()
            if token_id not in known:
                raise UnknownToken(f"there is no token {token_id}; `union7510 token list` shows them")
            if known[token_id].revoked_at is None:
                revoked = {"revokes": token_id, "revoked_at": _now(), "revoked_by": by}
                self._write(self._next_number(), revoked)
        return self._current()[token_id]

    def _current(self) -> dict[str, Token]:
        """The tokens by id. Files are only added, so the same names mean the same tokens."""
        try:
            names = frozenset(path.name for path in self.root.iterdir() if path.name[:1].isdigit())
        except FileNotFoundError:
            names = frozenset()
        read, tokens = self._read
        if names != read:
            tokens = _tokens([json.loads((self.root / name).read_bytes()) for name in sorted(names)])
            self._read = names, tokens
        return tokens

    def _next_number(self) -> int:
        storage.remove_temporaries(self.root)
        return max((int(path.stem) for path in self.root.glob("[0-9]*.json")), default=0) + 1

    def _write(self, number: int, document: dict[str, Any]) -> None:
        path = Path(self.root / f"{number:06d}.json")
        storage.write_file(path, json.dumps(document, ensure_ascii=False, indent=1).encode())


def _tokens(documents: Sequence[dict[str, Any]]) -> dict[str, Token]:
    tokens: dict[str, Token] = {}
    for document in documents:
        if "revokes" in document:
            revoked = {name: document[name] for name in ("revoked_at", "revoked_by")}
            made = tokens[document["revokes"]]
            tokens[made.id] = Token(**{**asdict(made), "role": made.role, **revoked})
        else:
            tokens[document["id"]] = Token(**{**document, "role": Role(document["role"])})
    return tokens


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
