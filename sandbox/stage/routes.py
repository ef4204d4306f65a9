"""What the page reads and presses: ``GET /sandbox/stage``, ``POST /sandbox/stage/<act>``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

#: What ``tests/bench/peers.py`` has measured of other bots.
_RECORDED = Path(__file__).with_name("recorded.json")


class StageRoutes:
    """Answers once the stage is set; before that there is none."""

    def __init__(self) -> None:
        self._snapshot: Callable[[], dict[str, Any]] | None = None
        self._begin: Callable[[str, str], None] | None = None
        self._names: tuple[str, ...] = ()
        self._recorded = json.loads(_RECORDED.read_text(encoding="utf-8"))

    def set(
        self,
        snapshot: Callable[[], dict[str, Any]],
        begin: Callable[[str, str], None],
        names: tuple[str, ...],
    ) -> None:
        self._snapshot, self._begin, self._names = snapshot, begin, names

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/sandbox/stage", self._told)
        router.add_post("/sandbox/stage/{act}", self._act)

    async def _told(self, request: web.Request) -> web.Response:
        del request
        if self._snapshot is None:
            return web.json_response({"on": False})
        told = {"on": True, "acts": self._names, "recorded": self._recorded, **self._snapshot()}
        return web.json_response(told)

    async def _act(self, request: web.Request) -> web.Response:
        if self._begin is None:
            return web.json_response({"error": "there is no stage"}, status=404)
        try:
            self._begin(request.match_info["act"], request.query.get("lang", ""))
        except KeyError:
            return web.json_response({"error": f"known: {self._names}"}, status=404)
        except RuntimeError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"ok": True})
