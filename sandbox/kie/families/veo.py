"""Veo 3.1: generate, extend, 1080p, 4K, record-info.

A video in another resolution is a task of its own. 1080p is asked for until it is there; 4K calls
back, too. What was upgraded cannot be extended.
"""

import json
from typing import Any

from aiohttp import web

from sandbox.kie.families.family import NO_RECORD, Family, Given, Order
from sandbox.kie.market.inputs import Refusal
from sandbox.kie.tasks import Task

#: Credits by model and resolution.
PRICES = {
    "veo3_lite": {"720p": 30.0, "1080p": 35.0, "4k": 150.0},
    "veo3_fast": {"720p": 60.0, "1080p": 65.0, "4k": 180.0},
    "veo3": {"720p": 250.0, "1080p": 255.0, "4k": 370.0},
}
UPGRADES = {"1080p": 5.0, "4k": 120.0}
SECONDS, UPGRADE_SECONDS = 14.0, 6.0
EXTENDED_BY = {"fast": "veo3_fast", "quality": "veo3", "lite": "veo3_lite"}
_IMAGES = {
    "TEXT_2_VIDEO": range(1),
    "FIRST_AND_LAST_FRAMES_2_VIDEO": range(1, 3),
    "REFERENCE_2_VIDEO": range(1, 4),
}
_PROCESSING = {
    "1080p": (400, "1080P is processing. It should be ready in 1-2 minutes."),
    "4k": (422, "4K video is processing, please try again later"),
}


class Veo(Family):
    """Upgrades are found by the task and the number of its video."""

    name = "veo"

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/v1/veo/generate", self._generate)
        router.add_post("/api/v1/veo/extend", self._extend)
        router.add_get("/api/v1/veo/record-info", self._record)
        router.add_get("/api/v1/veo/get-1080p-video", self._get_1080p)
        router.add_post("/api/v1/veo/get-4k-video", self._get_4k)

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        return await self.create(request, "veo/generate", self._generation)

    def _generation(self, given: Given) -> Order:
        images = len(given.get("imageUrls", []))
        usual = "FIRST_AND_LAST_FRAMES_2_VIDEO" if images else "TEXT_2_VIDEO"
        kind = given.get("generationType", usual)
        if images not in _IMAGES[kind]:
            most = max(_IMAGES[kind])
            raise Refusal(422, f"{kind} needs {min(_IMAGES[kind])} to {most} imageUrls")
        if kind == "REFERENCE_2_VIDEO" and given["model"] == "veo3":
            raise Refusal(422, "REFERENCE_2_VIDEO is not supported by veo3")
        shape = given.get("aspectRatio", given["aspect_ratio"])
        price = PRICES[given["model"]][given["resolution"]]
        known = {**given, "aspect_ratio": "16:9" if shape == "Auto" else shape}
        return Order(given["model"], "video", price, SECONDS, self._callback, inputs=known)

    async def _extend(self, request: web.Request) -> web.StreamResponse:
        return await self.create(request, "veo/extend", self._extension)

    def _extension(self, given: Given) -> Order:
        source = self.parent(given["taskId"])
        if source.inputs.get("resolution", "720p") != "720p":
            raise Refusal(422, "Videos generated after 1080P cannot be extended")
        model = EXTENDED_BY[given["model"]]
        known = {**given, "aspect_ratio": source.inputs["aspect_ratio"], "resolution": "720p"}
        price = PRICES[model]["720p"]
        return Order(model, "video", price, SECONDS, self._callback, inputs=known)

    # -------------------------------------------------------------- upgrades --

    async def _get_1080p(self, request: web.Request) -> web.StreamResponse:
        asked = {"taskId": request.query.get("taskId", ""), "resolution": "1080p"}
        self.account.note("veo/1080p", task=asked["taskId"])
        ended = await self.front.stop(request, "veo/1080p", "query")
        return ended or await self._upgrade(request, "veo/1080p", asked)

    async def _get_4k(self, request: web.Request) -> web.StreamResponse:
        body = await self.front.json_body(request)
        self.account.note("veo/4k", task=body.get("taskId"))
        ended = await self.front.stop(request, "veo/4k", "create")
        if ended is not None:
            return ended
        unknown = set(body) - {"taskId", "index", "callBackUrl"}
        if unknown:
            self.account.violations.append(f"veo/4k: unknown fields {sorted(unknown)}")
        return await self._upgrade(request, "veo/4k", {**body, "resolution": "4k"})

    async def _upgrade(self, request: web.Request, call: str, asked: Given) -> web.StreamResponse:
        """Start an upgrade, say that it is under way, or hand it out."""
        resolution = asked["resolution"]
        try:
            source = self.parent(str(asked.get("taskId", "")))
            index = int(asked.get("index") or request.query.get("index") or 0)
            if index not in range(source.files):
                raise Refusal(422, NO_RECORD)
            task = self._upgraded(source.id, resolution)
            if task is None:
                known = {**source.inputs, **asked, "of": source.id}
                wanted = Order(
                    source.model, "video", UPGRADES[resolution], UPGRADE_SECONDS, self._callback
                )
                task = self.task(call, known, wanted)
                await self.start(task)
                if resolution == "4k":
                    none = {"taskId": task.id, "resultUrls": None, "imageUrls": None}
                    answer = self.account.answer(200, "success", none)
                    return await self.front.done(request, call, answer)
        except Refusal as refusal:
            return self.account.answer(refusal.code, refusal.message)
        if task.state == "fail":
            return self.account.answer(500, task.fail_message or "Internal Error")
        if task.state != "success":
            return self.account.answer(*_PROCESSING[resolution])
        urls = self._urls(task)
        data = {"taskId": task.id, "resultUrls": urls, "imageUrls": [self._cover(task)]}
        answer = self.account.answer(
            200, "success", data if resolution == "4k" else {"resultUrl": urls[0] if urls else ""}
        )
        return await self.front.done(request, call, answer)

    def _upgraded(self, source: str, resolution: str) -> Task | None:
        for task in self.account.tasks.values():
            if task.inputs.get("of") == source and task.inputs["resolution"] == resolution:
                return task
        return None

    # --------------------------------------------------------------- telling --

    async def _record(self, request: web.Request) -> web.StreamResponse:
        return await self.record(request, "veo/record-info", self._told)

    def _told(self, task: Task | None) -> web.Response:
        if task is None:
            return self.account.answer(422, "record is null")
        flags = {"success": 1, "fail": int(_failure(task).get("successFlag", 3))}
        done = task.state == "success"
        return self.account.answer(
            200,
            "success",
            {
                "taskId": task.id,
                "paramJson": json.dumps(dict(task.inputs)),
                "completeTime": task.completed_ms,
                "response": self._response(task) if done else None,
                "successFlag": flags.get(task.state, 0),
                "errorCode": task.fail_number,
                "errorMessage": task.fail_message,
                "createTime": task.created_ms,
                "fallbackFlag": False,
            },
        )

    def _response(self, task: Task) -> dict[str, Any]:
        urls = self._urls(task)
        found: dict[str, Any] = {
            "taskId": task.id,
            "resultUrls": urls,
            "originUrls": None if task.inputs["aspect_ratio"] == "16:9" else urls,
            "resolution": task.inputs.get("resolution", "720p"),
        }
        if "taskId" in task.inputs and "of" not in task.inputs:
            found["fullResultUrls"] = [f"{self.account.url}/r/{task.id}_full.mp4"]
        return found

    def _urls(self, task: Task) -> list[str]:
        links = task.faults.get("links")
        if links is not None:
            return [str(link) for link in links]
        return [] if "no_urls" in task.faults else [f"{self.account.url}/r/{task.id}.mp4"]

    def _cover(self, task: Task) -> str:
        return f"{self.account.url}/r/{task.id}_cover.png"

    def _callback(self, task: Task, stage: str) -> dict[str, Any]:
        """As documented: the lists of a generated video come as text."""
        del stage
        if task.state == "fail" or "forged_callback" in task.faults:
            code = 501 if task.fail_number is None else task.fail_number
            said = task.fail_message or "forged"
            return {"code": code, "msg": said, "data": {"taskId": task.id, "fallbackFlag": False}}
        if task.inputs.get("resolution") == "4k" and "of" in task.inputs:
            data: dict[str, Any] = {
                "task_id": task.id,
                "result_urls": self._urls(task),
                "media_ids": [f"CAU{task.id}"],
                "image_urls": [self._cover(task)],
                "creditsConsumed": task.price,
            }
            return {"code": 200, "msg": "4K Video generated successfully.", "data": data}
        info = {
            name: f"[{', '.join(value)}]" if isinstance(value, list) else value
            for name, value in self._response(task).items()
            if name != "taskId"
        }
        data = {"taskId": task.id, "info": info, "fallbackFlag": False}
        return {"code": 200, "msg": "Veo3.1 video generated successfully.", "data": data}


def _failure(task: Task) -> dict[str, Any]:
    given = task.faults.get("fail")
    return given if isinstance(given, dict) else {}
