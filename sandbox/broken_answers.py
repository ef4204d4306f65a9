"""Connections that end without a complete answer, for both simulators."""

import asyncio
import time

from aiohttp import web


def cut(request: web.Request) -> None:
    """Abort the connection; the response that the handler returns is not sent."""
    if request.transport is not None:
        request.transport.abort()


async def trickle(request: web.Request, seconds: float) -> web.StreamResponse:
    """An answer that never ends but always sends: a timeout per read does not stop it."""
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
