"""What waits for a group that has become a supergroup goes there."""

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import removing, replying, saying, showing
from handlers.dialogue.effects import Screen
from handlers.words.texts import Markup
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import URL, put, settled
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
