"""GraphQL over server-sent events, in the mode of distinct connections: one request, a stream of its answers.

What belongs here: the form of the stream. What does not: the request (``graphql_api.http``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractContextManager, aclosing, suppress

from starlette.responses import StreamingResponse

from graphql_api.authentication import Unauthenticated
from graphql_api.execution import Answer
from graphql_api.live.answers import refusal_of
from graphql_api.throttle import TooMany

#: Proxies close what is silent for longer, in seconds.
SIGN_OF_LIFE = 15
_SILENT = b":\n\n"


def event_stream(
    answers: AsyncGenerator[Answer, None], place: AbstractContextManager[None], request_id: str
) -> StreamingResponse:
    """The stream of some answers, which holds ``place`` until it ends."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Request-Id": request_id}
    return StreamingResponse(_events(answers, place), media_type="text/event-stream", headers=headers)


async def _events(
    answers: AsyncGenerator[Answer, None], place: AbstractContextManager[None]
) -> AsyncIterator[bytes]:
    with place:
        yield _SILENT
        async with aclosing(_with_signs_of_life(answers)) as events:
            async for event in events:
                yield event
        yield b"event: complete\ndata: \n\n"


async def _with_signs_of_life(answers: AsyncGenerator[Answer, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(answers):
        waiting: asyncio.Task[Answer] | None = None
        try:
            while True:
                waiting = waiting or asyncio.ensure_future(anext(answers))
                await asyncio.wait({waiting}, timeout=SIGN_OF_LIFE)
                if not waiting.done():
                    yield _SILENT
                    continue
                try:
                    payload = waiting.result().payload
                except StopAsyncIteration:
                    return
                except (Unauthenticated, TooMany) as refused:
                    yield _next(refusal_of(refused))
                    return
                waiting = None
                yield _next(payload)
        finally:
            if waiting is not None:
                waiting.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await waiting


def _next(payload: object) -> bytes:
    # JSON has no line breaks of its own, so one line of data is enough.
    return b"event: next\ndata: " + json.dumps(payload, ensure_ascii=False).encode("utf-8") + b"\n\n"
