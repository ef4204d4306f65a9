"""What tasks end with: links to real pictures, clips and sounds, or an object.

The shapes of data results are documented only as ``{"resultObject": {…}}``; what stands in it
is this simulator's own.
"""

import asyncio
import json
import re
import time
from typing import Any

from aiohttp import web

from sandbox.files.picture import draw
from sandbox.files.sound import silence
from sandbox.files.video import film
from sandbox.kie.account import Account
from sandbox.kie.odd import result_text
from sandbox.kie.tasks import Task
from sandbox.proxy_answers import page

LINK_SECONDS = 24 * 3600.0
_ENDINGS = {"image": "png", "video": "mp4", "audio": "mp3"}
_TYPES = {"png": "image/png", "mp4": "video/mp4", "mp3": "audio/mpeg"}
_NAME = re.compile(r"([0-9a-f]{32})(?:_([0-9]+|first|last|full|cover))?\.(png|mp4|mp3)")
_SPOKEN_SECONDS = 3.0
SONG_SECONDS = 8
_CLIP_SECONDS = 5


def add_result_routes(router: web.UrlDispatcher, account: Account) -> None:
    """``GET /r/<file>``: no key is needed, and the link ends."""

    async def result(request: web.Request) -> web.StreamResponse:
        name = _NAME.fullmatch(request.match_info["name"])
        task = account.tasks.get(name.group(1)) if name is not None else None
        if name is None or task is None or task.completed_ms is None or "expired" in task.faults:
            return web.Response(status=404)
        age = time.time() - task.completed_ms / 1000
        life = float(task.faults.get("link_life", LINK_SECONDS))
        if age < float(task.faults.get("late_link", 0)) or age > life:
            return web.Response(status=404)
        if age < float(task.faults.get("page_link", 0)):
            return page("cloudflare", 200)
        _, which, ending = name.groups()
        content = await asyncio.to_thread(_content, task, which or "1", ending)
        content += b"\0" * (int(task.faults.get("result_bytes", 0)) - len(content))
        return web.Response(body=content, content_type=_TYPES[ending])

    router.add_get("/r/{name}", result)


def result_json(task: Task, base_url: str) -> str:
    """``resultJson`` of a task that succeeded."""
    if task.kind not in _ENDINGS:
        return json.dumps({"resultObject": _object(task)})
    ending = _ENDINGS[task.kind]
    numbers = ["", *(f"_{number}" for number in range(2, task.files + 1))]
    urls = [f"{base_url}/r/{task.id}{number}.{ending}" for number in numbers]
    odd = result_text(task.faults, urls)
    if odd is not None:
        return odd
    found: dict[str, Any] = {"resultUrls": [] if "no_urls" in task.faults else urls}
    if task.inputs.get("return_last_frame") is True:
        found["firstFrameUrl"] = [f"{base_url}/r/{task.id}_first.png"]
        found["lastFrameUrl"] = [f"{base_url}/r/{task.id}_last.png"]
    return json.dumps(found)


def _object(task: Task) -> dict[str, Any]:
    if "no_urls" in task.faults:
        return {}
    return {"items": [{"index": 0, "label": "subject", "box": [0.1, 0.1, 0.9, 0.9]}], "count": 1}


def _content(task: Task, which: str, ending: str) -> bytes:
    words = task.prompt or task.model
    if ending == "mp3":
        title = str(task.inputs.get("title") or words)
        return silence(title, SONG_SECONDS if task.family == "suno" else _SPOKEN_SECONDS)
    shape = str(task.inputs.get("aspect_ratio") or task.inputs.get("image_size") or "")
    if ending == "mp4":
        seconds = _seconds(task) * (2 if which == "full" else 1)
        return film(words, shape or "16:9", seconds)
    variant = int(which) if which.isdecimal() else 1
    return draw(words, shape, variant)


def _seconds(task: Task) -> int:
    try:
        return int(float(task.inputs.get("duration", _CLIP_SECONDS)))
    except (TypeError, ValueError):
        return _CLIP_SECONDS
