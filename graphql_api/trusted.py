"""Trusted documents: the lists of those that may be asked for by their hash alone, or that alone are served.

What belongs here: reading the lists, finding a document. What does not: checking one (``documents``).

A list is a JSON file as a front end's build writes it: ``{"<sha256>": "<text>", …}``, as by graphql-codegen
and relay-compiler, or the manifest of Apollo's tools. Its hashes are computed again when it is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from graphql_api.settings import SettingsError

_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


class NotTrusted(Exception):
    """The document is on no list; the message says what would pass."""


class TrustedDocuments:
    """The documents of some lists, by the SHA-256 of their text."""

    def __init__(self, files: Iterable[Path], *, only: bool) -> None:
        """Reads the lists.

        Args:
            files: The lists.
            only: Whether other documents are refused.

        Raises:
            SettingsError: a list cannot be read, or is none.
        """
        self._texts = {_hash(text): text for file in files for text in _texts(file)}
        self._only = only
        if only and not self._texts:
            raise SettingsError(
                "UNION7510_TRUSTED_ONLY is on, but UNION7510_TRUSTED_DOCUMENTS names no document: "
                "nothing could be asked; name the list that the front end's build writes"
            )

    def text(self, document_id: str) -> str:
        """The text of a document.

        Raises:
            NotTrusted: no list has it.
        """
        match = _ID.fullmatch(document_id.strip())
        text = self._texts.get(match[1].lower()) if match else None
        if text is None:
            raise NotTrusted(
                "no list of this server has a document with this documentId; send the SHA-256 of the text "
                "of a document that is on a list, as 64 hexadecimal digits"
            )
        return text

    def check(self, text: str) -> None:
        """Lets a document pass that was sent as text.

        Raises:
            NotTrusted: only those of the lists are served, and it is none of them.
        """
        if self._only and _hash(text) not in self._texts:
            raise NotTrusted(
                "this server executes the documents on its lists only, and this is none of them; send the "
                "documentId of one that is"
            )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _texts(file: Path) -> Iterator[str]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"the list of trusted documents {file} cannot be read: {error}") from None
    for name, text in _entries(content):
        if not isinstance(text, str):
            raise SettingsError(
                f"{file} is no list of trusted documents: {name!r} has no text; expected "
                '{"<sha256 of the text>": "<text>", …}'
            )
        match = _ID.fullmatch(str(name))
        if match and match[1].lower() != _hash(text):
            raise SettingsError(
                f"{file}: the text of document {name} has another hash, {_hash(text)}; write the list again"
            )
        yield text


def _entries(content: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(content, dict) and isinstance(content.get("operations"), list):
        return [
            (each.get("id"), each.get("body")) if isinstance(each, dict) else (each, None)
            for each in content["operations"]
        ]
    return content.items() if isinstance(content, dict) else [(content, None)]
