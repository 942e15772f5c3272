"""What is looked at before the server starts, by the process that starts it: whether settings can be used.

What belongs here: what each worker would find out for itself, and could tell only by a stack trace. What does
not: whether there is something to serve (``/readyz``).
"""

from __future__ import annotations

from graphql_api.identity_provider import IdentityProvider
from graphql_api.settings import ApiSettings, SettingsError
from graphql_api.trusted import TrustedDocuments


def problem() -> str | None:
    """What is wrong with the environment, and what would pass; None when nothing is."""
    try:
        settings = ApiSettings.from_environment()
        TrustedDocuments(settings.trusted_documents, only=settings.trusted_only)
        if settings.oidc_issuer:
            IdentityProvider(settings)
    except SettingsError as error:
        return str(error)
    return None
