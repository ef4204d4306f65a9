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
from kie.catalogue.user_file import UNTOLD
from tests.support.edges import telegram_updates as telegram

USER = {"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": "ru"}
CHAT = {"id": 7, "type": "private", "first_name": "Anna"}
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}
GROUP = {"id": -100, "type": "supergroup", "title": "Us"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1, "chat": CHAT, "from": USER, **content}


def press(**content: Any) -> dict[str, Any]:
    return {"id": "q", "from": USER, "chat_instance": "c", "data": "menu||", **content}


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


def read(content: dict[str, Any]) -> Any:
    return update_reader.read(json.dumps({"update_id": 1, **content}))


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


RICH = {
    "blocks": [
        {"type": "heading", "text": "A fox", "size": 1},
        {"type": "paragraph", "text": ["in ", {"type": "bold", "text": "deep"}, " snow"]},
        {"type": "list", "items": [{"label": "•", "blocks": [{"type": "p", "text": "red"}]}]},
        {"type": "something_new", "blocks": [{"type": "paragraph", "text": "and calm"}]},
    ]
}


def test_the_words_of_a_rich_message_are_its_text() -> None:
    found = read({"message": message(rich_message=RICH)})

    assert isinstance(found, Text)
    assert found.text.splitlines() == ["A fox", "in deep snow", "•", "red", "and calm"]


def test_the_pictures_of_a_rich_message_are_its_files() -> None:
    two = [{"type": "photo", "photo": [{**PHOTO, "file_id": name}]} for name in ("a", "b")]
    blocks = [*RICH["blocks"], {"type": "collage", "blocks": two}]
    found = read({"message": message(rich_message={"blocks": blocks})})

    assert isinstance(found, Media)
    assert [found.file.file_id, *(each.file_id for each in found.more)] == ["a", "b"]
    assert found.caption.startswith("A fox")


def test_a_command_in_a_rich_message_is_a_command() -> None:
    blocks = [{"type": "paragraph", "text": "/help"}]

    assert isinstance(read({"message": message(rich_message={"blocks": blocks})}), Command)


@pytest.mark.parametrize(
    "odd",
    [
        {"forward_origin": {"type": "hidden_user"}},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": None}},
        {"forward_origin": 5, "reply_markup": "x", "entities": [{"type": 7}]},
        {"caption_entities": "?", "quote": [], "via_bot": None},
    ],
)
def test_of_a_photo_only_its_own_object_is_read(odd: dict[str, Any]) -> None:
    assert isinstance(read({"message": message(photo=[PHOTO], **odd)}), Media)


@pytest.mark.parametrize(
    ("told", "name", "mime"),
    [
        ("application/octet-stream", "IMG_0001.jpg", "image/jpeg"),
        ("application/octet-stream", "IMG_0001.JPEG", "image/jpeg"),
        ("image/jpeg; charset=binary", "x", "image/jpeg"),
        ("IMAGE/JPG", "x", "image/jpeg"),
        (None, "voice.m4a", "audio/mp4"),
        (5, "clip.MOV", "video/quicktime"),
        ("", "song.mp3", "audio/mpeg"),
        ("application/jpg", "a.jpg", "image/jpeg"),
        ("application/force-download", "a.png", "image/png"),
        ("multipart/form-data", "a.webp", "image/webp"),
        ("text/plain", "a.png", "image/png"),
        ("application/mp4", "a.mp4", "video/mp4"),
        ("application/ogg", "a.ogg", "audio/ogg"),
        ("image/*", "a.png", "image/png"),
        ("image", "a.png", "image/png"),
        ("image/jpeg, image/png", "a", "image/jpeg"),
        ("audio/x-flac", "a", "audio/flac"),
        ("application/octet-stream", "a.webm", "video/webm"),
        ("image/avif", "a.jpg", "image/avif"),
    ],
)
def test_a_documents_type_is_read_from_what_there_is(told: Any, name: str, mime: str) -> None:
    document = {"file_id": "f", "file_unique_id": "u", "file_name": name, "mime_type": told}
    found = read({"message": message(document=document)})

    assert isinstance(found, Media)
    assert found.file.mime == mime


@pytest.mark.parametrize("told", ["text/plain", "application/zip", "application/pdf", None])
@pytest.mark.parametrize("name", ["notes.txt", "a", "jpg", None, 5])
def test_a_document_that_is_nothing_of_ours_is_no_file(told: Any, name: Any) -> None:
    document = {"file_id": "f", "file_unique_id": "u", "file_name": name, "mime_type": told}

    assert isinstance(read({"message": message(document=document)}), Other)


@pytest.mark.parametrize("told", [None, "", "application/octet-stream", "binary/octet-stream"])
@pytest.mark.parametrize("name", [None, "photo", "scan 2026.11.30", "кадр. первый"])
def test_a_document_without_type_and_ending_that_telegram_shows_is_a_picture(
    told: Any, name: Any
) -> None:
    document = {"file_id": "f", "file_name": name, "mime_type": told, "thumbnail": PHOTO}
    found = read({"message": message(document=document)})

    assert isinstance(found, Media)
    assert (found.file.kind, found.file.mime) == ("image", UNTOLD)


@pytest.mark.parametrize("name", ["book.epub", "archive.7z", "a.py"])
def test_a_document_with_another_ending_is_none(name: str) -> None:
    document = {"file_id": "f", "file_name": name, "thumbnail": PHOTO}

    assert isinstance(read({"message": message(document=document)}), Other)


@pytest.mark.parametrize("told", ["image/heic", "application/octet-stream", "image/heic-sequence"])
def test_a_photo_in_the_format_of_iphones_is_refused_with_what_helps(told: str) -> None:
    document = {"file_id": "f", "file_name": "IMG_1.HEIC", "mime_type": told}
    found = read({"message": message(document=document)})

    assert isinstance(found, Other)
    assert found.hint == "send_as_photo"


@pytest.mark.parametrize(
    "file_id", ["", "a\x00b", "half\ud83d", "й", "x" * 500, 5, None, ["f"]], ids=repr
)
def test_a_file_that_cannot_be_named_back_is_no_file(file_id: Any) -> None:
    found = read({"message": message(photo=[{**PHOTO, "file_id": file_id}])})

    assert isinstance(found, Other)


@pytest.mark.parametrize("size", [-5, 2**70, "9", True, None])
def test_sizes_and_durations_that_cannot_be_are_not_believed(size: Any) -> None:
    voice = {"file_id": "f", "duration": size, "file_size": size, "mime_type": "audio/ogg"}
    found = read({"message": message(voice=voice)})

    assert isinstance(found, Media)
    assert (found.file.size, found.file.seconds) == (0, None) or size == 2**70


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
        ("Анна 🎨", "Анна 🎨"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner belongs to the word
    ],
)
def test_a_name_does_not_turn_what_stands_beside_it(name: str, kept: str | None) -> None:
    update = telegram.message(text="x")
    update["message"]["from"]["first_name"] = name

    found = update_reader.read(json.dumps(update))
    assert found is not None
    assert found.sender.first_name == kept
