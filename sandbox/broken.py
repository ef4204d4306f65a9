"""Answers that are none, for both simulators."""

import asyncio
import time

from aiohttp import web


def cut(request: web.Request) -> None:
    """End the connection without an answer; what is returned afterwards goes nowhere."""
    if request.transport is not None:
        request.transport.abort()


async def trickle(request: web.Request, seconds: float) -> web.StreamResponse:
    """An answer whose end does not come: a limit per read never strikes."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    ends = time.monotonic() + seconds
    try:
        while time.monotonic() < ends:
            await response.write(b" ")
            await asyncio.sleep(min(1.0, max(0.0, ends - time.monotonic())))
    except ConnectionError:
        return response
    cut(request)
    return response
