"""Updates are read as PTB would read them, and what is not as the Bot API says is refused."""

import json
from typing import Any

import pytest
from telegram import Message, Update

from handlers.dialogue import update_reader
from handlers.dialogue.incoming import (
    Checkout,
    Command,
    Edited,
    Media,
    Membership,
    Other,
    Paid,
    Pressed,
    SubscriptionNews,
    Text,
)
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.incoming_updates import CHAT, GROUP, PHOTO, USER, message, press, read


@pytest.mark.parametrize(
    "update",
    [
        {"message": message(text="/start@Painter_Bot deep  link")},
        {"message": message(text="a <b> lighthouse")},
        {"message": message(text="/help", chat=GROUP)},
        {"message": message(photo=[PHOTO])},
        {"message": message(dice={"emoji": "🎲", "value": 3})},
        {"callback_query": press(message=message(text="shown"))},
        {"callback_query": press(message={"message_id": 5, "date": 0, "chat": CHAT})},
        {"callback_query": press(message=message(caption="a photo"))},
        {"callback_query": press()},
        {"callback_query": press(message=message(text="shown", chat=GROUP))},
    ],
)  # fmt: skip
def test_senders_texts_and_presses_are_what_ptb_makes_of_them(update: dict[str, Any]) -> None:
    theirs = Update.de_json({"update_id": 1, **update}, None)

    found = update_reader.read(json.dumps({"update_id": 1, **update}))

    assert found is not None
    assert theirs.effective_user is not None
    assert found.sender.user_id == theirs.effective_user.id
    assert found.sender.username == theirs.effective_user.username
    assert found.sender.first_name == theirs.effective_user.first_name
    assert found.sender.language_code == theirs.effective_user.language_code
    chat = theirs.effective_chat
    assert found.sender.chat_id == (chat.id if chat else theirs.effective_user.id)
    assert found.sender.private == (chat is None or chat.type == "private")
    if isinstance(found, Pressed):
        assert theirs.callback_query is not None
        assert (found.query_id, found.data) == (
            theirs.callback_query.id,
            theirs.callback_query.data,
        )
        under = theirs.callback_query.message
        editable = isinstance(under, Message) and under.text is not None
        assert found.message_id == (5 if editable else None)


def test_the_kinds_of_updates_are_told_apart() -> None:
    def kind(**content: Any) -> type | None:
        found = update_reader.read(json.dumps({"update_id": 1, **content}))
        return None if found is None else type(found)

    assert kind(message=message(text="/new")) is Command
    assert kind(message=message(text="new")) is Text
    assert kind(message=message(dice={"emoji": "🎲", "value": 3})) is Other
    assert kind(message=message(photo=[PHOTO])) is Media
    assert kind(callback_query=press()) is Pressed
    assert kind(pre_checkout_query={"id": "q", "from": USER}) is Checkout
    change = {"chat": CHAT, "from": USER, "new_chat_member": {"status": "kicked"}}
    assert kind(my_chat_member=change) is Membership
    assert kind(edited_message=message(text="x")) is Edited
    assert kind(message=message(text="x", sender_chat=GROUP)) is None
    assert kind(message=message(text="x", **{"from": {**USER, "is_bot": True}})) is None
    assert kind(message=message(new_chat_title="x")) is None
    assert kind(message=message(text="not a command", chat=GROUP)) is None
    assert kind(poll={"id": "1"}) is None


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "5",
        "{",
        '{"message": 5}',
        '{"message": {"chat": {"id": 7}, "message_id": "x"}}',
        json.dumps({"message": message(chat={"id": True, "type": "private"})}),
        json.dumps({"message": message(chat={"id": 2**63, "type": "private"})}),
        json.dumps({"message": message(chat={"id": 2**52, "type": "private"})}),
        json.dumps({"message": message(text="x", chat={"id": 0, "type": "private"})}),
        json.dumps({"message": message(text="x", **{"from": {**USER, "id": 0}})}),
        json.dumps({"message": message(text="x", **{"from": {**USER, "id": -7}})}),
        json.dumps({"message": message(text="x", **{"from": {"id": "7"}})}),
        json.dumps({"callback_query": press(id=5)}),
        json.dumps({"callback_query": press(message=[])}),
        json.dumps({"pre_checkout_query": {"from": USER}}),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_not_as_the_bot_api_says_is_refused(body: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, RecursionError)):
        update_reader.read(body)


def test_fields_that_nobody_knows_yet_disturb_nothing() -> None:
    update = telegram.message(text="/help")
    update["message"]["some_day"] = {"deep": [1, {"er": None}]}
    update["message"]["from"]["some_day"] = 5

    assert isinstance(update_reader.read(json.dumps(update)), Command)


# ------------------------------------------------ what the field has sent us --


def test_an_explicit_null_is_an_absent_field() -> None:
    nulls = dict.fromkeys(
        ("entities", "photo", "reply_to_message", "sender_chat", "rich_message", "via_bot")
    )
    found = read({"message": message(text="a fox", **nulls), "edited_message": None})

    assert isinstance(found, Text)
    assert found.text == "a fox"
    assert read({"message": None, "callback_query": press(message=None)}).query_id == "q"
    assert read({"message": None}) is None
    user = {**USER, "username": None, "language_code": None}
    assert read({"message": message(text="x", **{"from": user})}).sender.username is None


def test_payments_and_gifts_are_no_silence() -> None:
    payment = {"currency": "XTR", "total_amount": 50, "invoice_payload": "p"}
    charge = {**payment, "telegram_payment_charge_id": "c1"}

    paid = read({"message": message(successful_payment=charge)})
    refunded = read({"message": message(refunded_payment=charge)})

    assert (paid.charge_id, paid.amount, paid.refunded) == ("c1", 50, False)
    assert refunded.refunded
    assert read({"message": message(gift={"gift": {}})}).kind == "gift"
    assert read({"message": message(unique_gift={"gift": {}})}).kind == "gift"


@pytest.mark.parametrize("kind", ["pinned_message", "new_chat_members", "web_app_data", "giveaway"])
def test_service_messages_stay_without_an_answer(kind: str) -> None:
    assert read({"message": message(**{kind: {"x": 1}})}) is None


@pytest.mark.parametrize("kind", ["something_new", "live_location_2", "poll", "contact"])
def test_whatever_else_is_new_in_private_is_no_silence(kind: str) -> None:
    found = read({"message": message(**{kind: {"x": 1}})})

    assert isinstance(found, Other)
    assert found.attribute == kind


def test_the_topic_is_part_of_where_an_answer_goes() -> None:
    in_topic = message(text="/help", chat=GROUP, message_thread_id=9, is_topic_message=True)
    in_thread = message(text="/help", chat=GROUP, message_thread_id=9)
    in_private = message(text="x", message_thread_id=4)

    assert read({"message": in_topic}).sender.thread == 9
    assert read({"message": in_thread}).sender.thread is None
    assert read({"message": in_private}).sender.thread == 4
    assert read({"callback_query": press(message=in_topic)}).sender.thread == 9


def test_an_administrator_who_stays_anonymous_is_heard_in_the_group() -> None:
    admin = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    found = read(
        {"message": message(text="/help", chat=GROUP, sender_chat=GROUP, **{"from": admin})}
    )
    channel = {"id": -200, "type": "channel", "title": "News"}

    assert isinstance(found, Command)
    assert read({"message": message(text="/help", chat=GROUP, sender_chat=channel)}) is None


def test_a_forwarded_command_is_not_its_senders_own() -> None:
    own = read({"message": message(text="/grant 7 5")})
    forwarded = read({"message": message(text="/grant 7 5", forward_origin={"type": "user"})})
    through = read({"message": message(text="/grant 7 5", via_bot={"id": 5})})

    assert [own.own, forwarded.own, through.own] == [True, False, False]


def test_a_reply_knows_the_picture_that_it_replies_to() -> None:
    found = read({"message": message(text="make it blue", reply_to_message=message(photo=[PHOTO]))})

    assert found.replied is not None
    assert found.replied.file_id == "f"


def test_a_reply_to_a_picture_in_another_chat_knows_it_as_well() -> None:
    found = read({"message": message(text="make it blue", external_reply={"photo": [PHOTO]})})

    assert isinstance(found, Text) and found.replied is not None
    assert found.replied.file_id == "f"


def test_who_is_read_even_where_nothing_else_can_be() -> None:
    broken = json.dumps({"message": message(text="x", message_id="?")})
    with pytest.raises(TypeError):
        update_reader.read(broken)

    sender = update_reader.who(broken)
    assert sender is not None
    assert (sender.chat_id, sender.language_code) == (7, "ru")
    assert update_reader.who('{"message": {"chat": {"id": -5, "type": "group"}}}') is None
    assert update_reader.who("[" * 10**5) is None


ODD = [[], "x", 5, True, [None], {}, {"photo": "x"}, {"from": "x"}, {"photo": [{"file_id": 5}]}]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["reply_to_message", "external_reply", "quote", "via_bot"])
def test_what_a_message_refers_to_cannot_make_its_words_unreadable(name: str, odd: Any) -> None:
    found = update_reader.read(json.dumps(telegram.message(text="a red fox", **{name: odd})))

    assert isinstance(found, Text) and found.text == "a red fox"
    assert found.replied is None


def test_news_of_a_subscription_name_it_by_the_payload_of_its_invoice() -> None:
    user = {"id": 7, "is_bot": False, "first_name": "Anna"}
    told = {"user": user, "invoice_payload": "o:1.00", "state": "canceled"}
    news = read({"subscription": told})

    assert isinstance(news, SubscriptionNews)
    assert (news.sender.chat_id, news.payload, news.state) == (7, "o:1.00", "canceled")
    assert news.sender.private
    bare = read({"subscription": {"user": user, "state": None}})
    assert isinstance(bare, SubscriptionNews)
    assert (bare.payload, bare.state) == ("", "")


@pytest.mark.parametrize("recurring", [None, "yes", 1, False])
def test_only_true_makes_a_payment_a_month_of_a_subscription(recurring: object) -> None:
    content = {"currency": "XTR", "total_amount": 5, "telegram_payment_charge_id": "c"}

    def paid(value: object) -> Paid:
        payment = {**content, "is_recurring": value, "is_first_recurring": value}
        found = read({"message": message(successful_payment=payment)})
        assert isinstance(found, Paid)
        return found

    assert (paid(recurring).recurring, paid(recurring).first) == (False, False)
    assert (paid(True).recurring, paid(True).first) == (True, True)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("\u202eAnna", "Anna"),  # the amount behind it would be read backwards
        ("An\u2066na\u2069\u200f", "Anna"),
        ("\u202e\u2067", None),
        ("@anna", "anna"),  # operators would take it for the @name of another user
        ("\u200e＠anna ﹫work", "anna work"),
        ("@", None),
        ("Анна 🎨", "Анна 🎨"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner belongs to the word
    ],
)
def test_a_name_neither_turns_what_stands_beside_it_nor_looks_like_another_one(
    name: str, kept: str | None
) -> None:
    update = telegram.message(text="x")
    update["message"]["from"]["first_name"] = name

    found = update_reader.read(json.dumps(update))
    assert found is not None
    assert found.sender.first_name == kept
