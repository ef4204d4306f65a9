"""Groups, topics, replies, edits and forwards of the simulated Telegram."""

from typing import Any

import pytest

from sandbox.telegram import TelegramSandbox
from sandbox.telegram.users.places import ORIGINS, Where
from tests.support.edges.outside_facts import bot_api
from tests.support.edges.sandbox_telegram import USER, Api, serve

OTHER = 1003
TYPES = bot_api()["types"]


async def updates(api: Api, kind: str) -> list[dict[str, Any]]:
    found = (await api("getUpdates", allowed_updates=[]))["result"]
    await api("getUpdates", offset=found[-1]["update_id"] + 1 if found else 0)
    return [update[kind] for update in found if kind in update]


def fits(found: dict[str, Any], name: str) -> bool:
    """Whether an object is one of the Bot API's."""
    required, optional = set(TYPES[name]["required"]), set(TYPES[name]["optional"])
    return required <= set(found) <= required | optional


def test_a_group_shows_the_bot_what_is_meant_for_it() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        group = sandbox.membership.group("Painters", [USER, OTHER])
        here = Where(chat=group.id)
        changes = await updates(api, "my_chat_member")
        assert changes[0]["new_chat_member"]["status"] == "member"
        sent = (await api("sendMessage", chat_id=group.id, text="hello"))["result"]
        assert (sent["chat"]["type"], sent["chat"]["title"]) == ("supergroup", "Painters")
        for text in (
            "hello",
            "/help",
            "/help@other_bot",
            "/help@trt_demo_bot",
            "@trt_demo_bot fox",
        ):
            sandbox.actions.say(USER, text, here)
        sandbox.actions.say(OTHER, "nice", Where(chat=group.id, reply_to=sent["message_id"]))
        sandbox.actions.send(USER, "photo", where=here)
        seen = [message["text"] for message in await updates(api, "message")]
        assert seen == ["/help", "/help@trt_demo_bot", "@trt_demo_bot fox", "nice"]
        sandbox.state.privacy = False
        sandbox.actions.say(USER, "hello", here)
        assert len(await updates(api, "message")) == 1
        with pytest.raises(ValueError, match="not in chat"):
            sandbox.actions.say(1001, "stranger", here)

    serve(use)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("kicked", 403, "bot was kicked from the supergroup chat"),
        ("left", 403, "bot is not a member of the supergroup chat"),
        ("restricted", 400, "not enough rights to send text messages"),
    ],
)
def test_a_group_that_the_bot_may_not_write_to_says_why(status: str, code: int, words: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        group = sandbox.membership.group("Painters", [USER])
        sandbox.membership.bot_in_group(group.id, status)
        answer = await api("sendMessage", chat_id=group.id, text="x")
        assert answer["error_code"] == code
        assert words in answer["description"]

    serve(use)


def test_a_group_that_moved_names_its_new_number() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        old = sandbox.membership.group("Painters", [USER])
        new = sandbox.membership.migrate(old.id)
        answer = await api("sendMessage", chat_id=old.id, text="x")
        assert answer["parameters"] == {"migrate_to_chat_id": new.id}
        assert (await api("sendMessage", chat_id=new.id, text="x"))["ok"]

    serve(use)


def test_an_anonymous_admin_writes_as_the_group_and_presses_as_himself() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        group = sandbox.membership.group("Painters", [USER, OTHER], [USER])
        await updates(api, "message")
        sandbox.actions.say(USER, "/help", Where(chat=group.id, anonymous=True))
        (message,) = await updates(api, "message")
        assert message["from"]["username"] == "GroupAnonymousBot"
        assert message["sender_chat"]["id"] == group.id
        sandbox.queries.press(USER, message["message_id"], "x", group.id)
        (query,) = await updates(api, "callback_query")
        assert (query["from"]["id"], query["message"]["chat"]["id"]) == (USER, group.id)
        with pytest.raises(ValueError, match="only an admin"):
            sandbox.actions.say(OTHER, "/help", Where(chat=group.id, anonymous=True))
        sandbox.actions.say(OTHER, "/help", Where(chat=group.id, as_channel="News"))
        (message,) = await updates(api, "message")
        assert message["from"]["username"] == "Channel_Bot"
        assert message["sender_chat"]["type"] == "channel"

    serve(use)


@pytest.mark.parametrize("private", [True, False])
def test_a_message_stays_in_its_topic(private: bool) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        forum = sandbox.membership.group("Forum", [USER], forum=True)
        chat = USER if private else forum.id
        thread = sandbox.membership.topic(chat, "Cats")
        where = Where(chat=0 if private else chat, thread=thread)
        asked = sandbox.actions.say(USER, "/start", where)
        assert (asked["message_thread_id"], asked["is_topic_message"]) == (thread, True)
        for given in (
            {"message_thread_id": thread},
            {"reply_parameters": {"message_id": asked["message_id"]}},
        ):
            sent = (await api("sendMessage", chat_id=chat, text="x", **given))["result"]
            assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
        general = (await api("sendMessage", chat_id=chat, text="x"))["result"]
        assert "message_thread_id" not in general
        lost = await api("sendMessage", chat_id=chat, text="x", message_thread_id=thread + 1)
        assert "message thread not found" in lost["description"]
        assert (
            await api("sendChatAction", chat_id=chat, action="typing", message_thread_id=thread)
        )["ok"]
        assert (await api("getMe"))["result"]["has_topics_enabled"] is private

    serve(use)


def test_only_an_administrator_writes_to_a_closed_topic() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        forum = sandbox.membership.group("Forum", [USER], forum=True)
        thread = sandbox.membership.topic(forum.id, "Cats")
        asked = sandbox.actions.say(USER, "/help", Where(chat=forum.id, thread=thread))
        sandbox.membership.close_topic(forum.id, thread)
        assert (await updates(api, "message"))[-1]["forum_topic_closed"] == {}
        for given in (
            {"message_thread_id": thread},
            {"reply_parameters": {"message_id": asked["message_id"]}},
        ):
            lost = await api("sendMessage", chat_id=forum.id, text="x", **given)
            assert lost["description"] == "Bad Request: TOPIC_CLOSED"
        assert (await api("sendMessage", chat_id=forum.id, text="x"))["ok"]
        sandbox.membership.bot_in_group(forum.id, "administrator")
        here = {"chat_id": forum.id, "message_thread_id": thread}
        assert (await api("sendMessage", text="x", **here))["ok"]

    serve(use)


def test_a_reply_in_a_topic_needs_the_message_that_it_replies_to() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        forum = sandbox.membership.group("Forum", [USER], forum=True)
        thread = sandbox.membership.topic(forum.id, "Cats")
        gone = {"message_id": 999, "allow_sending_without_reply": True}
        here = {"chat_id": forum.id, "text": "x", "reply_parameters": gone}
        lost = await api("sendMessage", **here, message_thread_id=thread)
        assert "message to be replied not found" in lost["description"]
        assert (await api("sendMessage", **here))["ok"]

    serve(use)


def test_a_thread_of_replies_has_a_number_and_is_no_topic() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        group = sandbox.membership.group("Painters", [USER])
        root = (await api("sendMessage", chat_id=group.id, text="x"))["result"]["message_id"]
        said = sandbox.actions.say(USER, "y", Where(chat=group.id, reply_to=root))
        assert said["message_thread_id"] == root
        assert "is_topic_message" not in said
        again = await api("sendMessage", chat_id=group.id, text="z", message_thread_id=root)
        assert "message thread not found" in again["description"]

    serve(use)


def test_a_reply_shows_what_it_replies_to_and_its_quote() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        asked = sandbox.actions.say(USER, "🦊 a red fox")["message_id"]
        given: dict[str, Any] = {"message_id": asked, "quote": "red"}
        sent = (await api("sendMessage", chat_id=USER, text="x", reply_parameters=given))["result"]
        assert sent["reply_to_message"]["message_id"] == asked
        assert sent["quote"] == {"text": "red", "position": 5, "is_manual": True}
        told = sandbox.actions.say(USER, "why", Where(reply_to=sent["message_id"]))
        assert told["reply_to_message"]["message_id"] == sent["message_id"]
        assert "reply_to_message" not in told["reply_to_message"]
        for wrong, words in (
            ({"message_id": 999}, "message to be replied not found"),
            ({"message_id": asked, "quote": "blue"}, "QUOTE_TEXT_INVALID"),
        ):
            answer = await api("sendMessage", chat_id=USER, text="x", reply_parameters=wrong)
            assert words in answer["description"]
        alone = {"message_id": 999, "allow_sending_without_reply": True}
        assert (await api("sendMessage", chat_id=USER, text="x", reply_parameters=alone))["ok"]
        await api("sendMessage", chat_id=USER, text="x", reply_parameters={**alone, "colour": 1})
        assert len(sandbox.state.violations) == 1

    serve(use)


def test_an_edit_by_a_user_is_told_and_a_deletion_is_not() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        said = sandbox.actions.say(USER, "a cta")["message_id"]
        photo = sandbox.actions.send(USER, "photo", caption="a cta")["message_id"]
        await updates(api, "message")
        sandbox.actions.edit(USER, said, "a cat")
        sandbox.actions.edit(USER, photo, "a /cat")
        edited = await updates(api, "edited_message")
        assert [message.get("text") for message in edited] == ["a cat", None]
        assert edited[1]["caption_entities"][0]["type"] == "bot_command"
        assert all(message["edit_date"] for message in edited)
        sandbox.actions.delete(USER, said)
        assert (await api("getUpdates"))["result"] == []
        with pytest.raises(KeyError):
            sandbox.actions.edit(USER, said, "again")
        sent = (await api("sendMessage", chat_id=USER, text="x"))["result"]["message_id"]
        with pytest.raises(ValueError, match="is not of user"):
            sandbox.actions.edit(USER, sent, "mine")

    serve(use)


@pytest.mark.parametrize("kind", ORIGINS)
def test_a_forwarded_message_names_its_origin(kind: str) -> None:
    names = {"user": "User", "hidden": "HiddenUser", "nameless": "HiddenUser"}
    names |= {"channel": "Channel", "chat": "Chat"}

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.actions.send(USER, "photo", where=Where(forward=kind))
        (message,) = await updates(api, "message")
        assert fits(message["forward_origin"], f"MessageOrigin{names[kind]}")
        if kind == "nameless":
            assert message["forward_origin"]["sender_user_name"] == ""

    serve(use)


def test_a_rich_message_has_the_blocks_of_the_bot_api() -> None:
    text = "# A wish\n\na **red** fox\n\n- snow\n- night\n\n---\n\nplease"

    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sandbox.actions.rich(USER, text, photos=2)
        (message,) = await updates(api, "message")
        blocks = message["rich_message"]["blocks"]
        kinds = ["heading", "paragraph", "list", "divider", "paragraph", "collage"]
        assert [block["type"] for block in blocks] == kinds
        assert blocks[1]["text"] == ["a ", {"type": "bold", "text": "red"}, " fox"]
        assert "text" not in message
        assert blocks[-1]["blocks"][0]["photo"][-1]["file_id"] in sandbox.state.files.stored
        for block, name in zip(
            blocks, ("SectionHeading", "Paragraph", "List", "Divider"), strict=False
        ):
            assert fits(block, f"RichBlock{name}")
        own = [{"type": "thinking", "text": "…"}]
        sandbox.actions.rich(USER, blocks=own)
        (message,) = await updates(api, "message")
        assert message["rich_message"] == {"blocks": own}

    serve(use)


def test_what_telegram_says_about_a_file_can_be_chosen() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        fields = {"mime_type": "application/octet-stream", "file_name": "IMG_0001.jpg"}
        sent = sandbox.actions.send(USER, "document", fields={**fields, "file_size": None})
        assert sent["document"]["file_name"] == "IMG_0001.jpg"
        assert "file_size" not in sent["document"]
        liar = sandbox.actions.send(USER, "audio", fields={"duration": 1})
        assert liar["audio"]["duration"] == 1
        honest = sandbox.actions.send(USER, "audio")
        assert honest["audio"]["duration"] == 2

    serve(use)


def test_an_album_has_a_caption_for_each_file() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        items = [{"kind": "photo"}, {"kind": "photo"}, {"kind": "video"}]
        sandbox.actions.album(USER, items, ["one", "two"])
        album = await updates(api, "message")
        assert [message.get("caption") for message in album] == ["one", "two", None]
        assert len({message["media_group_id"] for message in album}) == 1

    serve(use)


def test_messages_of_every_place_have_the_shape_of_the_bot_api() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        forum = sandbox.membership.group("Forum", [USER], forum=True)
        thread = sandbox.membership.topic(forum.id, "Cats")
        sandbox.actions.say(USER, "/x", Where(chat=forum.id, thread=thread, anonymous=True))
        for message in await updates(api, "message"):
            assert fits(message, "Message")
            assert fits(message["chat"], "Chat")
            assert fits(message["from"], "User")

    serve(use)
