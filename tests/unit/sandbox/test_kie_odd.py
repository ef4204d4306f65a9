"""What the simulated kie.ai says that no reader expects."""

import json
from typing import Any

import aiohttp
import pytest

from sandbox.kie.odd import BAD_LINKS, BALANCES, ODD_TEXTS, SHAPES
from sandbox.kie.tasks import EITHER_WAY, Fault
from sandbox.proxy_answers import PAGES
from tests.support.edges.sandbox_kie import Client, Got, serve


async def posted(client: Client, path: str, body: Any) -> tuple[int, str]:
    url = f"{client.kie.account.url}{path}"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, json=body, headers=client.headers) as answer,
    ):
        return answer.status, await answer.text()


@pytest.mark.parametrize("name", SHAPES)
def test_the_links_of_a_success_may_stand_in_another_field(name: str) -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("shape", name))
        task_id = await client.task()
        await client.kie.lifecycle.end(client.kie.account.tasks[task_id])
        data = (await client.record(task_id))["data"]
        usual = f"{client.kie.account.url}/r/{task_id}.png"
        has_link = usual in data["resultJson"]
        assert has_link is (name not in {"null", "other words"})
        assert data["resultJson"] != json.dumps({"resultUrls": [usual]})
        assert got[0][1]["data"]["resultJson"] == data["resultJson"]

    serve(use)


@pytest.mark.parametrize("name", BAD_LINKS)
def test_a_success_may_have_a_link_that_leads_nowhere(name: str) -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("links", [BAD_LINKS[name]]))
        task_id = await client.task()
        await client.kie.lifecycle.end(client.kie.account.tasks[task_id])
        data = (await client.record(task_id))["data"]
        assert json.loads(data["resultJson"]) == {"resultUrls": [BAD_LINKS[name]]}

    serve(use)


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_texts_of_refusals_and_failures_are_passed_on_as_they_are(name: str) -> None:
    text = ODD_TEXTS[name]

    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("fail", {"failMsg": text, "failCode": text}))
        task_id = await client.task()
        await client.kie.lifecycle.end(client.kie.account.tasks[task_id])
        data = (await client.record(task_id))["data"]
        assert (data["failMsg"], data["failCode"]) == (text or None, text or None)
        client.kie.account.faults.append(Fault("code", 422, message=text))
        assert (await client.create())["msg"] == (text or "switched on by a test")

    serve(use)


@pytest.mark.parametrize("name", BALANCES)
def test_the_balance_may_be_no_sound_number(name: str) -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("balance", BALANCES[name], call="credit"))
        url = f"{client.kie.account.url}/api/v1/chat/credit"
        async with aiohttp.ClientSession() as http, http.get(url, headers=client.headers) as answer:
            assert await answer.text() == f'{{"code":200,"msg":"success","data":{BALANCES[name]}}}'
        assert await client.balance() == 1000.0

    serve(use)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", sorted(EITHER_WAY))
def test_a_fault_of_a_call_strikes_before_or_after_the_effect(kind: str, after: bool) -> None:
    values = {"status": 504, "code": 500, "slow": 0.01, "same_task": "5" * 32}

    async def use(client: Client, got: Got) -> None:
        fault = Fault(kind, values[kind], after=after, page="traefik")
        fault.check()
        client.kie.account.faults.append(fault)
        body = {"model": "z-image", "input": {"prompt": "x", "aspect_ratio": "1:1"}}
        status, text = await posted(client, "/api/v1/jobs/createTask", body)
        assert len(client.kie.account.tasks) == int(after or kind == "slow")
        usual = status == 200 and json.loads(text)["code"] == 200
        assert usual is (kind in {"slow", "same_task"})

    serve(use)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_something_in_between_has_no_code_of_kie(name: str) -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.faults.append(Fault("status", 502, page=name))
        status, text = await posted(client, "/api/v1/jobs/createTask", {})
        assert status == 502
        assert '"code"' not in text

    serve(use)


def test_the_answer_to_a_creation_may_be_any_text_though_the_task_runs() -> None:
    async def use(client: Client, got: Got) -> None:
        for number, text in enumerate(("", "null", '{"code":200,"data":{}}', "$ANSWER,"), start=1):
            client.kie.account.faults.append(Fault("body", text))
            body = {"model": "z-image", "input": {"prompt": "x", "aspect_ratio": "1:1"}}
            status, said = await posted(client, "/api/v1/jobs/createTask", body)
            task_id = list(client.kie.account.tasks)[-1]
            assert (status, len(client.kie.account.tasks)) == (200, number)
            assert said == text or task_id in said

    serve(use)


@pytest.mark.parametrize(
    "mistake",
    [
        {"kind": "nonsense"},
        {"kind": "status", "call": "createtask"},
        {"kind": "status", "page": "apache"},
        {"kind": "stuck", "after": True},
        {"kind": "shape", "value": "round"},
        {"kind": "links", "value": "https://example.com"},
        {"kind": "body", "value": 5},
        {"kind": "fail", "colour": "red"},
    ],
)
def test_a_mistake_in_a_fault_is_told_at_once(mistake: dict[str, Any]) -> None:
    async def use(client: Client, got: Got) -> None:
        status, _ = await posted(client, "/sandbox/fault", mistake)
        assert status == 400
        assert client.kie.account.faults == []

    serve(use)
