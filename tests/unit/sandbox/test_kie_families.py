"""Veo 3.1 and Suno of the simulated kie.ai: endpoints, states, callbacks, prices, refusals."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from sandbox.kie.families.suno import LIMITS, SIMPLE_PROMPT
from sandbox.kie.families.veo import PRICES, UPGRADES
from sandbox.kie.tasks import Fault, Task
from tests.support.edges.sandbox_kie import Client, Got, serve
from tests.support.edges.sandbox_telegram import until

CLIP = {"prompt": "a fox"}
SONG = {"customMode": False, "instrumental": False, "model": "V5", "prompt": "a song of a fox"}
OWN = {**SONG, "customMode": True, "style": "folk", "title": "Fox"}
Answer = dict[str, Any]


def run(use: Callable[[Client, Got], Awaitable[None]], **options: Any) -> None:
    async def free(client: Client, got: Got) -> None:
        client.kie.account.fetch_inputs = False
        await use(client, got)
        assert client.kie.account.violations == []

    serve(free, **options)


async def order(client: Client, path: str, body: Answer) -> Answer:
    given = {"callBackUrl": client.hook, **body}
    return (await client.post(f"/api/v1/{path}", json=given))[1]


async def ask(client: Client, path: str, task: str) -> Answer:
    url = f"{client.kie.account.url}/api/v1/{path}?taskId={task}"
    async with aiohttp.ClientSession() as http, http.get(url, headers=client.headers) as answer:
        found: Answer = await answer.json()
        return found


async def made(client: Client, path: str, body: Answer) -> Task:
    """A task that has ended and has told of it."""
    answer = await order(client, path, body)
    task = client.kie.account.tasks[answer["data"]["taskId"]]
    told = 1 if "fail" in task.faults else len(task.stages)
    await until(lambda: task.completed_ms is not None and task.callbacks_sent == told)
    return task


@pytest.mark.parametrize("model", PRICES)
@pytest.mark.parametrize("resolution", ["720p", "1080p", "4k"])
def test_a_clip_costs_what_model_and_resolution_say(model: str, resolution: str) -> None:
    async def use(client: Client, got: Got) -> None:
        given = {**CLIP, "model": model, "resolution": resolution}
        task = await made(client, "veo/generate", given)
        price = PRICES[model][resolution]
        assert client.kie.account.credits == 1000.0 - price
        data = (await ask(client, "veo/record-info", task.id))["data"]
        assert (data["successFlag"], data["response"]["resolution"]) == (1, resolution)
        assert await client.status_of(data["response"]["resultUrls"][0]) == 200
        assert json.loads(data["paramJson"])["prompt"] == "a fox"

    run(use)


def test_a_clip_is_told_by_flag_and_by_a_callback_whose_lists_are_text() -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("stuck", call="veo/generate"))
        answer = await order(client, "veo/generate", {**CLIP, "aspect_ratio": "9:16"})
        task_id = answer["data"]["taskId"]
        data = (await ask(client, "veo/record-info", task_id))["data"]
        assert (data["successFlag"], data["response"], data["completeTime"]) == (0, None, None)
        await client.kie.lifecycle.end(client.kie.account.tasks[task_id])
        data = (await ask(client, "veo/record-info", task_id))["data"]
        url = f"{client.kie.account.url}/r/{task_id}.mp4"
        assert data["response"]["originUrls"] == [url]
        ((_, body),) = got
        assert body["data"]["taskId"] == task_id
        assert body["data"]["info"]["resultUrls"] == f"[{url}]"
        assert (await client.record(task_id))["code"] == 422  # the market does not know it

    run(use)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({}, 500, "prompt is required"),
        ({"prompt": ""}, 422, "不能为空"),
        ({**CLIP, "model": "veo4"}, 500, "allowed options"),
        ({**CLIP, "duration": 5}, 500, "allowed options"),
        ({**CLIP, "duration": "8"}, 500, "must be a integer"),
        ({**CLIP, "seeds": 1}, 500, "allowed options"),
        ({**CLIP, "imageUrls": ["ftp://x"]}, 422, "is not a valid URL"),
        ({**CLIP, "imageUrls": ["https://x/a.png"] * 3}, 422, "1 to 2 imageUrls"),
        ({**CLIP, "generationType": "REFERENCE_2_VIDEO"}, 422, "1 to 3 imageUrls"),
        ({**CLIP, "generationType": "TEXT_2_VIDEO", "imageUrls": ["https://x/a"]}, 422, "0 to 0"),
        ({**CLIP, "enableFallback": False}, 500, "try again later"),
    ],
)
def test_a_clip_that_veo_refuses_costs_nothing(body: Answer, code: int, words: str) -> None:
    async def use(client: Client, got: Got) -> None:
        answer = await order(client, "veo/generate", body)
        assert (answer["code"], answer["data"]) == (code, None)
        assert words in answer["msg"]
        assert client.kie.account.credits == 1000.0

    run(use)


def test_references_need_another_model_than_quality() -> None:
    async def use(client: Client, got: Got) -> None:
        given = {**CLIP, "generationType": "REFERENCE_2_VIDEO", "imageUrls": ["https://x/a"] * 3}
        assert (await order(client, "veo/generate", {**given, "model": "veo3"}))["code"] == 422
        assert (await order(client, "veo/generate", {**given, "model": "veo3_fast"}))["code"] == 200

    run(use)


def test_an_extension_goes_on_from_a_clip_and_has_both_in_one() -> None:
    async def use(client: Client, got: Got) -> None:
        clip = await made(client, "veo/generate", CLIP)
        longer = await made(client, "veo/extend", {"taskId": clip.id, "prompt": "it runs"})
        data = (await ask(client, "veo/record-info", longer.id))["data"]
        (whole,) = data["response"]["fullResultUrls"]
        assert await client.status_of(whole) == 200
        assert whole != data["response"]["resultUrls"][0]
        assert client.kie.account.credits == 1000.0 - 2 * PRICES["veo3_fast"]["720p"]
        large = await made(client, "veo/generate", {**CLIP, "resolution": "1080p"})
        for parent, words in ((large.id, "cannot be extended"), ("none", "does not exist")):
            refused = await order(client, "veo/extend", {"taskId": parent, "prompt": "x"})
            assert words in refused["msg"]

    run(use)


def test_1080p_is_asked_for_until_it_is_there_and_is_paid_once() -> None:
    async def use(client: Client, got: Got) -> None:
        clip = await made(client, "veo/generate", CLIP)
        before = client.kie.account.credits
        first = await ask(client, "veo/get-1080p-video", clip.id)
        assert (first["code"], "processing" in first["msg"]) == (400, True)
        await until(lambda: list(client.kie.account.tasks.values())[-1].completed_ms)
        data = (await ask(client, "veo/get-1080p-video", clip.id))["data"]
        assert await client.status_of(data["resultUrl"]) == 200
        assert client.kie.account.credits == before - UPGRADES["1080p"]

    run(use)


def test_4k_is_a_task_of_its_own_that_calls_back() -> None:
    async def use(client: Client, got: Got) -> None:
        clip = await made(client, "veo/generate", CLIP)
        got.clear()
        given = {"taskId": clip.id, "index": 0}
        first = await order(client, "veo/get-4k-video", given)
        assert first["data"]["resultUrls"] is None
        assert (await order(client, "veo/get-4k-video", given))["code"] == 422
        await until(lambda: got)
        ((_, body),) = got
        assert body["data"]["task_id"] == first["data"]["taskId"]
        assert body["data"]["creditsConsumed"] == UPGRADES["4k"]
        there = await order(client, "veo/get-4k-video", given)
        assert there["data"]["resultUrls"] == body["data"]["result_urls"]
        record = await ask(client, "veo/record-info", first["data"]["taskId"])
        assert record["data"]["response"]["resolution"] == "4k"
        lost = await order(client, "veo/get-4k-video", {**given, "index": 1})
        assert lost["msg"] == "Record does not exist"

    run(use)


@pytest.mark.parametrize(("failure", "flag", "code"), [({}, 3, 500), ({"failCode": "400"}, 3, 400)])
def test_a_clip_that_fails_gives_its_credits_back(failure: Answer, flag: int, code: int) -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("fail", failure, call="veo/generate"))
        task = await made(client, "veo/generate", CLIP)
        data = (await ask(client, "veo/record-info", task.id))["data"]
        assert (data["successFlag"], data["errorCode"], data["response"]) == (flag, code, None)
        assert client.kie.account.credits == 1000.0
        ((_, body),) = got
        assert body["code"] == code

    run(use)


def test_two_songs_come_in_three_stages() -> None:
    async def use(client: Client, got: Got) -> None:
        task = await made(client, "generate", OWN)
        kinds = [body["data"]["callbackType"] for _, body in got]
        assert kinds == ["text", "first", "complete"]
        audio = [[bool(s["audio_url"]) for s in body["data"]["data"]] for _, body in got]
        assert audio == [[False, False], [True, False], [True, True]]
        data = (await ask(client, "generate/record-info", task.id))["data"]
        assert (data["status"], data["operationType"]) == ("SUCCESS", "generate")
        one, two = data["response"]["sunoData"]
        assert one["id"] != two["id"]
        assert (one["title"], one["tags"], one["modelName"]) == ("Fox", "folk", "chirp-v5")
        for url in (one["audioUrl"], two["audioUrl"], one["imageUrl"]):
            assert await client.status_of(url) == 200
        assert client.kie.account.credits == 988.0

    run(use)


def test_a_song_shows_its_stage_and_is_unknown_to_others() -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("stuck", call="suno/generate"))
        task = client.kie.account.tasks[(await order(client, "generate", SONG))["data"]["taskId"]]
        seen = []
        for stage in range(3):
            task.stage = stage
            seen.append((await ask(client, "generate/record-info", task.id))["data"]["status"])
        assert seen == ["PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS"]
        assert await ask(client, "generate/record-info", "none") == {
            "code": 200,
            "msg": "success",
            "data": None,
        }
        assert (await ask(client, "veo/record-info", task.id))["code"] == 422

    run(use)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({**SONG, "callBackUrl": ""}, 422, "不能为空"),
        (
            {name: value for name, value in SONG.items() if name != "model"},
            500,
            "model is required",
        ),
        ({**SONG, "instrumental": 1}, 500, "must be a boolean"),
        ({**SONG, "model": "V3_5"}, 500, "allowed options"),
        ({**SONG, "prompt": ""}, 422, "Please enter prompt."),
        ({**SONG, "prompt": "x" * (SIMPLE_PROMPT + 1)}, 413, "cannot exceed 500"),
        ({**OWN, "style": ""}, 422, "Please enter style."),
        ({**OWN, "title": ""}, 422, "Please enter title."),
        ({**OWN, "prompt": ""}, 422, "Please enter prompt."),
        ({**OWN, "model": "V4", "style": "x" * (LIMITS["V4"][1] + 1)}, 413, "cannot exceed 200"),
        ({**OWN, "styleWeight": 2}, 500, "allowed options"),
        ({**OWN, "tempo": 90}, 500, "try again later"),
    ],
)
def test_a_song_that_suno_refuses_costs_nothing(body: Answer, code: int, words: str) -> None:
    async def use(client: Client, got: Got) -> None:
        answer = await order(client, "generate", body)
        assert (answer["code"], answer["data"]) == (code, None)
        assert words in answer["msg"]
        assert client.kie.account.credits == 1000.0

    run(use)


def test_a_song_needs_a_callback_and_an_instrumental_needs_no_words() -> None:
    async def use(client: Client, got: Got) -> None:
        _, answer = await client.post("/api/v1/generate", json=SONG)
        assert answer["msg"] == "Please enter callBackUrl."
        task = await made(client, "generate", {**OWN, "prompt": "", "instrumental": True})
        data = (await ask(client, "generate/record-info", task.id))["data"]
        assert data["response"]["sunoData"][0]["prompt"] == ""

    run(use)


def test_a_cover_and_an_extension_are_told_from_a_song() -> None:
    async def use(client: Client, got: Got) -> None:
        song = await made(client, "generate", OWN)
        cover = await made(client, "generate/upload-cover", {**OWN, "uploadUrl": "https://x/a.mp3"})
        data = (await ask(client, "generate/record-info", cover.id))["data"]
        assert data["operationType"] == "upload_cover"
        first = (await ask(client, "generate/record-info", song.id))["data"]["response"]["sunoData"]
        asked = {"audioId": first[1]["id"], "model": "V5"}
        same = await made(client, "generate/extend", {**asked, "defaultParamFlag": False})
        data = (await ask(client, "generate/record-info", same.id))["data"]
        assert (data["operationType"], data["parentMusicId"]) == ("extend", first[1]["id"])
        assert data["response"]["sunoData"][0]["title"] == "Fox"
        own = {**asked, "defaultParamFlag": True, "prompt": "p", "style": "s", "title": "t"}
        assert "continueAt" in (await order(client, "generate/extend", own))["msg"]
        assert (await order(client, "generate/extend", {**own, "continueAt": 4}))["code"] == 200
        for change, words in (
            ({"model": "V4"}, "must be that of the source"),
            ({"audioId": "none"}, "Record does not exist"),
        ):
            given = {**asked, "defaultParamFlag": False, **change}
            assert words in (await order(client, "generate/extend", given))["msg"]

    run(use)


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        ({}, "GENERATE_AUDIO_FAILED", 500),
        ({"status": "SENSITIVE_WORD_ERROR", "failCode": "400"}, "SENSITIVE_WORD_ERROR", 400),
        ({"status": "CREATE_TASK_FAILED", "failCode": "WORDS"}, "CREATE_TASK_FAILED", None),
    ],
)
def test_a_song_that_fails_says_how_and_calls_back_once(
    failure: Answer, status: str, code: int | None
) -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("fail", failure, call="suno/generate"))
        task = await made(client, "generate", SONG)
        data = (await ask(client, "generate/record-info", task.id))["data"]
        assert (data["status"], data["errorCode"]) == (status, code)
        assert data["response"]["sunoData"] == []
        ((_, body),) = got
        assert body["data"]["callbackType"] == "error"
        assert client.kie.account.credits == 1000.0

    run(use)


def test_a_callback_that_nobody_takes_is_an_exception_though_the_songs_are_there() -> None:
    async def use(client: Client, got: Got) -> None:
        given = {**SONG, "callBackUrl": "http://127.0.0.1:9/hook"}
        answer = await order(client, "generate", given)
        task = client.kie.account.tasks[answer["data"]["taskId"]]
        await until(lambda: len(task.callback_answers) == 12)
        data = (await ask(client, "generate/record-info", task.id))["data"]
        assert data["status"] == "CALLBACK_EXCEPTION"
        assert await client.status_of(data["response"]["sunoData"][0]["audioUrl"]) == 200

    run(use)


@pytest.mark.parametrize(
    ("path", "call", "body"),
    [("veo/generate", "veo/generate", CLIP), ("generate", "suno/generate", SONG)],
)
@pytest.mark.parametrize("kind", ["code", "body", "status"])
def test_faults_of_calls_and_too_few_credits_hit_families_too(
    path: str, call: str, body: Answer, kind: str
) -> None:
    values = {"code": 455, "body": "{}", "status": 200}

    async def use(client: Client, got: Got) -> None:
        fault = Fault(kind, values[kind], call=call, page="problem" if kind == "status" else "")
        fault.check()
        client.kie.account.faults.append(fault)
        try:
            answer = await order(client, path, body)
        except aiohttp.ContentTypeError:
            answer = {}
        assert answer.get("code") == (455 if kind == "code" else None)
        assert len(client.kie.account.tasks) == (1 if kind == "body" else 0)
        client.kie.account.credits = 11.0
        assert (await order(client, path, body))["code"] == 402

    run(use)
