"""Edited, copied, deleted messages; the bot's profile; inline mode."""

import io
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from sandbox.files.picture import draw
from sandbox.files.video import film
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.api.bot import LENGTHS
from sandbox.telegram.api.inline import QUERY_SECONDS
from tests.support.edges.sandbox_telegram import USER, Api, serve

HELP = [{"command": "help", "description": "Help"}]
START = [{"command": "start", "description": "Start"}]


def photo(sandbox: TelegramSandbox, words: str) -> str:
    return sandbox.state.files.store(draw(words, "1:1"), "x.png", "image/png").file_id


def test_the_media_of_a_message_can_be_replaced_by_media_of_another_kind() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = (await api("sendPhoto", chat_id=USER, photo=photo(sandbox, "a"), caption="a"))[
            "result"
        ]
        where = {"chat_id": USER, "message_id": sent["message_id"]}
        clip = sandbox.state.files.store(film("b", "1:1", 2), "b.mp4", "video/mp4")
        media = {
            "type": "video",
            "media": clip.file_id,
            "caption": "<b>b</b>",
            "parse_mode": "HTML",
        }
        edited = (await api("editMessageMedia", **where, media=media))["result"]
        assert "photo" not in edited
        assert (edited["video"]["width"], edited["video"]["height"]) == (192, 192)
        assert (edited["caption"], edited["video"]["duration"]) == ("b", 2)
        again = await api("editMessageMedia", **where, media=media)
        assert "message is not modified" in again["description"]
        text = (await api("sendMessage", chat_id=USER, text="x"))["result"]["message_id"]
        media = {"type": "photo", "media": photo(sandbox, "c")}
        grown = (await api("editMessageMedia", chat_id=USER, message_id=text, media=media))[
            "result"
        ]
        assert "text" not in grown
        bad = await api("editMessageMedia", **where, media={"type": "hologram", "media": "x"})
        assert "can't parse input media" in bad["description"]

    serve(use)


def test_only_what_has_a_caption_gets_another_one() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        text = (await api("sendMessage", chat_id=USER, text="x"))["result"]["message_id"]
        answer = await api("editMessageCaption", chat_id=USER, message_id=text, caption="y")
        assert "there is no caption in the message to edit" in answer["description"]

    serve(use)


def test_a_copy_is_a_message_of_the_bot_and_a_forward_names_its_source() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        asked = sandbox.actions.send(USER, "photo", caption="mine")["message_id"]
        source = {"chat_id": USER, "from_chat_id": USER, "message_id": asked}
        copied = (await api("copyMessage", **source, caption="ours"))["result"]
        made = sandbox.state.messages[USER][copied["message_id"]]
        assert (made["caption"], made["from"]["is_bot"]) == ("ours", True)
        assert "forward_origin" not in made
        forwarded = (await api("forwardMessage", **source))["result"]
        assert forwarded["forward_origin"]["sender_user"]["id"] == USER
        gone = await api("copyMessage", **{**source, "message_id": 999})
        assert "message to copy not found" in gone["description"]

    serve(use)


def test_a_deleted_message_is_gone_and_an_old_one_stays() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = [(await api("sendMessage", chat_id=USER, text="x"))["result"] for _ in range(3)]
        one, two, old = (message["message_id"] for message in sent)
        assert (await api("deleteMessage", chat_id=USER, message_id=one))["ok"]
        again = await api("deleteMessage", chat_id=USER, message_id=one)
        assert "message to delete not found" in again["description"]
        assert (await api("deleteMessages", chat_id=USER, message_ids=[one, two]))["ok"]
        sandbox.state.messages[USER][old]["date"] -= 49 * 3600
        late = await api("deleteMessage", chat_id=USER, message_id=old)
        assert "message can't be deleted for everyone" in late["description"]
        group = sandbox.membership.group("Painters", [USER])
        (joined,) = sandbox.state.messages[group.id]
        foreign = await api("deleteMessage", chat_id=group.id, message_id=joined)
        assert "message can't be deleted" in foreign["description"]
        assert list(sandbox.state.messages[USER]) == [old]

    serve(use)


def test_a_large_video_without_a_word_about_it_is_a_square_of_no_length() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        large = film("x", "16:9", 3) + b"\0" * 10 * 1024 * 1024

        async def send(**given: str) -> dict[str, Any]:
            form = FormData({"chat_id": str(USER), **given})
            form.add_field("video", io.BytesIO(large), filename="x.mp4")
            url = f"{sandbox.url}/bot{sandbox.state.token}/sendVideo"
            async with ClientSession() as http, http.post(url, data=form) as answer:
                found: dict[str, Any] = (await answer.json())["result"]["video"]
                return found

        silent = await send()
        assert (silent["width"], silent["height"], silent["duration"]) == (320, 320, 0)
        told = await send(width="256", height="144", duration="3")
        assert (told["width"], told["height"], told["duration"]) == (256, 144, 3)

    serve(use)


def test_an_upload_over_50_mb_is_413() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        form = FormData({"chat_id": str(USER)})
        form.add_field("document", io.BytesIO(b"x" * (50 * 1024 * 1024 + 1)), filename="x.bin")
        url = f"{sandbox.url}/bot{sandbox.state.token}/sendDocument"
        async with ClientSession() as http, http.post(url, data=form) as answer:
            assert answer.status == 413
            assert (await answer.json())["description"] == "Request Entity Too Large"

    serve(use)


def test_commands_of_the_narrowest_scope_are_shown() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        profile, user = sandbox.state.profile, sandbox.state.users[USER]
        group = sandbox.membership.group("Painters", [USER, 1003])
        await api("setMyCommands", commands=HELP)
        assert profile.commands_seen(user, None) == HELP
        for scope, chat in (
            ({"type": "all_private_chats"}, None),
            ({"type": "chat", "chat_id": USER}, None),
            ({"type": "all_group_chats"}, group),
            ({"type": "all_chat_administrators"}, group),
            ({"type": "chat", "chat_id": group.id}, group),
            ({"type": "chat_administrators", "chat_id": group.id}, group),
            ({"type": "chat_member", "chat_id": group.id, "user_id": USER}, group),
        ):
            own = [{"command": scope["type"], "description": "x"}]
            assert (await api("setMyCommands", commands=own, scope=scope))["ok"]
            assert profile.commands_seen(user, chat) == own
            assert (await api("getMyCommands", scope=scope))["result"] == own
        plain = profile.commands_seen(sandbox.state.users[1003], group)
        assert plain[0]["command"] == "chat"
        await api("deleteMyCommands", scope={"type": "chat", "chat_id": USER})
        assert profile.commands_seen(user, None)[0]["command"] == "all_private_chats"
        await api("setMyCommands", commands=START, language_code="en")
        assert (await api("getMyCommands", language_code="en"))["result"] == START
        assert (await api("getMyCommands", language_code="ru"))["result"] == []

    serve(use)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"scope": {"type": "planet"}}, "unsupported type"),
        ({"scope": {"type": "chat"}}, "chat needs"),
        ({"scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
        ({"language_code": "russian"}, "language code"),
        ({"commands": [{"command": "Help", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "help"}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
def test_commands_that_telegram_does_not_take_are_refused(
    parameters: dict[str, Any], words: str
) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        answer = await api("setMyCommands", **{"commands": HELP, **parameters})
        assert words in answer["description"]

    serve(use)


def test_texts_about_the_bot_have_their_lengths_and_their_languages() -> None:
    methods = {"name": "setMyName", "description": "setMyDescription"}
    methods["short_description"] = "setMyShortDescription"

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        for name, method in methods.items():
            assert (await api(method, **{name: "x" * LENGTHS[name]}))["ok"]
            assert not (await api(method, **{name: "x" * (LENGTHS[name] + 1)}))["ok"]
        await api("setMyDescription", description="Бот", language_code="ru")
        assert (await api("getMyDescription", language_code="ru"))["result"] == {
            "description": "Бот"
        }
        found = (await api("getMyShortDescription"))["result"]["short_description"]
        assert len(found) == LENGTHS["short_description"]

    serve(use)


def test_a_menu_button_belongs_to_a_private_chat_or_to_all() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        commands = {"type": "commands"}
        assert (await api("setChatMenuButton", menu_button=commands))["ok"]
        assert (await api("getChatMenuButton", chat_id=USER))["result"] == commands
        assert (await api("setChatMenuButton", chat_id=USER, menu_button={"type": "default"}))["ok"]
        assert (await api("getChatMenuButton", chat_id=USER))["result"] == {"type": "default"}
        bad = await api("setChatMenuButton", menu_button={"type": "web_app"})
        assert "can't parse menu button" in bad["description"]

    serve(use)


def test_an_inline_query_is_answered_once_within_its_life() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        with pytest.raises(ValueError, match="inline mode is off"):
            sandbox.queries.inline(USER, "fox")
        sandbox.state.inline = sandbox.state.inline_feedback = True
        assert (await api("getMe"))["result"]["supports_inline_queries"] is True
        query = sandbox.queries.inline(USER, "fox")
        (update,) = (await api("getUpdates"))["result"]
        assert update["inline_query"]["query"] == "fox"
        file = photo(sandbox, "fox")
        results = [{"type": "photo", "id": "1", "photo_file_id": file, "caption": "a fox"}]
        given = {"inline_query_id": query, "results": results}
        assert (await api("answerInlineQuery", **given))["ok"]
        assert "query is too old" in (await api("answerInlineQuery", **given))["description"]
        sent = sandbox.queries.choose(query, "1", 1003)
        assert sent["via_bot"]["id"] == sandbox.state.bot["id"]
        assert sent["photo"][-1]["file_id"] == file
        (update,) = (await api("getUpdates", offset=update["update_id"] + 1))["result"]
        assert update["chosen_inline_result"]["result_id"] == "1"
        late = sandbox.queries.inline(USER, "fox")
        sandbox.state.inline_queries[late].asked_at -= QUERY_SECONDS
        answer = await api("answerInlineQuery", **{**given, "inline_query_id": late})
        assert "query is too old" in answer["description"]

    serve(use)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([{"type": "photo", "id": "1", "photo_file_id": "nothing"}], "wrong file identifier"),
        ([{"type": "photo", "id": "", "photo_file_id": "x"}], "RESULT_ID_INVALID"),
        ([{"type": "article", "id": "1", "title": "x"}], "can't parse inline query result"),
        ([{"type": "hologram", "id": "1"}], "can't parse inline query result"),
        ([{"type": "article", "id": "1"}] * 51, "RESULTS_TOO_MUCH"),
    ],
)
def test_inline_results_that_telegram_does_not_take_are_refused(
    results: list[dict[str, Any]], words: str
) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.state.inline = True
        query = sandbox.queries.inline(USER, "")
        answer = await api("answerInlineQuery", inline_query_id=query, results=results)
        assert words in answer["description"]

    serve(use)


def test_an_admin_of_a_group_can_be_told_from_a_member() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        group = sandbox.membership.group("Painters", [USER, 1003], [USER])
        statuses = [
            (await api("getChatMember", chat_id=group.id, user_id=user))["result"]["status"]
            for user in (USER, 1003, 1001)
        ]
        assert statuses == ["creator", "member", "left"]
        admins = (await api("getChatAdministrators", chat_id=group.id))["result"]
        assert [member["user"]["id"] for member in admins] == [USER]
        assert (await api("getChat", chat_id=group.id))["result"]["title"] == "Painters"
        assert (await api("leaveChat", chat_id=group.id))["ok"]
        assert (await api("sendMessage", chat_id=group.id, text="x"))["error_code"] == 403

    serve(use)


def test_the_keyboard_of_an_earlier_bot_stays_until_a_message_takes_it_away() -> None:
    async def check(sandbox: TelegramSandbox, api: Api) -> None:
        keyboards = sandbox.state.profile.reply_keyboards
        keyboards[USER] = [["💰 Balance"]]
        inline = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}
        for markup in ({}, {"reply_markup": inline}):
            await api("sendMessage", chat_id=USER, text="hello", **markup)
            assert keyboards == {USER: [["💰 Balance"]]}

        removing = {"remove_keyboard": True}
        sent = await api("sendMessage", chat_id=USER, text="gone", reply_markup=removing)

        assert keyboards == {}
        assert "reply_markup" not in sent["result"]

    serve(check)
