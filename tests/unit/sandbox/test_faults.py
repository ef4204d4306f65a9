"""Every fault of the simulated Bot API: before the effect, after it, and in the answer."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.client import SandboxClient
from sandbox.proxy_answers import PAGES
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.faults import EITHER_WAY, KINDS, Fault
from sandbox.telegram.protocol.odd import ODD_ANSWERS, ODD_RESULTS
from sandbox.telegram.protocol.parameters import METHODS
from sandbox.telegram.state.nulls import UPDATE_KINDS, with_nulls
from tests.support.edges.outside_facts import bot_api
from tests.support.edges.sandbox_telegram import TOKEN, USER, Api, serve

Answer = tuple[int, str, str]  # status, content type, body


async def answer(sandbox: TelegramSandbox, method: str, **parameters: Any) -> Answer:
    url = f"{sandbox.url}/bot{TOKEN}/{method}"
    async with aiohttp.ClientSession() as http, http.post(url, json=parameters) as got:
        body = (await got.read()).decode("utf-8", "surrogatepass")
        return got.status, got.content_type, body


def told(sandbox: TelegramSandbox, kind: str, method: str = "sendMessage", **options: Any) -> None:
    fault = Fault(kind, method, **options)
    fault.check(set(METHODS))
    sandbox.faults.active.append(fault)


OPTIONS: dict[str, dict[str, Any]] = {
    "error": {"code": 504},
    "page": {"code": 502},
    "delay": {"seconds": 0.2},
    "trickle": {"seconds": 0.1},
    "answer": {"body": "{}"},
    "patch": {"without": ["date"]},
}


@pytest.mark.parametrize(
    ("kind", "after"),
    [(kind, after) for kind in KINDS for after in (False, True) if not after or kind in EITHER_WAY],
)
def test_every_fault_strikes_before_or_after_the_effect_and_once(kind: str, after: bool) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        told(sandbox, kind, after=after, **OPTIONS.get(kind, {}))
        try:
            status, _, body = await answer(sandbox, "sendMessage", chat_id=USER, text="x")
        except aiohttp.ClientError:
            status, body = 0, ""
        effect = after or kind in {"drop_after", "answer", "patch", "delay"}
        assert len(sandbox.state.messages[USER]) == int(effect)
        usual = status == 200 and set(json.loads(body)) == {"ok", "result"}
        assert usual is (kind in {"delay", "patch"})
        assert (await api("sendMessage", chat_id=USER, text="y"))["ok"]

    serve(use)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("status", [401, 403, 404, 413, 502, 504])
def test_a_page_of_something_in_between_is_no_answer_of_telegram(name: str, status: int) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        told(sandbox, "page", page=name, code=status, times=2)
        for _ in range(2):
            got, _, body = await answer(sandbox, "sendMessage", chat_id=USER, text="x")
            assert got == status
            try:
                said = json.loads(body)
            except ValueError:
                said = {}
            verdict = said.get("ok") is False and said.get("error_code") == status
            assert not verdict
        assert (await api("getMe"))["ok"]
        assert sandbox.state.messages[USER] == {}

    serve(use)


def test_a_page_can_stand_before_a_download() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = sandbox.actions.send(USER, "document")
        path = (await api("getFile", file_id=sent["document"]["file_id"]))["result"]["file_path"]
        told(sandbox, "page", "download", page="traefik", code=404)
        url = f"{sandbox.url}/file/bot{TOKEN}/{path}"
        async with aiohttp.ClientSession() as http:
            for status in (404, 200):
                async with http.get(url) as got:
                    assert got.status == status

    serve(use)


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_an_odd_answer_says_200_and_the_call_had_its_effect(name: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        told(sandbox, "answer", body=ODD_ANSWERS[name])
        status, _, body = await answer(sandbox, "sendMessage", chat_id=USER, text="x")
        (sent,) = sandbox.state.messages[USER].values()
        assert status == 200
        assert body == ODD_ANSWERS[name].replace("$RESULT", json.dumps(sent))

    serve(use)


@pytest.mark.parametrize("name", ODD_RESULTS)
def test_an_odd_result_differs_from_the_real_one_as_it_was_asked(name: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        change = ODD_RESULTS[name]
        told(sandbox, "patch", **change)
        _, _, body = await answer(sandbox, "sendMessage", chat_id=USER, text="x")
        (sent,) = sandbox.state.messages[USER].values()
        assert json.loads(body)["ok"] is True
        assert json.loads(body)["result"] != sent

    serve(use)


def test_a_refusal_may_hold_what_no_table_stores() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        told(sandbox, "error", description="a\x00b\ud800", retry_after=10**12, code=429)
        status, _, body = await answer(sandbox, "sendMessage", chat_id=USER, text="x")
        said = json.loads(body)
        assert (status, said["description"]) == (429, "a\x00b\ud800")
        assert said["parameters"]["retry_after"] == 10**12

    serve(use)


@pytest.mark.parametrize(
    "mistake",
    [
        {"kind": "nonsense"},
        {"kind": "error", "method": "sendMesage"},
        {"kind": "page", "page": "apache"},
        {"kind": "page", "code": 7},
        {"kind": "drop_before", "after": True},
        {"kind": "answer"},
        {"kind": "patch"},
        {"kind": "error", "colour": "red"},
    ],
)
def test_a_mistake_in_a_fault_is_told_at_once(mistake: dict[str, Any]) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        url = f"{sandbox.url}/sandbox/fault"
        async with aiohttp.ClientSession() as http, http.post(url, json=mistake) as got:
            assert got.status == 400
        assert sandbox.faults.active == []

    serve(use)


def test_updates_and_answers_carry_explicit_nulls_when_they_are_switched_on() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.state.updates.nulls = True
        sandbox.actions.send(USER, "photo", caption="look")
        (update,) = (await api("getUpdates"))["result"]
        assert {kind for kind in UPDATE_KINDS if update[kind] is None} == {*UPDATE_KINDS} - {
            "message"
        }
        message = update["message"]
        assert message["text"] is None
        assert message["from"]["last_name"] is None
        assert message["chat"]["title"] is None
        assert message["photo"][-1]["mime_type"] is None
        sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]
        assert sent["reply_markup"] is None

    serve(use)


def test_only_optional_fields_of_the_bot_api_become_null() -> None:
    types = bot_api()["types"]
    message = with_nulls({"message_id": 1, "chat": {"id": 1, "type": "private"}})

    assert set(message) - {"message_id", "chat"} <= set(types["Message"]["optional"])
    assert set(message["chat"]) <= {"id", "type", *types["Chat"]["optional"]}
    assert set(UPDATE_KINDS) == set(types["Update"]["optional"])
    for sign, name in (("is_bot", "User"), ("offset", "MessageEntity"), ("data", "CallbackQuery")):
        given = {"is_bot": {"is_bot": 1}, "offset": {"offset": 1}, "data": {"chat_instance": "1"}}
        found = set(with_nulls(given[sign])) - set(types[name]["required"])
        assert found <= set(types[name]["optional"]), name


@pytest.mark.parametrize("how", ["readable", "unreadable"])
def test_a_local_server_gives_an_absolute_path_and_no_download(how: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        client = SandboxClient(sandbox.url)
        sandbox.state.files.local = how
        sent = sandbox.actions.send(USER, "document", content=b"%PDF-1.4 x")
        got = (await api("getFile", file_id=sent["document"]["file_id"]))["result"]
        path = Path(got["file_path"])
        assert path.is_absolute()
        assert TOKEN in path.parts
        assert path.exists() is (how == "readable")
        assert how == "unreadable" or path.read_bytes() == b"%PDF-1.4 x"
        url = f"{client._base_url}/file/bot{TOKEN}/documents/{path.name}"
        async with aiohttp.ClientSession() as http, http.get(url) as download:
            assert download.status == 404
        sandbox.state.files.close()
        assert not path.exists()

    serve(use)


def test_get_updates_passes_on_what_no_reader_accepts() -> None:
    digits = "9" * 5000

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.actions.raw(f'{{"update_id": $ID, "message": {{"message_id": {digits}}}}}')
        _, _, body = await answer(sandbox, "getUpdates")
        assert digits in body

    serve(use)
