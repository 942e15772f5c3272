"""What the API is measured against: servers as small as they get, over the same publication.

What belongs here: the other servers' applications. What does not: load and comparison (``bench_api``).
"""

import json
import os
from decimal import Decimal
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

#: Where ``constant`` finds the bytes that it sends, and ``strawberry_default`` its publication.
FILE = "UNION7510_BENCH_FILE"


def constant() -> ASGIApp:
    """Sends the same bytes, headers and body, whatever is asked."""
    answer = json.loads(Path(os.environ[FILE]).read_bytes())
    body = answer["body"].encode("utf-8")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer["headers"]]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    rest = {"type": "http.response.body", "body": body}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await receive()
            await send(start)
            await send(rest)

    return application


def strawberry_default() -> ASGIApp:
    """Strawberry with its default set-up: a schema, a resolver, and one DuckDB query a request."""
    import duckdb
    import strawberry
    from strawberry.asgi import GraphQL

    connection = duckdb.connect(os.environ[FILE], read_only=True)

    @strawberry.type
    class Unit:
        code: strawberry.ID
        name_zh: str

    @strawberry.type
    class Group:
        unit: Unit
        value: Decimal | None
        state: str
        numerator: Decimal | None

    @strawberry.type
    class Query:
        @strawberry.field
        def groups(self, indicator: strawberry.ID, first: str, last: str) -> list[Group]:
            asked = {"indicator": indicator, "first": f"{first}-01", "last": f"{last}-01"}
            rows = connection.cursor().execute(GROUPS, asked).fetchall()
            return [
                Group(unit=Unit(code=code, name_zh=name_zh), value=value, state=state, numerator=numerator)
                for code, name_zh, value, state, numerator in rows
            ]

    return GraphQL(strawberry.Schema(Query))


#: The figures of one indicator by unit, as plainly as SQL says it; parameters are DuckDB's.
GROUPS = """
    SELECT
        units.unit, units.name_zh, sum(monthly.numerator) AS value,
        CASE WHEN sum(monthly.numerator) > 0 THEN 'REPORTED' WHEN count(monthly.unit) > 0 THEN 'ZERO'
            ELSE 'NOT_REPORTED' END AS state,
        sum(monthly.numerator) AS numerator
    FROM core.units AS units
    LEFT JOIN mart.indicator_monthly AS monthly
        ON monthly.unit = units.unit
        AND monthly.indicator = $indicator
        AND monthly.month BETWEEN $first::DATE AND $last::DATE
    GROUP BY units.unit, units.name_zh, units.position
    ORDER BY units.position
"""
