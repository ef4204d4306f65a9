"""What only operators may do, and that nobody else can, however the update is made up."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue import buttons, incoming, update_reader
from handlers.dialogue.effects import Show
from handlers.features.desk import FEATURE, overview
from handlers.features.desk.effects import Book, SwitchModel
from handlers.features.desk.overview_facts import Overview, RecentError
from handlers.words.texts import LANGUAGES, units
from tests.support import telegram_updates as telegram
from tests.support.talk import SHOP, Talk

ADMIN, STRANGER = 4711, 7
WITH_ADMIN = replace(SHOP, admins=frozenset({ADMIN}))
SEEN = Overview(active={"instance": "vps-1", "epoch": 7, "since": "2026-11-24T10:00:00Z"})
TARGET = {
    **{"user_id": 42, "username": "anna", "first_name": "Anna", "balance": 100},
    **{"price": 5, "paid": True, "refunded": False, "model": "z-image"},
}
#: Words that make each command do something.
WORDS = {
    "topup": "/topup 42 100",
    "grant": "/grant 42 100",
    "refund": "/refund 31",
    "model": "/model z-image off",
    "models": "/models",
    "admin": "/admin",
}

Update = dict[str, Any]


def by_admin(words: str) -> Update:
    return telegram.message(ADMIN, text=words)


def by_stranger(words: str) -> Update:
    return telegram.message(STRANGER, text=words)


def in_a_group(words: str) -> Update:
    update = by_admin(words)
    update["message"]["chat"] = {"id": -5, "type": "supergroup", "title": "x"}
    return update


def edited(words: str) -> Update:
    update = by_admin(words)
    update["edited_message"] = {**update.pop("message"), "edit_date": 2}
    return update


def in_a_channel(words: str) -> Update:
    update = by_admin(words)
    update["channel_post"] = update.pop("message")
    return update


def forwarded_from_the_admin(words: str) -> Update:
    admin = telegram.person(ADMIN)
    origin = {"type": "user", "date": 1, "sender_user": admin}
    return telegram.message(STRANGER, text=words, forward_origin=origin, forward_from=admin)


def answering_the_admin(words: str) -> Update:
    return telegram.message(STRANGER, text=words, reply_to_message=by_admin(words)["message"])


def in_the_admins_chat(words: str) -> Update:
    update = by_stranger(words)
    update["message"]["chat"]["id"] = ADMIN
    return update


def as_the_admin_in_a_strangers_chat(words: str) -> Update:
    update = by_admin(words)
    update["message"]["chat"]["id"] = STRANGER
    return update


def on_behalf_of_a_chat(words: str) -> Update:
    update = by_admin(words)
    update["message"]["sender_chat"] = {"id": -5, "type": "channel", "title": "x"}
    return update


def by_a_bot(words: str) -> Update:
    update = by_admin(words)
    update["message"]["from"]["is_bot"] = True
    return update


def with_the_number_as_text(words: str) -> Update:
    update = by_stranger(words)
    update["message"]["from"]["id"] = str(ADMIN)
    return update


def with_the_admins_name(words: str) -> Update:
    update = by_stranger(f"{words} {ADMIN}")
    update["message"]["from"] |= {"username": str(ADMIN), "first_name": str(ADMIN)}
    return update


FORGED: tuple[Callable[[str], Update], ...] = (
    *(by_stranger, in_a_group, edited, in_a_channel, forwarded_from_the_admin),
    *(answering_the_admin, in_the_admins_chat, as_the_admin_in_a_strangers_chat),
    *(on_behalf_of_a_chat, by_a_bot, with_the_number_as_text, with_the_admins_name),
)


def read(update: Update) -> incoming.Incoming | None:
    try:
        return update_reader.read(json.dumps(update))
    except Exception:  # noqa: BLE001 unreadable is refused, too
        return None


def effects_of(update: Update) -> tuple[Any, ...]:
    found = read(update)
    if found is None:
        return ()
    # The overview is there on purpose: not loading it must not be the only guard.
    loads = {"overview_for_operators": SEEN, "named_target": TARGET}
    return Talk(WITH_ADMIN, loads=loads).hear(update).effects


def acts(effects: tuple[Any, ...]) -> bool:
    """Whether any of this is for operators only."""
    moved = any(isinstance(each, Book | SwitchModel) for each in effects)
    words = ("vps-1", "/model ID", "on the menu", "@anna")
    return moved or any(word in str(effects) for word in words)


def test_the_words_of_this_test_cover_every_admin_command() -> None:
    assert set(WORDS) == set(FEATURE.operator_commands)


@pytest.mark.parametrize("name", WORDS)
def test_an_operator_in_private_may(name: str) -> None:
    assert acts(effects_of(by_admin(WORDS[name])))


@pytest.mark.parametrize("forged", FORGED, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", WORDS)
def test_nobody_else_may(name: str, forged: Callable[[str], Update]) -> None:
    update = forged(WORDS[name])

    assert not acts(effects_of(update))


def test_nobody_is_an_operator_where_none_is_named() -> None:
    talk = Talk(SHOP, loads={"overview_for_operators": SEEN}).hear(by_admin("/admin"))

    assert not acts(talk.effects)


def test_a_strangers_press_of_the_refresh_button_shows_nothing() -> None:
    update = telegram.press(buttons.encode("admin"), STRANGER)
    talk = Talk(WITH_ADMIN).hear(update)

    assert not acts(talk.effects)


def test_a_refresh_button_pressed_in_a_group_shows_nothing() -> None:
    update = telegram.press(buttons.encode("admin"), ADMIN)
    update["callback_query"]["message"]["chat"] = {"id": -5, "type": "group", "title": "x"}

    assert not acts(effects_of(update))


def test_a_refresh_shows_the_screen_in_place() -> None:
    talk = Talk(WITH_ADMIN, loads={"overview_for_operators": SEEN}).hear(
        telegram.press(buttons.encode("admin"), ADMIN, message_id=50)
    )

    assert "vps-1" in talk.screen.text
    assert isinstance(talk.effects[-1], Show)
    assert talk.effects[-1].message_id == 50
    assert talk.button("Refresh") == buttons.encode("admin")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screen_is_escaped_and_bounded_whatever_went_wrong(language: str) -> None:
    evil = "<b>&" * 999
    now = datetime(2026, 11, 24, tzinfo=UTC)
    worst = Overview(
        active={"instance": evil, "epoch": 10**12, "since": "2026-11-24T10:00:00+00:00"},
        waiting=[evil] * 50,
        queue={
            "unprocessed_updates": 10**9,
            "oldest_update_seconds": 1e9,
            "dead_updates": 10**9,
            "undelivered": 10**9,
            "held": 10**9,
            "oldest_result_seconds": 1e9,
        },
        jobs=dict.fromkeys(
            ("queued", "submitting", "unclear", "waiting", "success", "fail"), 10**9
        ),
        money={"at": now, "topped_up": 10**12, "granted": -(10**12), "paid": 1, "refunded": 1},
        troubles={f"part{n}": evil for n in range(30)},
        recent_errors=[
            RecentError(kind, 10**12, evil, now)
            for kind in ("update", "delivery", "job")
            for _ in range(9)
        ],
    )

    text = overview.screen(worst, language).text

    assert units(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) < 4096
    assert "<b>&" not in text
    assert text.count("<b>") == text.count("</b>")
    assert "&lt;b&gt;" in text
