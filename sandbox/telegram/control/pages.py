"""The chat page and what it reads: state, events, files, the health of the instance."""

import asyncio
import json
from pathlib import Path

import aiohttp
from aiohttp import web

from sandbox.telegram.control.snapshot import snapshot
from sandbox.telegram.delivery.webhook import Delivery
from sandbox.telegram.state.store import State

PAGE = Path(__file__).resolve().parents[2] / "page"


class Pages:
    """All GET routes outside the Bot API."""

    def __init__(self, state: State, delivery: Delivery, health_url: str) -> None:
        self._state = state
        self._delivery = delivery
        self._health_url = health_url
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the streams of the page."""
        self._stopping.set()
        self._state.events.tell({"type": "end"})

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/", self._page)
        router.add_static("/page/", PAGE)
        router.add_get("/sandbox/state", self._snapshot)
        router.add_get("/sandbox/messages/{chat}", self._messages)
        router.add_get("/sandbox/violations", self._violations)
        router.add_get("/sandbox/events", self._events)
        router.add_get("/sandbox/instance", self._instance)
        router.add_get("/sandbox/media/{file_id}", self._media)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-store"})

    async def _snapshot(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(snapshot(self._state, self._delivery))

    async def _messages(self, request: web.Request) -> web.Response:
        """One chat, however many there are."""
        chat = request.match_info["chat"]
        found = self._state.messages.get(int(chat), {}) if chat.lstrip("-").isdecimal() else {}
        return web.json_response({"messages": list(found.values())})

    async def _violations(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"violations": self._state.violations})

    async def _media(self, request: web.Request) -> web.Response:
        stored = self._state.files.stored.get(request.match_info["file_id"])
        if stored is None:
            return web.Response(status=404)
        return web.Response(
            body=stored.content,
            content_type=stored.mime,
            headers={"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"},
        )

    async def _instance(self, request: web.Request) -> web.Response:
        """The health of the instance, for the panel beside the chat."""
        del request
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as session,
                session.get(self._health_url) as answer,
            ):
                return web.json_response(await answer.json())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return web.json_response({"state": "AWAY", "status": "failing"})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: everything that changes, as it changes."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        events = self._state.events
        # Before the page learns that the stream is open: what it then reads is no older.
        queue = events.listen()
        try:
            await response.prepare(request)
            await response.write(b"retry: 1000\n\n")
            while events.hears(queue) and not self._stopping.is_set():
                try:
                    number, event = await asyncio.wait_for(queue.get(), 1.0)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                await response.write(f"id: {number}\ndata: {json.dumps(event)}\n\n".encode())
        except (ConnectionError, aiohttp.ClientError):
            return response
        finally:
            events.forget(queue)
        return response
