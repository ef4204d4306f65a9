"""What waits for a group that has become a supergroup, or has thrown the bot out."""

import pytest

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import removing, replying, saying, showing
from handlers.dialogue.effects import Screen
from handlers.words.texts import Markup
from supervisor.runtime.errors import BotError
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import URL, put, settled
from tests.support.chats.star_payments import known
from tests.support.edges.telegram_answers import refused

OLD, NEW = -5, -1005


def test_a_result_and_what_waits_behind_it_arrive_in_the_supergroup(talk: Conversation) -> None:
    moved = refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=NEW)
    talk.telegram.script["send_photo"] = [moved]
    talk.telegram.script["send_message"] = [moved]
    shown = showing("photo", [URL], Markup("a fox"), (), link=Markup("see"), lost=Markup("lost"))
    picture = replying(shown, 77)
    put(
        talk,
        Delivery(OLD, "result", picture, "picture"),
        Delivery(OLD, "answer", saying(Screen(Markup("a line"))), "line"),
        Delivery(OLD, "answer", removing(76), "remove"),
    )
    with talk.sending():
        settled(talk, "picture", "sent")
        settled(talk, "line", "sent")
        settled(talk, "remove", "dropped")

    assert [each["chat_id"] for each in talk.telegram.sent("send_photo")] == [OLD, NEW]
    assert [each["chat_id"] for each in talk.telegram.sent("send_message")][-1] == NEW
    assert talk.telegram.sent("send_photo")[-1]["reply_parameters"] is None
    assert talk.telegram.sent("delete_message") == []
    assert {row["chat_id"] for row in talk.rows("SELECT chat_id FROM deliveries")} == {NEW}


@pytest.mark.parametrize(
    "refusal",
    [
        refused(403, "Forbidden: bot was kicked from the supergroup chat"),
        refused(400, "Bad Request: not enough rights to send photos to the chat"),
        refused(400, "Bad Request: chat not found"),
    ],
    ids=["kicked", "restricted", "gone"],
)
def test_a_result_for_a_group_that_threw_the_bot_out_comes_to_its_user(
    talk: Conversation, refusal: BotError
) -> None:
    known(talk)
    first, second = (
        talk.rows(
            "INSERT INTO generation_jobs (bot_id, user_id, chat_id, model, status, input_params)"
            " VALUES (%s, 7, %s, 'z-image', 'success', '{}') RETURNING id",
            *(BOT_ID, NEW),
        )[0]["id"]
        for _ in range(2)
    )
    talk.telegram.script["send_photo"] = [refusal]
    picture = replying(showing("photo", [URL], Markup("a fox"), (), link=Markup("see")), 77)
    put(talk, Delivery(NEW, "result", picture, "first", first))
    with talk.sending():
        settled(talk, "first", "sent")
        put(talk, Delivery(NEW, "result", picture, "second", second))  # the group is known by now
        settled(talk, "second", "sent")

    assert [each["chat_id"] for each in talk.telegram.sent("send_photo")] == [NEW, 7, 7]
    assert talk.rows("SELECT chat_id FROM chats WHERE NOT reachable") == [{"chat_id": NEW}]


def test_a_result_for_a_group_that_lets_nobody_write_in_its_topic_comes_to_its_user(
    talk: Conversation,
) -> None:
    known(talk)
    job = talk.rows(
        "INSERT INTO generation_jobs (bot_id, user_id, chat_id, model, status, input_params)"
        " VALUES (%s, 7, %s, 'z-image', 'success', '{}') RETURNING id",
        *(BOT_ID, NEW),
    )[0]["id"]
    talk.telegram.script["send_photo"] = [refused(400, "Bad Request: TOPIC_CLOSED")] * 2
    picture = replying(showing("photo", [URL], Markup("a fox"), (), link=Markup("see")), 77)
    put(talk, Delivery(NEW, "result", picture, "picture", job))
    with talk.sending():
        settled(talk, "picture", "sent")

    assert [each["chat_id"] for each in talk.telegram.sent("send_photo")] == [NEW, NEW, 7]
    assert talk.rows("SELECT chat_id FROM chats WHERE NOT reachable") == []
