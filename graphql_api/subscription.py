"""The subscription: what a page waits for.

A subscription's event is answered as a query is: its operation is executed on the publication that has gone
live. Who waits, and how long, is ``graphql_api.live``.
"""

from __future__ import annotations

import strawberry

from graphql_api.context import Info
from graphql_api.fields import resolved
from graphql_api.publication_type import Publication, current_publication


@strawberry.type(description="What can be waited for, by WebSocket or as server-sent events (订阅).")
class Subscription:
    """The root of subscriptions."""

    @resolved(
        description="Fires when another publication goes live, so that a page refreshes itself; the first "
        "event is the first change after subscribing (发布更新)."
    )
    def publication_changed(self, info: Info) -> Publication:
        """The publication that has gone live."""
        return current_publication(info.context)
