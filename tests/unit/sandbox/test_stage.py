"""The parts of the stage: relays, the witness, the guest's choice, the routes."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.kie.account import Account
from sandbox.stage.acts import Acts
from sandbox.stage.copies import SOON, Copy
from sandbox.stage.crowd import Crowd, Witness
from sandbox.stage.director import Director
from sandbox.stage.guest import CREDITS, ENOUGH, Guest
from sandbox.stage.relays import FrontDoor, Relay, to_port, to_socket
from sandbox.stage.routes import StageRoutes
from sandbox.stage.tables import Tables
from sandbox.telegram import TelegramSandbox
from tests.support.edges.sandbox_telegram import TOKEN

PEERS = {"trt", "ptb", "aiogram"}


def run(use: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(use())


async def echo(word: str) -> tuple[asyncio.Server, int]:
    """A server that answers each line with itself and its own name."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(word.encode() + b" " + line)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def said(writer: asyncio.StreamWriter, reader: asyncio.StreamReader, text: str) -> bytes:
    writer.write(text.encode() + b"\n")
    await writer.drain()
    return await reader.readline()


def test_a_relay_passes_bytes_on_and_counts_the_requests() -> None:
    async def use() -> None:
        server, port = await echo("one")
        seen: list[float] = []
        relay = Relay(to_port(port), seen.append)
        reader, writer = await asyncio.open_connection("127.0.0.1", await relay.listen())
        assert await said(writer, reader, "POST /x") == b"one POST /x\n"
        assert await said(writer, reader, "more of it") == b"one more of it\n"
        assert len(seen) == 1
        writer.close()
        await relay.close()
        server.close()

    run(use)


def test_a_cut_relay_is_silent_and_a_joined_one_ends_what_was_open() -> None:
    async def use() -> None:
        server, port = await echo("one")
        relay = Relay(to_port(port))
        listening = await relay.listen()
        reader, writer = await asyncio.open_connection("127.0.0.1", listening)
        await said(writer, reader, "before")
        relay.cut()
        writer.write(b"lost\n")
        fresh_reader, fresh_writer = await asyncio.open_connection("127.0.0.1", listening)
        fresh_writer.write(b"waits\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.2)
        relay.join()
        try:
            heard = await reader.readline()
        except ConnectionError:
            heard = b""
        assert heard == b""  # the end, and not what was written through the cut
        again_reader, again = await asyncio.open_connection("127.0.0.1", listening)
        assert await said(again, again_reader, "after") == b"one after\n"
        for each in (writer, fresh_writer, again):
            each.close()
        del fresh_reader
        await relay.close()
        server.close()

    run(use)


def test_a_relay_leads_to_a_local_socket(tmp_path: Path) -> None:
    async def use() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello " + await reader.readline())
            writer.close()

        server = await asyncio.start_unix_server(answer, str(tmp_path / "there"))
        relay = Relay(to_socket(str(tmp_path / "there")))
        await relay.listen_at(str(tmp_path / "here"))
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "here"))
        assert await said(writer, reader, "x") == b"hello x\n"
        writer.close()
        await relay.close()
        server.close()

    run(use)


def test_the_front_door_leads_to_the_copy_that_is_routed_to_or_to_the_one_that_listens() -> None:
    async def use() -> None:
        one, first = await echo("one")
        two, second = await echo("two")
        door = FrontDoor()
        port = await door.listen()
        door.ports = [first, second]

        async def answer() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            found = await said(writer, reader, "x")
            writer.close()
            return found

        assert await answer() == b"one x\n"
        door.route_to(second)
        assert await answer() == b"two x\n"
        two.close()
        await two.wait_closed()
        assert await answer() == b"one x\n"
        await door.close()
        one.close()

    run(use)


def answer_to(chat: int, number: int, kind: str = "message", *, bot: bool = True) -> dict[str, Any]:
    message = {"from": {"is_bot": bot}, "text": f"Draft: number-{number:04}"}
    return {"type": kind, "chat_id": chat, "message": message}


def test_the_witness_tells_lost_twice_and_out_of_order_apart() -> None:
    witness = Witness()
    for number in range(4):
        witness.wrote(7, number)
    for event in (
        answer_to(7, 0),
        answer_to(7, 0),  # twice
        answer_to(7, 0, "edit"),  # an edit is no copy
        answer_to(7, 2),
        answer_to(7, 1),  # out of order
        answer_to(7, 3, bot=False),  # the text itself
        answer_to(8, 3),  # another chat
        {"type": "call", "method": "sendMessage", "status": 200},
    ):
        witness.saw(event)
    found = witness.counters(settled=False)

    assert (found["sent"], found["answered"], found["waiting"]) == (4, 3, 1)
    assert (found["lost"], found["twice"], found["out_of_order"]) == (0, 1, 1)
    assert witness.counters(settled=True)["lost"] == 1


def test_the_crowd_writes_in_turn_and_stays_off_the_page() -> None:
    async def use() -> None:
        telegram = TelegramSandbox(TOKEN)
        witness = Witness()
        crowd = Crowd(telegram.state, telegram.actions, witness)
        page = telegram.state.events.listen()
        await crowd.write(0.5, 160)
        assert len(witness.written) == 80
        assert {number for _, number in witness.written} == {0, 1}
        assert len(telegram.state.updates.pending) == 80
        assert page.empty()
        assert crowd.writing == 0

    run(use)


def test_the_guest_orders_by_the_buttons_that_there_are() -> None:
    async def use() -> None:
        telegram = TelegramSandbox(TOKEN)
        state = telegram.state

        def show(text: str, *captions: str) -> None:
            row = [{"text": caption, "callback_data": caption} for caption in captions]
            markup = {"inline_keyboard": [row]}
            state.new_message(1001, state.bot, text=text, reply_markup=markup)

        def bot(event: dict[str, Any]) -> None:
            """The screens of a bot, in answer to what the guest does."""
            if event["type"] == "message" and not event["message"]["from"]["is_bot"]:
                said = event["message"].get("text", "")
                if said == "/start":
                    show("menu", "Help", "Picture")
                elif not said.startswith("/"):
                    show("card", "✅ Создать", "🤖 Z-Image ▾", "Nano Banana · 8")

        state.events.watchers.append(bot)
        purse = {1001: ENOUGH - 1}
        guest = Guest(state, telegram.actions, telegram.queries, lambda user: purse[user])
        assert guest.language == "ru"
        await guest.order(with_credits=True)
        pressed = [state.presses[key].message_id for key in state.presses]
        assert len(pressed) == 3
        texts = [m.get("text") for m in state.messages[1001].values()]
        assert texts == ["/start", "menu", "рыжий кот в шляпе", "card"]
        (granted,) = state.messages[1002].values()
        assert granted["text"] == f"/grant 1001 {CREDITS}"
        assert not await guest.picture(seconds=0.2)
        telegram.actions.send(1001, "photo")
        assert await guest.picture(seconds=5)
        purse[1001] = ENOUGH
        await guest.order(with_credits=True)
        assert len(state.messages[1002]) == 1

    run(use)


def test_acts_are_refused_when_there_is_no_stage_none_of_that_name_or_another_act() -> None:
    async def use() -> None:
        routes = StageRoutes()
        telegram = TelegramSandbox(TOKEN, guests=(routes,))
        url = await telegram.start()
        busy = ""

        def begin(name: str, language: str) -> None:
            if name != "kill":
                raise KeyError(name)
            if busy:
                raise RuntimeError(f"{busy} is under way")

        async with aiohttp.ClientSession() as http:

            async def status(name: str) -> int:
                async with http.post(f"{url}/sandbox/stage/{name}") as answer:
                    return answer.status

            assert await status("kill") == 404
            routes.set(lambda: {"act": ""}, begin, ("kill",))
            assert [await status(name) for name in ("kill", "dance")] == [200, 404]
            busy = "freeze"
            assert await status("kill") == 409
            async with http.get(f"{url}/sandbox/stage") as answer:
                found = await answer.json()
                assert {bot["bot"] for bot in found.pop("recorded")["rows"]} == PEERS
                assert found == {"on": True, "acts": ["kill"], "act": ""}
        await telegram.stop()

    run(use)


def test_the_simulators_alone_have_no_stage() -> None:
    async def use() -> None:
        telegram = TelegramSandbox(TOKEN)
        url = await telegram.start()
        async with aiohttp.ClientSession() as http, http.get(f"{url}/sandbox/stage") as answer:
            assert await answer.json() == {"on": False}
            async with http.post(f"{url}/sandbox/stage/kill") as act:
                assert act.status in {404, 405}
        await telegram.stop()

    run(use)


class Scripted(Tables):
    """What the table says at each look."""

    def __init__(self, *calls: int) -> None:
        self.calls = list(calls)

    async def calls_in_flight(self) -> int:
        return self.calls.pop(0)


class Stopped(Copy):
    """Writes down how it is stopped and let go."""

    said: list[str]

    def stop(self) -> None:
        self.said.append("stop")

    def go_on(self) -> None:
        self.said.append("go on")


def test_a_copy_in_the_middle_of_a_call_is_let_go_before_it_is_struck(tmp_path: Path) -> None:
    async def use() -> None:
        telegram, witness = TelegramSandbox(TOKEN), Witness()
        crowd = Crowd(telegram.state, telegram.actions, witness)
        relay = Relay(to_port(1))
        copy = Stopped("A", 1, {}, None, relay, tmp_path)
        copy.said = []
        door, account = FrontDoor(), Account("key")
        books = Scripted(2, 1, 0)
        director = Director([copy], door, books, telegram.state, account, crowd, witness)
        await director.strike(copy, "kill -9", lambda: copy.said.append("blow"))
        assert copy.said == ["stop", "go on", "stop", "go on", "stop", "blow"]
        assert [mark["what"] for mark in director.marks] == ["kill -9"]
        assert director.struck_at > 0

    run(use)


@pytest.mark.parametrize("name", ["away", "credits", "flood"])
def test_what_an_act_takes_away_is_there_again_when_the_stage_ends_in_its_middle(name: str) -> None:
    async def use() -> None:
        telegram, witness, account = TelegramSandbox(TOKEN), Witness(), Account("key")
        crowd = Crowd(telegram.state, telegram.actions, witness)
        books = Scripted()
        door = FrontDoor()
        director = Director([], door, books, telegram.state, account, crowd, witness)
        guest = Guest(telegram.state, telegram.actions, telegram.queries, director.purse)

        async def no_restart() -> None:
            raise AssertionError

        acts = Acts(director, account, telegram.limits, guest, no_restart)

        def state() -> tuple[bool, float, bool]:
            return account.away, account.credits, telegram.limits.enabled

        before = state()
        acts.begin(name)
        await asyncio.sleep(0)
        assert state() != before
        with pytest.raises(RuntimeError, match=name):
            acts.begin("kill")
        await acts.close()
        assert state() == before
        assert director.act == ""

    run(use)


def test_a_copy_that_cannot_start_is_started_again_after_growing_pauses(tmp_path: Path) -> None:
    async def use() -> None:
        relay = Relay(to_port(1))
        copy = Copy("A", 1, {}, None, relay, tmp_path)  # where no run.py is
        pauses = []
        for _ in range(8):
            await copy.start(1)
            assert await copy.ended(20)
            assert copy.state == "GONE"
            pauses.append(copy.pause(copy.begun))
        assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
        assert pauses[-1] == 5.0
        assert copy.pause(copy.begun + SOON + 1) == 0.0
        await copy.end()

    run(use)


def test_an_act_ends_when_a_copy_does_not_come_up(tmp_path: Path) -> None:
    async def use() -> None:
        telegram, witness, account = TelegramSandbox(TOKEN), Witness(), Account("key")
        crowd = Crowd(telegram.state, telegram.actions, witness)
        relay = Relay(to_port(1))
        copy = Copy("A", 1, {}, None, relay, tmp_path)
        books, door = Scripted(), FrontDoor()
        director = Director([copy], door, books, telegram.state, account, crowd, witness)
        with pytest.raises(TimeoutError):
            await director.both(seconds=0)

    run(use)
