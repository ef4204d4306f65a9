"""Files between the simulated Telegram's users and the bot, in both directions."""

import base64
import time
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.files.kinds import mime_of, size_of_picture
from sandbox.files.picture import draw
from sandbox.files.sound import _checksum, silence, voice
from sandbox.files.video import film
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.api import downloads
from sandbox.telegram.faults import Fault
from sandbox.telegram.state import files
from tests.support.edges.sandbox_telegram import TOKEN, USER, Api, receiver, serve

KINDS = ["photo", "voice", "audio", "video", "document", "sticker"]
JPEG = bytes.fromhex("ffd8 ffe0 0004 0000 ffc0 0011 08 0020 0030 03" + "00" * 9)


async def download(sandbox: TelegramSandbox, path: str, token: str = TOKEN) -> tuple[int, bytes]:
    url = f"{sandbox.url}/file/bot{token}/{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.read()


def file_id(message: dict[str, Any], kind: str) -> str:
    found = message[kind][-1] if kind == "photo" else message[kind]
    return str(found["file_id"])


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_user_sends_can_be_downloaded_as_it_was(kind: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.actions.send(USER, kind, caption="look")
        (update,) = (await api("getUpdates"))["result"]
        message = update["message"]
        assert message["caption"] == "look"
        found = (await api("getFile", file_id=file_id(message, kind)))["result"]
        status, content = await download(sandbox, found["file_path"])
        assert (status, len(content)) == (200, found["file_size"])
        assert mime_of(content) == sandbox.state.files.stored[found["file_id"]].mime
        assert kind == "sticker" or mime_of(content) != "application/octet-stream"

    serve(use)


def test_a_photo_comes_in_sizes_and_the_last_is_the_largest() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sizes = sandbox.actions.send(USER, "photo")["photo"]
        assert [size["width"] for size in sizes] == [90, 896]
        small = (await api("getFile", file_id=sizes[0]["file_id"]))["result"]
        _, content = await download(sandbox, small["file_path"])
        assert size_of_picture(content) == (90, 90)

    serve(use)


def test_a_file_over_20_mb_cannot_be_downloaded() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        message = sandbox.actions.send(USER, "video", size=downloads.DOWNLOAD_LIMIT + 1)
        answer = await api("getFile", file_id=file_id(message, "video"))
        assert "file is too big" in answer["description"]

    serve(use)


def test_a_path_needs_the_token_and_ends_after_an_hour() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        message = sandbox.actions.send(USER, "document")
        path = (await api("getFile", file_id=file_id(message, "document")))["result"]["file_path"]
        assert (await download(sandbox, path, token="123:other"))[0] == 401
        stored, _ = sandbox.state.files.paths[path]
        sandbox.state.files.paths[path] = stored, time.monotonic() - 1
        assert (await download(sandbox, path))[0] == 404
        assert files.PATH_SECONDS == 3600
        assert (await download(sandbox, "documents/file_99.pdf"))[0] == 404

    serve(use)


def test_a_download_can_be_broken() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        message = sandbox.actions.send(USER, "photo")
        path = (await api("getFile", file_id=file_id(message, "photo")))["result"]["file_path"]
        sandbox.faults.active.append(Fault("error", "download", code=500))
        assert (await download(sandbox, path))[0] == 500
        # The client asks once more by itself.
        sandbox.faults.active.append(Fault("drop_before", "download", times=2))
        with pytest.raises(aiohttp.ClientError):
            await download(sandbox, path)
        assert (await download(sandbox, path))[0] == 200

    serve(use)


def test_an_album_arrives_as_messages_of_one_group() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        items = [{"kind": "photo"}, {"kind": "video"}, {"kind": "photo"}]
        sandbox.actions.album(USER, items, ["three"])
        found = [update["message"] for update in (await api("getUpdates"))["result"]]
        assert len({message["media_group_id"] for message in found}) == 1
        assert [message.get("caption") for message in found] == ["three", None, None]
        assert ["video" in message for message in found] == [False, True, False]

    serve(use)


def test_the_control_api_takes_a_users_own_file() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        given = {"user": USER, "kind": "audio", "name": "song.mp3", "caption": "mine"}
        given["content"] = base64.b64encode(silence("song", 1)).decode()
        url = f"{sandbox.url}/sandbox/send"
        async with aiohttp.ClientSession() as session, session.post(url, json=given) as answer:
            message = await answer.json()
        assert (message["audio"]["file_name"], message["caption"]) == ("song.mp3", "mine")
        assert message["audio"]["mime_type"] == "audio/mpeg"

    serve(use)


@pytest.mark.parametrize(
    ("method", "kind", "content", "arrives"),
    [
        ("sendVideo", "video", film("x", "1:1", 1), "video"),
        ("sendVideo", "video", draw("x", "1:1"), "document"),
        ("sendAudio", "audio", silence("x", 1), "audio"),
        ("sendAudio", "audio", b"RIFF0000WAVE", "document"),
        ("sendVoice", "voice", voice(1), "voice"),
        ("sendDocument", "document", film("x", "1:1", 1), "document"),
    ],
)
def test_what_a_file_is_decides_how_it_arrives(
    method: str, kind: str, content: bytes, arrives: str
) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        form = aiohttp.FormData({"chat_id": str(USER)})
        form.add_field(kind, content, filename="a.bin")
        url = f"{sandbox.url}/bot{TOKEN}/{method}"
        async with aiohttp.ClientSession() as session, session.post(url, data=form) as answer:
            message = (await answer.json())["result"]
        assert message[arrives]["mime_type"] == mime_of(content)

    serve(use)


@pytest.mark.parametrize(
    ("method", "kind", "content", "problem"),
    [
        ("sendPhoto", "photo", draw("x", "1:1"), ""),
        ("sendPhoto", "photo", b"<html>", "wrong type of the web page content"),
        ("sendPhoto", "photo", draw("x", "1:1") + b"\0" * 5_300_000, "failed to get HTTP URL"),
        ("sendVideo", "video", film("x", "1:1", 1), ""),
        ("sendVideo", "video", b"\0" * 21_000_000, "failed to get HTTP URL"),
        ("sendDocument", "document", b"%PDF-1.4", ""),
        ("sendDocument", "document", draw("x", "1:1"), "wrong type of the web page content"),
    ],
)
def test_a_url_is_fetched_once_and_remembered(
    method: str, kind: str, content: bytes, problem: str
) -> None:
    fetched = 0

    async def give(request: web.Request) -> web.Response:
        nonlocal fetched
        fetched += 1
        return web.Response(body=content)

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(give, "GET") as url:
            for _ in range(2):
                answer = await api(method, chat_id=USER, **{kind: url})
                assert answer["ok"] is not bool(problem)
                assert problem in answer.get("description", "")
        assert fetched == 1

    serve(use)


def test_a_large_video_behind_a_link_is_a_square_of_no_length_whatever_is_said_of_it() -> None:
    async def give(request: web.Request) -> web.Response:
        return web.Response(body=film("x", "16:9", 3) + b"\0" * 10 * 1024 * 1024)

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        async with receiver(give, "GET") as url:
            answer = await api("sendVideo", chat_id=USER, video=url, width=256, height=144)
            video = answer["result"]["video"]
        assert (video["width"], video["height"], video["duration"]) == (320, 320, 0)

    serve(use)


def test_sizes_of_pictures_are_read() -> None:
    assert size_of_picture(JPEG) == (48, 32)
    assert size_of_picture(draw("x", "16:9")) == (1024, 576)
    assert size_of_picture(b"GIF89a") is None


def test_a_voice_message_is_whole_ogg_pages_of_opus() -> None:
    content = voice(6)
    at, packets, ends = 0, 0, []
    while at < len(content):
        assert content[at : at + 4] == b"OggS"
        count = content[at + 26]
        sizes = content[at + 27 : at + 27 + count]
        packets += count
        ends.append(content[at + 5])
        at += 27 + count + sum(sizes)

    assert packets == 2 + 300
    assert ends == [2, 0, 0, 4]
    assert content[28:36] == b"OpusHead"
    # The catalogued check value of this polynomial without start value and inversion.
    assert _checksum(b"123456789") == 0x89A1897F
