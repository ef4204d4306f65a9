"""Suno: a song from words, an instrumental, a cover, an extension; record-info.

Every request makes two songs. Three callbacks tell of it: text, first, complete. When the last one
is not taken the status is CALLBACK_EXCEPTION, though the songs are there.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.kie.families.family import NO_RECORD, Family, Given, Order
from sandbox.kie.market.inputs import Refusal
from sandbox.kie.results import SONG_SECONDS
from sandbox.kie.tasks import Task

PRICE = 12.0
SECONDS = 12.0
STAGES = ("text", "first", "complete")
_STATUSES = ("PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS")
SIMPLE_PROMPT = 500
#: Longest prompt, style and title by model.
LIMITS: Mapping[str, tuple[int, int, int]] = {
    "V4": (3000, 200, 80),
    "V4_5": (5000, 1000, 100),
    "V4_5PLUS": (5000, 1000, 100),
    "V4_5ALL": (5000, 1000, 80),
    "V5": (5000, 1000, 100),
    "V5_5": (5000, 1000, 100),
}
_NAMES = ("prompt", "style", "title")


class Suno(Family):
    """The id of a song is made of its task's."""

    name = "suno"

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/v1/generate", self._generate)
        router.add_post("/api/v1/generate/extend", self._extend)
        router.add_post("/api/v1/generate/upload-cover", self._cover)
        router.add_get("/api/v1/generate/record-info", self._record)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        return await self.create(request, "suno/generate", self._song("generate"))

    async def _cover(self, request: web.Request) -> web.StreamResponse:
        return await self.create(request, "suno/upload-cover", self._song("upload_cover"))

    async def _extend(self, request: web.Request) -> web.StreamResponse:
        return await self.create(request, "suno/extend", self._extension)

    def _song(self, operation: str) -> Any:
        def order(given: Given) -> Order:
            _need_callback(given)
            if given["customMode"]:
                _custom(given, need_prompt=not given["instrumental"])
            else:
                _simple(given, self.account.violations)
            return self._order({**given, "operation": operation})

        return order

    def _extension(self, given: Given) -> Order:
        _need_callback(given)
        source, number = self._source(given["audioId"])
        if source.inputs["model"] != given["model"]:
            raise Refusal(422, "The model must be that of the source audio")
        inherited = {name: source.inputs[name] for name in _NAMES if name in source.inputs}
        if given["defaultParamFlag"]:
            _custom(given, need_prompt=True)
            at = given.get("continueAt")
            if at is None or not 0 < at < SONG_SECONDS:
                raise Refusal(422, "continueAt must be greater than 0 and within the audio")
            inherited = {}
        instrumental = source.inputs.get("instrumental", False)
        known = {**inherited, **given, "instrumental": instrumental, "operation": "extend"}
        return self._order({**known, "parent": self._song_id(source, number)})

    def _source(self, audio_id: str) -> tuple[Task, int]:
        for task in self.account.tasks.values():
            if task.family == self.name and task.state == "success":
                for number in (1, 2):
                    if self._song_id(task, number) == audio_id:
                        return task, number
        raise Refusal(422, NO_RECORD)

    def _order(self, known: Given) -> Order:
        return Order(
            known["model"],
            "audio",
            PRICE,
            SECONDS,
            self._callback,
            stages=STAGES,
            files=2,
            inputs=known,
        )

    # --------------------------------------------------------------- telling --

    async def _record(self, request: web.Request) -> web.StreamResponse:
        return await self.record(request, "suno/record-info", self._told)

    def _told(self, task: Task | None) -> web.Response:
        if task is None:
            return self.account.answer(200, "success", None)
        failed = task.state == "fail"
        songs = [] if failed else self._songs(task)
        data = {
            "taskId": task.id,
            "parentMusicId": task.inputs.get("parent", ""),
            "param": json.dumps({n: v for n, v in task.inputs.items() if n != "operation"}),
            "response": {"taskId": task.id, "sunoData": songs} if songs or failed else None,
            "status": self._status(task),
            "type": _chirp(task),
            "operationType": task.inputs["operation"],
            "errorCode": task.fail_number,
            "errorMessage": task.fail_message,
            "createTime": task.created_ms,
        }
        return self.account.answer(200, "success", data)

    def _status(self, task: Task) -> str:
        if task.state == "fail":
            failure = task.faults.get("fail")
            given = failure if isinstance(failure, dict) else {}
            return str(given.get("status", "GENERATE_AUDIO_FAILED"))
        if task.state != "success":
            return _STATUSES[task.stage]
        return "CALLBACK_EXCEPTION" if task.callback_refused else "SUCCESS"

    def _songs(self, task: Task) -> list[dict[str, Any]]:
        """What is known of the two songs at this stage."""
        ready = {"success": 2}.get(task.state, max(0, task.stage - 1))
        if task.state != "success" and not task.stage:
            return []
        return [self._song_of(task, number, ready=number <= ready) for number in (1, 2)]

    def _song_of(self, task: Task, number: int, *, ready: bool) -> dict[str, Any]:
        suffix = "" if number == 1 else f"_{number}"
        base = f"{self.account.url}/r/{task.id}"
        words = str(task.inputs.get("prompt", ""))
        lyrics = "" if task.inputs.get("instrumental") else f"[Verse]\n{words}"
        links = task.faults.get("links")
        audio = f"{base}{suffix}.mp3"
        if links is not None:
            audio = str(links[min(number, len(links)) - 1]) if links else ""
        there = ready and "no_urls" not in task.faults
        return {
            "id": self._song_id(task, number),
            "audioUrl": audio if there else "",
            "streamAudioUrl": f"{base}{suffix}.mp3" if task.stage or ready else "",
            "imageUrl": f"{base}_cover.png",
            "prompt": lyrics,
            "modelName": _chirp(task),
            "title": task.inputs.get("title") or words[:40] or "Untitled",
            "tags": task.inputs.get("style", ""),
            "createTime": task.created_ms,
            "duration": float(SONG_SECONDS) if ready else None,
        }

    def _song_id(self, task: Task, number: int) -> str:
        return str(uuid.uuid5(uuid.UUID(task.id), str(number)))

    def _callback(self, task: Task, stage: str) -> dict[str, Any]:
        if task.state == "fail" or "forged_callback" in task.faults:
            code = 501 if task.fail_number is None else task.fail_number
            said = {"callbackType": "error", "task_id": task.id, "data": None}
            return {"code": code, "msg": task.fail_message or "forged", "data": said}
        messages = {
            "text": "Text generated successfully.",
            "first": "First audio generated successfully.",
            "complete": "All generated successfully.",
        }
        data = [_snake(song) for song in self._songs(task)]
        told = {"callbackType": stage, "task_id": task.id, "data": data}
        return {"code": 200, "msg": messages[stage], "data": told}


def _need_callback(given: Given) -> None:
    if not given.get("callBackUrl"):
        raise Refusal(422, "Please enter callBackUrl.")


def _simple(given: Given, violations: list[str]) -> None:
    if not given.get("prompt"):
        raise Refusal(422, "Please enter prompt.")
    if len(given["prompt"]) > SIMPLE_PROMPT:
        raise Refusal(413, f"The prompt cannot exceed {SIMPLE_PROMPT} characters")
    ignored = sorted(name for name in ("style", "title") if given.get(name))
    if ignored:
        violations.append(f"suno: {ignored} without customMode")


def _custom(given: Given, *, need_prompt: bool) -> None:
    for name, limit in zip(_NAMES, LIMITS[given["model"]], strict=True):
        text = given.get(name, "")
        if not text and (name != "prompt" or need_prompt):
            raise Refusal(422, f"Please enter {name}.")
        if len(text) > limit:
            raise Refusal(413, f"The {name} cannot exceed {limit} characters")


def _chirp(task: Task) -> str:
    return f"chirp-{str(task.model).lower().replace('_', '-')}"


_SNAKE = {
    "audioUrl": "audio_url",
    "streamAudioUrl": "stream_audio_url",
    "imageUrl": "image_url",
    "modelName": "model_name",
}


def _snake(song: Mapping[str, Any]) -> dict[str, Any]:
    return {_SNAKE.get(name, name): value for name, value in song.items()}
