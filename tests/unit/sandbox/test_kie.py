"""The simulated kie.ai: strict on input, true to the wire, and every fault can be had."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from sandbox.files.picture import draw
from sandbox.kie.answers import DIALECTS
from sandbox.kie.tasks import FAULTS, Fault
from tests.support.edges.sandbox_kie import INPUT, Client, Got, serve


async def finished(client: Client, task_id: str) -> dict[str, Any]:
    await client.kie.lifecycle.end(client.kie.account.tasks[task_id])
    return await client.record(task_id)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"model": "nope"}, 422, "not supported"),
        ({"model": "a/b/c"}, 422, "model format"),
        ({"input": {"prompt": "x"}}, 500, "This field is required"),
        ({"input": {**INPUT, "prompt": ""}}, 422, "不能为空"),
        ({"input": {**INPUT, "prompt": 5}}, 500, "must be a string"),
        ({"input": {**INPUT, "nsfw_checker": "true"}}, 500, "must be a boolean"),
        ({"input": {**INPUT, "aspect_ratio": "2:1"}}, 500, "allowed options"),
        ({"input": {**INPUT, "prompt": "x" * 1001}}, 500, "maximum limit 1000"),
        ({"input": {**INPUT, "seed": 1}}, 500, "try again later"),
    ],
)
def test_wrong_input_is_refused_inside_http_200_and_costs_nothing(
    changes: dict[str, Any], code: int, text: str
) -> None:
    async def use(client: Client, got: Got) -> None:
        answer = await client.create(**changes)
        assert (answer["code"], answer["data"]) == (code, None)
        assert text in answer["msg"]
        assert client.kie.account.credits == 1000.0

    serve(use)


def test_a_record_has_every_key_and_encodes_twice() -> None:
    async def use(client: Client, got: Got) -> None:
        data = (await client.record(await client.task()))["data"]
        assert (data["state"], data["resultJson"], data["failCode"]) == ("waiting", "", None)
        assert json.loads(json.loads(data["param"])["input"]) == INPUT
        assert len(data["taskId"]) == 32

    serve(use)


def test_a_finished_task_calls_back_and_shows_its_picture() -> None:
    async def use(client: Client, got: Got) -> None:
        task_id = await client.task()
        data = (await finished(client, task_id))["data"]
        (url,) = json.loads(data["resultJson"])["resultUrls"]
        assert await client.status_of(url) == 200
        assert [body["data"]["taskId"] for _, body in got] == [task_id]

    serve(use)


def test_limits_a_wrong_key_and_a_nameless_client_are_refused() -> None:
    async def use(client: Client, got: Got) -> None:
        codes = [(await client.create())["code"] for _ in range(21)]
        assert codes == [200] * 20 + [429]
        client.headers["Authorization"] = "Bearer wrong"
        assert (await client.create())["code"] == 401
        client.headers["User-Agent"] = "python-requests/2"
        with pytest.raises(aiohttp.ContentTypeError):
            await client.create()
        assert len(client.kie.account.violations) == 1

    serve(use)


def test_credits_run_out_and_come_back_with_a_failure() -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("fail"))
        task_id = await client.task()
        assert (await client.create())["code"] == 402
        data = (await finished(client, task_id))["data"]
        assert (data["state"], data["failCode"]) == ("fail", "500")
        assert client.kie.account.credits == 1.0

    serve(use, credits=1.0)


def test_the_signature_covers_task_and_time() -> None:
    async def use(client: Client, got: Got) -> None:
        await finished(client, await client.task())
        headers, body = got[0]
        message = f"{body['data']['taskId']}.{headers['X-Webhook-Timestamp']}".encode()
        digest = hmac.new(b"hook-key", message, hashlib.sha256).digest()
        assert headers["X-Webhook-Signature"] == base64.b64encode(digest).decode()

    serve(use, hmac_key="hook-key")


async def observed(client: Client, got: Got, kind: str) -> bool:
    """Whether the fault did what its description says."""
    if kind in {"drop_before", "drop_after"}:
        with pytest.raises(aiohttp.ClientError):
            await client.create()
        return len(client.kie.account.tasks) == (1 if kind == "drop_after" else 0)
    if kind in {"status", "slow_body"}:
        broken = aiohttp.ContentTypeError if kind == "status" else aiohttp.ClientError
        with pytest.raises(broken):
            await client.create()
        return not client.kie.account.tasks
    if kind == "code":
        return bool((await client.create())["code"] == 455)
    if kind == "same_task":
        taken = await client.task() == "5" * 32 and not client.kie.account.tasks
        return taken and client.kie.account.violations == ["createTask: same_task names no task"]
    if kind == "body":
        return await client.create() == {} and len(client.kie.account.tasks) == 1
    if kind == "balance":
        return bool(await client.balance() == -12.5)
    if kind == "slow":
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.create(), 0.1)
        return True
    task_id = await client.task()
    if kind == "early_callback":
        return len(got) == 1
    if kind == "stuck":
        await asyncio.sleep(0.2)
        return bool((await client.record(task_id))["data"]["state"] == "waiting")
    if kind == "state":
        return bool((await client.record(task_id))["data"]["state"] == "queuing")
    if kind == "fresh_gap":
        return bool((await client.record(task_id))["msg"] == "recordInfo is null")
    answer = await finished(client, task_id)
    data = answer["data"]
    urls = json.loads(data["resultJson"] or "{}").get("resultUrls", [])
    seen: dict[str, Callable[[], bool]] = {
        "fail": lambda: bool(data["state"] == "fail"),
        "outer_code": lambda: bool(answer["code"] == 501),
        "no_urls": lambda: not urls,
        "shape": lambda: "result_urls" in json.loads(data["resultJson"]),
        "links": lambda: bool(urls == ["ftp://example.com/y.png"]),
        "consumed": lambda: bool(data["creditsConsumed"] == 9.5),
        "expired": lambda: client.kie.account.tasks[task_id].faults == {"expired": True},
        "link_life": lambda: client.kie.account.tasks[task_id].faults == {"link_life": 0},
        "page_link": lambda: client.kie.account.tasks[task_id].faults == {"page_link": 60},
        "late_link": lambda: client.kie.account.tasks[task_id].faults == {"late_link": 60},
        "no_callback": lambda: got == [],
        "callbacks": lambda: len(got) == 3,
        "late_callback": lambda: len(got) == 1,
        "result_bytes": lambda: len(urls) == 1,
        "forged_callback": lambda: bool(
            got[0][1]["data"]["state"] == "fail" and data["state"] == "success"
        ),
        "bad_signature": lambda: got[0][0]["X-Webhook-Signature"] == "d3Jvbmc=",
        "snake_callback": lambda: "task_id" in got[0][1]["data"],
    }
    return seen[kind]()


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_every_fault_can_be_switched_on(kind: str) -> None:
    values: dict[str, Any] = {
        "status": 502,
        "code": 455,
        "slow": 5,
        "callbacks": 3,
        "late_callback": 0.05,
    }
    values |= {
        "state": "queuing",
        "result_bytes": 7_000_000,
        "late_link": 60,
        "page_link": 60,
        "link_life": 0,
        "fresh_gap": 60,
        "outer_code": 501,
        "slow_body": 0.1,
        "shape": "result_urls",
        "links": ["ftp://example.com/y.png"],
        "consumed": 9.5,
        "body": "{}",
        "balance": "-12.5",
        "same_task": "5" * 32,
    }

    async def use(client: Client, got: Got) -> None:
        call = "credit" if kind == "balance" else "createTask"
        fault = Fault(kind, values.get(kind, True), html=True, call=call)
        fault.check()
        client.kie.account.faults.append(fault)
        if kind == "outer_code":
            client.kie.account.faults.append(Fault("fail"))
        assert await observed(client, got, kind)
        (task_id,) = client.kie.account.tasks or ("",)
        url = f"{client.kie.account.url}/r/{task_id}.png"
        if kind in {"expired", "late_link", "link_life"}:
            assert await client.status_of(url) == 404
        if kind == "page_link":
            assert await client.status_of(url) == 200
            assert (await client.fetch(url)).startswith(b"<!DOCTYPE html>")
        if kind == "result_bytes":
            assert len(await client.fetch(url)) == 7_000_000

    serve(use, hmac_key="hook-key")


def test_a_creation_may_be_answered_with_the_task_of_an_earlier_one() -> None:
    async def use(client: Client, got: Got) -> None:
        task_id = await client.task()
        paid = await client.balance()
        client.kie.account.faults.append(Fault("same_task", task_id))
        assert await client.task() == task_id
        assert await client.balance() == paid
        assert list(client.kie.account.tasks) == [task_id]
        with pytest.raises(ValueError, match="same_task is for"):
            Fault("same_task", task_id, call="recordInfo").check()

    serve(use)


@pytest.mark.parametrize("ratio", ["1:1", "4:3", "3:4", "16:9", "9:16"])
def test_a_picture_has_the_asked_shape_and_differs_by_prompt(ratio: str) -> None:
    picture = draw("Кот и cat №1", ratio)
    width, height = (int.from_bytes(picture[i : i + 4], "big") for i in (16, 20))
    across, down = (int(part) for part in ratio.split(":"))

    assert width * down == height * across
    assert picture != draw("another", ratio)
    assert len(picture) < 300_000


@pytest.mark.parametrize("status", [401, 403, 429, 502, 503, 504])
def test_polling_meets_every_passing_fault(status: int) -> None:
    async def use(client: Client, got: Got) -> None:
        task_id = await client.task()
        client.kie.account.faults.append(Fault("status", status, call="recordInfo", html=True))
        with pytest.raises(aiohttp.ContentTypeError) as caught:
            await client.record(task_id)
        assert caught.value.status == status
        assert (await client.record(task_id))["code"] == 200

    serve(use)


@pytest.mark.parametrize(("switch", "code"), [(True, 500), (503, 503), (455, 455)])
def test_maintenance_has_two_codes_on_the_wire_and_one_in_the_documents(
    switch: bool | int, code: int
) -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.maintenance = switch
        answer = await client.create()
        assert (answer["code"], answer["data"]) == (code, None)
        assert "being maintained" in answer["msg"]

    serve(use)


def test_missing_credits_come_as_402_and_as_500() -> None:
    async def use(client: Client, got: Got) -> None:
        words = "Credits insufficient"
        assert (await client.create())["code"] == 402
        client.kie.account.faults.append(Fault("code", 500, message=words))
        answer = await client.create()
        assert (answer["code"], answer["msg"]) == (500, words)

    serve(use, credits=0.5)


#: What recordInfo shows (key, expected) in each dialect; the last are not about tasks.
SPOKEN: dict[str, Callable[[dict[str, Any]], bool]] = {
    "message": lambda answer: "message" in answer and "msg" not in answer,
    "cost_ms": lambda answer: answer["data"]["costTime"] > 900,
    "no_credits_consumed": lambda answer: "creditsConsumed" not in answer["data"],
    "update_time": lambda answer: answer["data"]["updateTime"] > 0,
    "param_object": lambda answer: json.loads(answer["data"]["param"])["input"] == INPUT,
    "empty_errors": lambda answer: answer["data"]["failCode"] == "",
}


@pytest.mark.parametrize("dialect", sorted(SPOKEN))
def test_every_dialect_is_spoken_only_when_it_is_switched_on(dialect: str) -> None:
    async def use(client: Client, got: Got) -> None:
        task_id = await client.task()
        client.kie.account.tasks[task_id].created_ms -= 1000
        plain = await finished(client, task_id)
        client.kie.account.dialects = {dialect}
        assert SPOKEN[dialect](await client.record(task_id))
        assert plain["data"]["costTime"] < 900
        assert set(SPOKEN) | {"integer_credits"} == set(DIALECTS)
        with pytest.raises((AssertionError, KeyError)):
            assert SPOKEN[dialect](plain)

    serve(use)


def test_the_balance_is_a_fraction_or_a_whole_number() -> None:
    async def use(client: Client, got: Got) -> None:
        assert await client.balance() == 60.62
        client.kie.account.dialects = {"integer_credits"}
        assert await client.balance() == 60

    serve(use, credits=60.62)
