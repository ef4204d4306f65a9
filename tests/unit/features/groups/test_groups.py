"""Groups: who is answered, with what, and what an order from there becomes."""

import json
from dataclasses import replace
from typing import Any

import pytest

from handlers import features
from handlers.dialogue import update_reader
from handlers.dialogue.effects import Say, Toast
from handlers.features.groups import rules
from handlers.features.groups.effects import standing
from handlers.features.groups.rules import (
    KeepWish,
    NoteLanguage,
    Standing,
    SwitchGroup,
)
from tests.support.chats.group_talk import (
    A_CHANNEL,
    ADMIN,
    BOT,
    CHANNEL,
    COMMANDED,
    GROUP,
    HERE,
    MARK,
    PHOTO,
    RICH,
    THEIRS,
    answer,
    captioned,
    hear,
    pointed,
    said,
)
from tests.support.chats.talk import Talk, needs_making
from tests.support.edges import telegram_updates as telegram
from tests.support.pages.screens import check_screen

KNOWN_COMMANDS = {
    name
    for feature in features.FEATURES
    for name in (*feature.commands, *feature.operator_commands)
}
#: Situation → what happens, and words of the answer in both languages.
SITUATIONS = {
    "a command with our name": (said("/help@painter_bot"), "mention me with a wish", "упомяните"),
    "a command of operators with our name": (
        said("/topup@painter_bot"),
        "mention me with a wish",
        "упомяните",
    ),
    "an unknown command with our name": (said("/nope@Painter_Bot"), "mention me", "упомяните"),
    "a command without a name": (said("/start"), "mention me with a wish", "упомяните"),
    "a mention without words": (said("@painter_bot"), "What shall I make", "Что сделать"),
    "a switch without a word": (said("/group"), "/group off", "/group off"),
    "an anonymous admin who wishes": (
        said("@painter_bot a fox", sender_chat=GROUP, **{"from": ADMIN}),
        "can't see who orders",
        "не видно, кто заказывает",
    ),
    "a channel that wishes": (
        said("@painter_bot a fox", sender_chat=A_CHANNEL, **{"from": CHANNEL}),
        "can't see who orders",
        "не видно, кто заказывает",
    ),
    "a channel that switches": (
        said("/group off", sender_chat=A_CHANNEL, **{"from": CHANNEL}),
        "Only the admins",
        "только админы",
    ),
    "a wish that needs a choice": (
        said("@painter_bot " + "x" * 25_000),
        "in private",
        "в личном чате",
    ),
}


if "making" not in {each.name for each in features.FEATURES}:
    del SITUATIONS["a command without a name"]  # /start is making's


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_situation_in_a_group_has_a_helpful_answer(situation: str) -> None:
    update, en, ru = SITUATIONS[situation]
    for language, words in (("en", en), ("ru", ru)):
        talk = Talk(loads={standing.__name__: HERE}, account=RICH)
        talk.language = language
        talk.hear(update)
        check_screen(talk.screen)
        assert words in talk.screen.text


@pytest.mark.parametrize(
    ("spoken", "update", "words"),
    [
        ("ru", said("@painter_bot a fox", sender_chat=GROUP, **{"from": ADMIN}), "не видно"),
        (None, said("@painter_bot лиса", sender_chat=GROUP, **{"from": ADMIN}), "не видно"),
        ("en", said("@painter_bot лиса", sender_chat=GROUP, **{"from": ADMIN}), "не видно"),
        ("ru", said("/group", sender_chat=GROUP, **{"from": ADMIN}), "отключает"),
        (None, said("/group", sender_chat=GROUP, **{"from": ADMIN}), "switches me off"),
        ("ru", said("/help@painter_bot", sender_chat=A_CHANNEL, **{"from": CHANNEL}), "упомяните"),
    ],
)
def test_who_stays_anonymous_is_answered_in_the_language_of_the_words_else_of_the_group(
    spoken: str | None, update: dict[str, Any], words: str
) -> None:
    assert words in hear(update, replace(HERE, language=spoken)).screen.text


def test_a_switch_by_who_stays_anonymous_is_told_in_the_language_of_the_group() -> None:
    update = said("/group off", sender_chat=GROUP, **{"from": ADMIN})

    (effect,) = hear(update, replace(HERE, language="ru")).effects

    assert effect == SwitchGroup(silent=True, proven=True, language="ru")


@pytest.mark.parametrize(("spoken", "noted"), [(None, 1), ("ru", 1), ("en", 0)])
def test_the_language_of_a_known_speaker_is_noted_once(spoken: str | None, noted: int) -> None:
    talk = hear(said("/help@painter_bot"), replace(HERE, language=spoken))

    assert len([each for each in talk.effects if each == NoteLanguage("en")]) == noted


@pytest.mark.parametrize(
    "update",
    [
        said("/help@other_bot"),
        said("/nope"),
        said("@other_bot a fox"),
        said("/photo@other_bot at night", photo=PHOTO, caption_entities=[COMMANDED]),
        said("/photo at night", photo=PHOTO),
        pointed("Painter is nice", entities=[{**MARK, "user": {**BOT, "is_bot": False}}]),
        pointed("Painter is nice", entities=[{**MARK, "user": {**BOT, "username": "other_bot"}}]),
        pointed("Painter is nice", entities=[{**MARK, "user": None}, {**MARK, "offset": 99}]),
        said("just talk"),
        answer("thanks", message={"message_id": 5, "date": 1, "chat": GROUP, "from": {"id": 9}}),
        answer(
            "hello",
            message={
                **{"message_id": 5, "date": 1, "chat": GROUP, "from": BOT},
                "forum_topic_created": {"name": "t", "icon_color": 1},
            },
        ),
        said("@painter_bot a fox", sender_chat=A_CHANNEL, is_automatic_forward=True),
        said("✨ Made with @painter_bot", photo=PHOTO, via_bot=BOT),
        answer("a fox", via_bot={**BOT, "id": 5, "username": "other_bot"}),
    ],
)
def test_what_is_not_for_us_is_none_of_our_business(update: dict[str, Any]) -> None:
    incoming = update_reader.read(json.dumps(update))
    if incoming is not None:
        assert hear(update).effects == ()


@pytest.mark.parametrize(
    "words", ["спасибо!", "thanks", "👍", "😂😂", "ок", "no", "пока", "🔥", ""]
)
@pytest.mark.parametrize("answered", [{"text": "x"}, {"photo": PHOTO}])
@pytest.mark.parametrize("silent", [False, True])
def test_what_people_say_to_a_result_is_for_the_group(
    words: str, answered: dict[str, Any], silent: bool
) -> None:
    message = {"message_id": 5, "date": 1, "chat": GROUP, "from": BOT, **answered}

    assert hear(answer(words, message=message), replace(HERE, silent=silent)).effects == ()


@pytest.mark.parametrize(
    "update",
    [
        said("@painter_bot спасибо"),
        said("@painter_bot привет!"),
        said("@painter_bot сколько стоит?"),
        answer("как пользоваться ботом"),
        answer("где моя картинка"),
        answer("ещё раз"),
        answer("thanks @painter_bot", message={**THEIRS, "from": BOT}),
        answer("сколько стоит?", message={**THEIRS, "from": BOT}),
        answer("how does it work?", message={**THEIRS, "from": BOT}),
        said("@painter_bot где моя картинка", reply_to_message=THEIRS),
    ],
)
def test_small_talk_with_us_in_a_group_is_told_how_to_order(update: dict[str, Any]) -> None:
    talk = hear(update)

    assert "mention me with a wish" in talk.screen.text
    assert not [each for each in talk.effects if isinstance(each, KeepWish)]


@pytest.mark.parametrize(
    "update",
    [
        said("@painter_bot спасибо", photo=PHOTO),
        answer("лучше", message={**THEIRS, "from": BOT}),
        said("@painter_bot 🔥", reply_to_message=THEIRS),
        answer("спасибо, а теперь лиса в лесу"),
    ],
)
def test_words_about_a_picture_or_beside_thanks_are_a_wish(update: dict[str, Any]) -> None:
    assert [each for each in hear(update).effects if isinstance(each, KeepWish)]


@pytest.mark.parametrize(
    ("update", "words", "model"),
    [
        (said("@painter_bot a fox, please"), "a fox, please", "z-image"),
        (said("🦊🦊 @Painter_Bot: a fox"), "🦊🦊   a fox", "z-image"),
        (answer("a fox"), "a fox", "z-image"),
        (said("/imagine@painter_bot a fox"), "a fox", "z-image"),
        pytest.param(said("/image a fox"), "a fox", "z-image", marks=needs_making),
        (said("/draw@painter_bot a fox"), "a fox", "z-image"),
        (said("@painter_bot at night", photo=PHOTO), "at night", "google/nano-banana-edit"),
        (
            said("/photo@Painter_Bot at night", photo=PHOTO, caption_entities=[COMMANDED]),
            "at night",
            "google/nano-banana-edit",
        ),
        (pointed("🦊 Painter a fox"), "🦊 a fox", "z-image"),
        (pointed("Painter: at night", photo=PHOTO), "at night", "google/nano-banana-edit"),
    ],
)
def test_words_for_us_become_a_wish_of_who_wrote_them(
    update: dict[str, Any], words: str, model: str
) -> None:
    effects = hear(update).effects

    (wish,) = (each for each in effects if isinstance(each, KeepWish))
    assert wish.inputs["prompt"].split() == words.split()
    assert wish.message_id == update["message"]["message_id"]
    assert wish.started
    assert (wish.offer.model == "z-image") == (model == "z-image")


@needs_making
@pytest.mark.parametrize("name", sorted(KNOWN_COMMANDS - {"image", "imagine", "photo", "video"}))
def test_the_words_of_a_command_of_the_private_chat_are_no_wish(name: str) -> None:
    talk = hear(said(f"/{name}@painter_bot a fox"))

    assert not [each for each in talk.effects if isinstance(each, KeepWish)]
    assert ("mention me with a wish" in talk.screen.text) == (name != rules.SWITCH)


@needs_making
def test_the_command_of_a_caption_says_what_is_made_of_the_photo() -> None:
    effects = hear(captioned("/video@painter_bot it runs")).effects

    (wish,) = (each for each in effects if isinstance(each, KeepWish))
    assert (wish.offer.kind, wish.inputs["prompt"]) == ("video", "it runs")
    assert str(PHOTO[0]["file_id"]) in str(wish.inputs)


def test_the_words_of_another_command_under_a_photo_are_no_wish() -> None:
    effects = hear(captioned("/group@painter_bot off")).effects

    assert SwitchGroup(True, proven=False) in effects
    assert not [each for each in effects if isinstance(each, KeepWish)]


@needs_making
def test_a_video_is_ordered_by_its_command() -> None:
    effects = hear(said("/video waves at night")).effects

    (wish,) = (each for each in effects if isinstance(each, KeepWish))
    assert (wish.offer.kind, wish.inputs["prompt"]) == ("video", "waves at night")


@pytest.mark.parametrize(
    ("update", "silent", "proven"),
    [
        (said("/group off"), True, False),
        (said("/group@painter_bot ON"), False, False),
        (said("/group выкл"), True, False),
        (said("/group off", sender_chat=GROUP, **{"from": ADMIN}), True, True),
    ],
)
def test_who_writes_in_the_name_of_the_group_is_believed_and_nobody_else(
    update: dict[str, Any], silent: bool, proven: bool
) -> None:
    language = "en" if proven else ""  # who stays anonymous has none

    assert SwitchGroup(silent, proven, language) in hear(update).effects


def test_a_group_that_is_switched_off_is_told_how_to_switch_on() -> None:
    off = Standing(silent=True, started=True)
    for update in (said("/help@painter_bot"), said("@painter_bot a fox"), answer("a fox")):
        talk = hear(update, off)
        assert "/group on" in talk.screen.text
        assert not [each for each in talk.effects if isinstance(each, KeepWish)]
    assert SwitchGroup(False, False) in hear(said("/group on"), off).effects


def test_a_press_in_a_group_says_where_buttons_work() -> None:
    update = telegram.press("create|3|")
    update["callback_query"]["message"]["chat"] = GROUP

    (toast,) = (each for each in hear(update).effects if isinstance(each, Toast))

    assert toast.alert
    assert "Mention me" in toast.text


# ------------------------------------------------------------------------------ in private --


def test_the_command_in_private_says_how_groups_work() -> None:
    assert "/group off" in Talk().says("/group").screen.text


def test_every_line_of_a_group_leads_to_the_private_chat() -> None:
    talk = hear(said("/help@painter_bot"))

    (say,) = (each for each in talk.effects if isinstance(each, Say))
    assert say.screen.keyboard[0][0].url == "https://t.me/painter_bot"
